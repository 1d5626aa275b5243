"""Reads the notation of large_schemas.txt: definitions of custom resources, and an example object of each."""
import re

# A word, which may have quoted, bracketed or slashed parts with spaces in them.
_WORD = re.compile(r"(?:[^\s(/]|\([^)]*(?:\([^)]*\)[^)]*)*\)|(?<=\S)/)+|/(?:\\.|[^/\\])+/")


class Resource:
    def __init__(self, line, schema):
        words = _WORD.findall(line)
        self.kind, self.plural, self.group, versions, scope = words[1:6]
        self.versions, self.is_namespaced = versions.split(","), scope == "Namespaced"
        self.schema = schema
        self.short_names = [w[6:] for w in words if w.startswith("short=")]
        self.categories = [w[9:] for w in words if w.startswith("category=")]
        self.columns = [w[7:-1].split("|") for w in words if w.startswith("column(")]
        self.scale = [w[6:-1].split("|") for w in words if w.startswith("scale(")]

    @property
    def name(self):
        return f"{self.plural}.{self.group}"

    @property
    def definition(self):
        subresources = {"status": {}} if "status" in self.schema["properties"] else {}
        for paths in self.scale:
            names = ["specReplicasPath", "statusReplicasPath", "labelSelectorPath"]
            subresources["scale"] = dict(zip(names, paths))
        versions = [{
            "name": version, "served": True, "storage": version == self.versions[0], "subresources": subresources,
            "additionalPrinterColumns": [
                {"name": name, "type": type, "jsonPath": path} for name, type, path in self.columns],
            "schema": {"openAPIV3Schema": self.schema}} for version in self.versions]
        return {
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": {"name": self.name},
            "spec": {
                "group": self.group, "scope": "Namespaced" if self.is_namespaced else "Cluster",
                "names": {
                    "plural": self.plural, "kind": self.kind, "shortNames": self.short_names,
                    "categories": self.categories},
                "versions": versions}}

    def path(self, version=None):
        return (f"/apis/{self.group}/{version or self.versions[0]}/"
                + ("namespaces/default/" if self.is_namespaced else "") + self.plural)

    def object(self, name, is_full):
        """An object with every member that there is, or with those that are required alone."""
        members = {
            key: example(value, is_full) for key, value in self.schema["properties"].items()
            if key == "spec" or (is_full and key != "status")}
        return {
            "apiVersion": f"{self.group}/{self.versions[0]}", "kind": self.kind, "metadata": {"name": name}, **members}


def example(schema, is_full):
    if "x-example" in schema:
        return schema["x-example"]
    if "enum" in schema:
        return schema["enum"][-1]
    if "x-kubernetes-int-or-string" in schema:
        return "25%"
    if "x-kubernetes-embedded-resource" in schema:
        return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "inner"}, "data": {"any": "thing"}}
    kind = schema["type"]
    if kind == "object":
        if "additionalProperties" in schema:
            return {"a": example(schema["additionalProperties"], is_full)}
        if "properties" not in schema:
            return {"any": {"thing": [1, "two", None]}}
        wanted = set(schema.get("required", []))
        choices = [option["required"][0] for option in schema.get("oneOf", schema.get("anyOf", []))]
        if is_full:
            wanted = set(schema["properties"]) - (set(choices[1:]) if "oneOf" in schema else set())
        elif choices:
            wanted.add(choices[0])
        return {name: example(value, is_full) for name, value in schema["properties"].items() if name in wanted}
    if kind == "array":
        return [example(schema["items"], is_full)]
    if kind in ("integer", "number"):
        return schema.get("maximum", schema.get("minimum", 7))
    if kind == "boolean":
        return True
    return {"date-time": "2026-01-02T03:04:05Z", "byte": "YWJj"}.get(schema.get("format"), "text")


def read(path):
    blocks, resources = {}, []
    heads = []
    with open(path) as file:
        for line in file.read().split("\n"):
            if not line.strip() or line.startswith("#"):
                continue
            if line[0] != " ":
                heads.append((line, []))
            else:
                heads[-1][1].append(line)
    for head, lines in heads:
        if head.startswith("block "):
            blocks[head.split()[1]] = lines
    for head, lines in heads:
        if head.startswith("resource "):
            schema = {"type": "object", "description": f"{head.split()[1]}, one of the large kinds."}
            _add_members(schema, _tree(lines), blocks)
            resources.append(Resource(head, schema))
    return resources


def strip_examples(schema):
    """The schema without what only this module reads."""
    if isinstance(schema, dict):
        return {key: strip_examples(value) for key, value in schema.items() if key != "x-example"}
    return [strip_examples(item) for item in schema] if isinstance(schema, list) else schema


def _tree(lines):
    """Lines with the lines that are indented below them."""
    result, stack = [], []
    for line in lines:
        depth = len(line) - len(line.lstrip())
        while stack and stack[-1][0] >= depth:
            stack.pop()
        node = (line.strip(), [])
        (stack[-1][1] if stack else result).append(node)
        stack.append((depth, node[1]))
    return result


def _add_members(schema, tree, blocks):
    for text, children in tree:
        if text.startswith("&"):
            _add_members(schema, _tree(blocks[text[1:]]), blocks)
            continue
        words = _WORD.findall(text)
        head, type, rest = words[0], words[1], words[2:]
        name, _, default = head.partition("=")
        if name.endswith("*"):
            name = name[:-1]
            schema.setdefault("required", []).append(name)
        member = _schema(type, rest, children, blocks)
        member["description"] = f"What {name} there is to be."
        if default:
            innermost = member.get("type")
            member["default"] = (
                int(default) if innermost == "integer" else default == "true" if innermost == "boolean" else default)
        schema.setdefault("properties", {})[name] = member


def _schema(type, words, children, blocks):
    if type.startswith("["):
        outer = {"type": "array", "items": _schema(type[1:-1], [w for w in words if w.startswith("enum(")], children, blocks)}
        for word in words:
            if word.startswith("keys("):
                outer.update({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": word[5:-1].split("|")})
            elif word in ("set", "atomic"):
                outer["x-kubernetes-list-type"] = word
        return outer
    if type.startswith("{"):
        return {"type": "object", "additionalProperties": _schema(type[1:-1], [], children, blocks)}
    schema = {
        "intOrString": {"x-kubernetes-int-or-string": True},
        "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
        "embedded": {"type": "object", "x-kubernetes-embedded-resource": True},
        "int32": {"type": "integer", "format": "int32"}}.get(type, {"type": type}).copy()
    for word in words:
        key, _, value = word.partition("=")
        if word.startswith("/"):
            schema["pattern"] = word[1:-1].replace("\\/", "/")
        elif word.startswith("~"):
            schema["x-example"] = word[1:]
        elif word.startswith("enum("):
            values = word[5:-1].split("|")
            schema["enum"] = [int(v) for v in values] if schema.get("type") == "integer" else values
        elif word.startswith(("oneOf(", "anyOf(")):
            schema[word[:5]] = [{"required": [name]} for name in word[6:-1].split("|")]
        elif key in ("min", "max"):
            suffix = "imum" if schema.get("type") in ("integer", "number") else "Length"
            schema[key + suffix] = int(value)
        elif key == "format":
            schema["format"] = value
        elif word == "nullable":
            schema["nullable"] = True
        elif word == "any":
            schema["x-kubernetes-preserve-unknown-fields"] = True
    _add_members(schema, children, blocks)
    return schema


