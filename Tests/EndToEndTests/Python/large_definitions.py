"""Ten large definitions: each is installed, and its objects are made, defaulted, pruned, applied, explained and deleted."""
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from kubernetes import client, config

import schema_notation
from shirts import is_established
from waiting import wait_for

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
config.load_kube_config()
api = client.ApiClient()
host, pool = api.configuration.host, api.rest_client.pool_manager


def request(method, path, body=None, content_type="application/json", expect=(200, 201)):
    answer = pool.request(
        method, host + path, body=None if body is None else json.dumps(body), headers={"Content-Type": content_type})
    document = json.loads(answer.data) if answer.headers["content-type"].startswith("application/json") else answer.data
    assert answer.status in expect, (method, path, answer.status, str(document)[:2000])
    return document


def walk(schema, value, path=()):
    """Every value with its schema, as far as the schema goes."""
    yield path, schema, value
    if isinstance(value, dict):
        for name, inner in value.items():
            member = schema.get("properties", {}).get(name) or schema.get("additionalProperties")
            if isinstance(member, dict):
                yield from walk(member, inner, path + (name,))
    elif isinstance(value, list) and "items" in schema:
        for index, inner in enumerate(value):
            yield from walk(schema["items"], inner, path + (index,))


def pointer(path):
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def field(path):
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text[1:]


def is_text(schema):
    return schema.get("type") == "string" and not {"enum", "pattern", "format"} & set(schema)


def is_listed_by_keys(schema):
    return schema.get("x-kubernetes-list-type") == "map"


def check_defaults(resource, stored):
    count = 0
    for path, schema, value in walk(resource.schema, stored):
        for name, member in schema.get("properties", {}).items():
            if "default" in member and isinstance(value, dict):
                assert name in value, (path, name)
                count += value[name] == member["default"]
    return count


def check_validation(resource, name):
    """Values that the schema forbids are refused with their paths."""
    full = request("GET", f"{resource.path()}/{name}")
    refused = 0
    for path, schema, value in walk(resource.schema, full):
        wrong = None
        if "pattern" in schema:
            wrong = "? ?"
        elif "enum" in schema and schema["type"] == "string":
            wrong = "unheard of"
        elif "maximum" in schema:
            wrong = schema["maximum"] + 1
        elif schema.get("type") == "boolean":
            wrong = "yes"
        if wrong is None or path[0] == "status" or refused == 12:
            continue
        patch = [{"op": "replace", "path": pointer(path), "value": wrong}]
        status = request(
            "PATCH", f"{resource.path()}/{name}", patch, "application/json-patch+json", expect=(422,))
        causes = [cause["field"] for cause in status["details"]["causes"]]
        # A map's key stands in brackets there, which `field` does not know.
        assert any(cause == field(path) or "[a]" in cause for cause in causes), (path, status)
        refused += 1
    return refused


def check_apply(resource):
    """Two managers: items by keys come together, a value that both want is a conflict."""
    path = f"{resource.path()}/applied?fieldManager="
    first = resource.object("applied", is_full=True)
    apply = "application/apply-patch+yaml"
    stored = request("PATCH", path + "first", first, apply)
    again = request("PATCH", path + "first", first, apply)
    assert stored["metadata"]["resourceVersion"] == again["metadata"]["resourceVersion"], "an apply without a change"
    own, conflicting = None, None
    for where, schema, value in walk(resource.schema, first):
        if any(isinstance(part, int) for part in where):
            continue
        if own is None and is_listed_by_keys(schema):
            own = (where, schema, value)
        if conflicting is None and is_text(schema):
            conflicting, other = where, "something else"
        if conflicting is None and schema.get("type") == "array" and is_text(schema["items"]):
            conflicting, other = where, ["something else"]
    second = {key: first[key] for key in ("apiVersion", "kind", "metadata")}
    if own:
        where, schema, value = own
        item = dict(value[0])
        for key in schema["x-kubernetes-list-map-keys"]:
            member = schema["items"]["properties"][key]
            others = [v for v in member.get("enum", []) if v != item[key]]
            if others:
                item[key] = others[0]
            elif "enum" not in member:
                item[key] = item[key] - 1 if member["type"] == "integer" else item[key] + "x"
        put(second, where, [item])
        merged = request("PATCH", path + "second", second, apply)
        assert get(merged, where) == value + [item] or get(merged, where)[1].items() >= item.items(), get(merged, where)
    put(second, conflicting, other)
    status = request("PATCH", path + "second", second, apply, expect=(409,))
    causes = status["details"]["causes"]
    assert [cause["field"] for cause in causes] == ["." + field(conflicting)], status
    forced = request("PATCH", path + "second&force=true", second, apply)
    assert get(forced, conflicting) == other
    return own is not None


def put(object, path, value):
    for part in path[:-1]:
        object = object.setdefault(part, {})
    object[path[-1]] = value


def get(object, path):
    for part in path:
        object = object[part]
    return object


def check_explanation(resource):
    def explain(path, *options):
        return subprocess.run(
            ["kubectl", "explain", path, f"--api-version={resource.group}/{resource.versions[-1]}", *options],
            check=True, capture_output=True, text=True, timeout=60).stdout

    names = []

    def collect(schema):
        for name, member in schema.get("properties", {}).items():
            names.append(name)
            inner = member
            while "items" in inner:
                inner = inner["items"]
            collect(inner)

    collect(resource.schema)
    shown = explain(resource.plural, "--recursive")
    for name in names:
        assert f" {name}\t<" in shown, (resource.kind, name)
    member = next(iter(resource.schema["properties"]["spec"]["properties"]))
    assert f"What {member} there is to be." in explain(f"{resource.plural}.spec.{member}")
    return len(names)


def check(resource):
    definition = schema_notation.strip_examples(resource.definition)
    request("POST", DEFINITIONS, definition)
    wait_for(f"{resource.name} is established", lambda: is_established(
        request("GET", f"{DEFINITIONS}/{resource.name}")))

    few = resource.object("few", is_full=False)
    few["spec"]["unheardOf"] = {"a": 1}
    defaults = check_defaults(resource, request("POST", resource.path(), few))
    stored = request("GET", f"{resource.path()}/few")
    assert "unheardOf" not in stored["spec"], stored
    strict = request("POST", resource.path() + "?fieldValidation=Strict", few, expect=(400,))
    assert 'unknown field "spec.unheardOf"' in strict["message"], strict

    full = resource.object("full", is_full=True)
    stored = request("POST", resource.path(), full)
    defaults += check_defaults(resource, stored)
    for name, value in full.items():
        assert name == "metadata" or stored[name] == value, (name, value, stored[name])
    refused = check_validation(resource, "full")
    if "status" in resource.schema["properties"]:
        status = schema_notation.example(resource.schema["properties"]["status"], True)
        stored = request(
            "PATCH", f"{resource.path()}/full/status", {"status": status}, "application/merge-patch+json")
        assert stored["status"] == status and stored["metadata"]["generation"] == 1, stored
    if resource.scale:
        spec = {"spec": {"replicas": 5}}
        scale = request("PATCH", f"{resource.path()}/full/scale", spec, "application/merge-patch+json")
        assert scale["kind"] == "Scale" and scale["spec"]["replicas"] == 5, scale
    for version in resource.versions[1:]:
        assert request("GET", f"{resource.path(version)}/full")["apiVersion"] == f"{resource.group}/{version}"
    merges = check_apply(resource)
    assert {o["metadata"]["name"] for o in request("GET", resource.path())["items"]} == {"few", "full", "applied"}
    fields = check_explanation(resource)

    request("DELETE", f"{resource.path()}/few")
    request("DELETE", f"{DEFINITIONS}/{resource.name}")
    wait_for(f"{resource.name} is gone", lambda: pool.request(
        "GET", f"{host}{DEFINITIONS}/{resource.name}").status == 404)
    wait_for("nor is it served", lambda: pool.request("GET", host + resource.path()).status == 404)
    return f"{resource.kind}: {fields} fields, {defaults} defaults, {refused} refused, merges {merges}"


resources = schema_notation.read(os.path.join(os.path.dirname(os.path.abspath(__file__)), "large_schemas.txt"))
assert len(resources) == 10
resources = [r for r in resources if not sys.argv[1:] or r.kind in sys.argv[1:]]
with ThreadPoolExecutor(2) as executor:
    for line in executor.map(check, resources):
        print(line)
