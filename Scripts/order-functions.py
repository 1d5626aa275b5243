#!/usr/bin/env python3
"""Writes Scripts/function-order.txt: the functions that a released server calls, those of its start first.

The linker lays them out side by side in that order (Package.swift), so that what a server uses is in few pages of
memory. A name that is gone does no harm, and a new one only stands with the rest: run this again from time to time.

    make release && Scripts/order-functions.py

Needs valgrind, objcopy and curl.
"""
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / ".build/release/martlet"
ORDER = ROOT / "Scripts/function-order.txt"
# Under valgrind a server is some fifty times slower.
START_SECONDS = 300


class Server:
    """A server under callgrind, and the requests that are made of it."""

    def __init__(self, binary, directory):
        self.directory = directory
        self.port = free_port()
        self.process = subprocess.Popen(
            ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={directory}/calls", binary,
             "apiserver", f"--data-dir={directory}/data", f"--secure-port={self.port}", "--log-level=warning"])

    def command(self, method, path, body=None, content_type="application/json", accept="application/json"):
        pki = f"{self.directory}/data/pki"
        command = ["curl", "--silent", "--show-error", "--http2", "--max-time", "120", "--request", method]
        command += ["--cacert", f"{pki}/ca.crt", "--cert", f"{pki}/admin.crt", "--key", f"{pki}/admin.key"]
        command += ["--header", f"Accept: {accept}"]
        if body is not None:
            command += ["--header", f"Content-Type: {content_type}", "--data", body]
        return command + [f"https://127.0.0.1:{self.port}{path}"]

    def request(self, *words, **options):
        return subprocess.run(self.command(*words, **options), capture_output=True).stdout

    def wait(self):
        deadline = time.monotonic() + START_SECONDS
        while self.request("GET", "/readyz") != b"ok":
            if time.monotonic() > deadline or self.process.poll() is not None:
                sys.exit("the server did not start")
            time.sleep(1)

    def end_phase(self):
        """Writes the calls since the last phase."""
        subprocess.run(["callgrind_control", "--dump", str(self.process.pid)], check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=START_SECONDS)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


CONFIG = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"
TEMPLATE = """{"metadata":{"labels":{"app":"x"}},"spec":{"containers":[{"name":"c","image":"i",
    "ports":[{"containerPort":80}],"resources":{"requests":{"cpu":"100m","memory":"64Mi"}}}]}}"""


def serve(server):
    """What clients ask for most."""
    for path in ("/api", "/apis", "/version", "/openapi/v2", "/openapi/v3"):
        server.request("GET", path)
    watch = subprocess.Popen(
        server.command("GET", CONFIG + "?watch=1&timeoutSeconds=60"), stdout=subprocess.DEVNULL)
    for name in "ab":
        server.request("POST", CONFIG, '{"metadata":{"name":"%s","labels":{"app":"x"}},"data":{"k":"v"}}' % name)
    server.request("POST", PODS, TEMPLATE.replace('"labels"', '"name":"p","labels"'))
    server.request(
        "POST", DEPLOYMENTS,
        '{"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"x"}},"template":%s}}' % TEMPLATE)
    for number in range(3):
        patch = '{"metadata":{"annotations":{"i":"%d"}}}' % number
        for kind in ("merge", "strategic-merge"):
            for path in (CONFIG + "/a", DEPLOYMENTS + "/d"):
                server.request("PATCH", path, patch, f"application/{kind}-patch+json")
        server.request(
            "PATCH", CONFIG + "/c?fieldManager=m&force=true",
            '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"i":"%d"}}' % number,
            "application/apply-patch+yaml")
    server.request("PUT", CONFIG + "/b", '{"metadata":{"name":"b"},"data":{"k":"w"}}')
    for path in (CONFIG, CONFIG + "?limit=1", CONFIG + "?labelSelector=app%3Dx", CONFIG + "/a", PODS, DEPLOYMENTS):
        for accept in ("json", "json;as=Table;v=v1;g=meta.k8s.io", "vnd.kubernetes.protobuf"):
            server.request("GET", path, accept=f"application/{accept}")
    server.request("DELETE", CONFIG + "/b")
    watch.wait()


def functions(calls, binary):
    """The names in the binary of the functions that a dump of callgrind has calls of."""
    objects, names, found, current = {}, {}, set(), ""
    line_form = re.compile(r"^(ob|cob|fn|cfn)=\((\d+)\)(?: (.*))?$")
    for line in calls.read_text().splitlines():
        match = line_form.match(line)
        if not match:
            continue
        key, number, text = match.groups()
        table = objects if key.endswith("ob") else names
        if text:
            table[number] = text
        if key == "ob":
            current = table[number]
        elif key == "fn" and current == str(binary):
            # Recursion has a number behind the name.
            found.add(table[number].split("'")[0])
    return {name for name in found if not name.startswith("0x")}


def main():
    with tempfile.TemporaryDirectory() as directory:
        directory = pathlib.Path(directory)
        binary = directory / "martlet"
        # valgrind cannot read Swift's debugging information.
        subprocess.run(["objcopy", "--strip-debug", BINARY, binary], check=True)
        server = Server(binary, directory)
        try:
            server.wait()
            # What a server does at rest belongs to its start.
            time.sleep(10)
            server.end_phase()
            serve(server)
        finally:
            server.stop()
        phases = [functions(calls, binary) for calls in sorted(directory.glob("calls*"))]
    started = phases[0] if len(phases) > 1 else sys.exit("callgrind wrote nothing")
    served = set().union(*phases[1:]) - started
    ORDER.write_text("\n".join(sorted(started) + sorted(served)) + "\n")
    print(f"{len(started)} functions of the start, {len(served)} more of requests")


if __name__ == "__main__":
    main()
