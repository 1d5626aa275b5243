"""The custom resource that the scripts beside this file use."""
GROUP, KIND, PLURAL = "wear.example", "Shirt", "shirts"

_CONDITION = {
    "type": "object", "required": ["type", "status"],
    "properties": {name: {"type": "string"} for name in ("type", "status", "reason", "message")}}
_SPEC = {
    "type": "object", "required": ["size"],
    "properties": {
        "size": {"type": "string", "enum": ["small", "medium", "large"]},
        "color": {"type": "string", "default": "white"},
        "replicas": {"type": "integer", "format": "int32", "minimum": 0, "default": 1}}}
_STATUS = {
    "type": "object",
    "properties": {
        "worn": {"type": "integer"}, "replicas": {"type": "integer"}, "selector": {"type": "string"},
        "conditions": {
            "type": "array", "items": _CONDITION, "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"]}},
    "x-kubernetes-preserve-unknown-fields": True}


def definition(group=GROUP):
    return {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{group}"},
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": {"plural": PLURAL, "singular": "shirt", "kind": KIND, "listKind": KIND + "List"},
            "versions": [{
                "name": "v1", "served": True, "storage": True,
                "subresources": {
                    "status": {},
                    "scale": {
                        "specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas",
                        "labelSelectorPath": ".status.selector"}},
                "selectableFields": [{"jsonPath": ".spec.size"}],
                "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": _SPEC, "status": _STATUS}}}}]}}


def shirt(name, size="small", namespace="default", group=GROUP, **spec):
    return {
        "apiVersion": f"{group}/v1", "kind": KIND, "metadata": {"name": name, "namespace": namespace},
        "spec": {"size": size, **spec}}


def is_established(definition):
    return any(
        condition["type"] == "Established" and condition["status"] == "True"
        for condition in (definition.get("status") or {}).get("conditions") or [])
