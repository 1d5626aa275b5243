#!/usr/bin/env python3
"""Fails where a target imports what Package.swift does not declare for it."""
import json
import pathlib
import re
import subprocess
import sys

ALWAYS = {
    "Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "_StringProcessing", "Testing", "Swift", "Glibc", "Musl", "Darwin",
}


def declared(target):
    names = set()
    for dependency in target.get("dependencies", []):
        for form, key in (("byName", 0), ("target", 0), ("product", 0)):
            if form in dependency:
                names.add(dependency[form][key])
    return names


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    dump = subprocess.run(["swift", "package", "dump-package"], cwd=root, check=True, capture_output=True, text=True)
    # C modules that come with a package's Swift one.
    implied = {"GRDB": {"GRDBSQLite", "GRDB"}, "Yams": {"CYaml", "Yams"}}
    problems = []
    for target in json.loads(dump.stdout)["targets"]:
        if target["type"] == "system":
            continue
        folder = root / (target.get("path") or ("Tests/" if target["type"] == "test" else "Sources/") + target["name"])
        allowed = ALWAYS | {target["name"]}
        for name in declared(target):
            allowed |= implied.get(name, {name})
        for file in sorted(folder.rglob("*.swift")):
            for number, line in enumerate(file.read_text().splitlines(), 1):
                found = re.match(r"(?:@\w+(?:\(\w+\))?\s+)*(?:public |package |internal |private )?import (?:struct |class |enum |func )?(\w+)", line)
                if found and found.group(1) not in allowed:
                    problems.append(f"{file.relative_to(root)}:{number}: {target['name']} does not declare {found.group(1)}")
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


sys.exit(main())
