#!/usr/bin/env python3
"""Turns tables of facts about the Kubernetes API into this project's `openapi/`.

Usage: Scripts/generate-openapi.py FACTS-FOLDER [OUTPUT-FOLDER]

FACTS-FOLDER holds types.json, resources.json and features.json. The output is described in openapi/README.md; it is
committed and is the source from then on: run this again only to take in a new version of the API.
`descriptions.jsonl` is written by hand and never touched here.
"""

import json
import pathlib
import sys

META = "io.k8s.apimachinery.pkg.apis.meta.v1."

# Types that no resource refers to but that requests and answers are made of.
EXTRA_ROOTS = [
    META + name
    for name in (
        "Status", "APIGroup", "APIGroupList", "APIResourceList", "APIVersions", "WatchEvent", "Table",
        "PartialObjectMetadata", "PartialObjectMetadataList", "CreateOptions", "DeleteOptions", "GetOptions",
        "ListOptions", "PatchOptions", "UpdateOptions", "TableOptions", "LabelSelector",
    )
] + [
    "io.k8s.api.core.v1.PodLogOptions",
    # Discovery in one document, which protobuf needs the numbers of.
    "io.k8s.api.apidiscovery.v2.APIGroupDiscoveryList",
    # What annotations of an autoscaler in its first version hold.
    "io.k8s.api.autoscaling.v1.MetricSpec",
    "io.k8s.api.autoscaling.v1.MetricStatus",
    "io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerCondition",
]  # fmt: skip

SCALARS = {
    "quantity": "quantity",
    "time": "time",
    "microtime": "microtime",
    "duration": "duration",
    "int-or-string": "intOrString",
    "raw-extension": "rawExtension",
    "fields-v1": "fieldsV1",
    "json": "json",
    "byte": "bytes",
    "double": "double",
    "int32": "int32",
    "int64": "int64",
}

# How protobuf names the wire type of a value whose JSON form is so.
WIRE = {
    "string": "string",
    "int32": "int32",
    "int64": "int64",
    "double": "double",
    "boolean": "bool",
    "bytes": "bytes",
    "quantity": "io.k8s.apimachinery.pkg.api.resource.Quantity",
    "time": META + "Time",
    "microtime": META + "MicroTime",
    "duration": META + "Duration",
    "intOrString": "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    "rawExtension": "io.k8s.apimachinery.pkg.runtime.RawExtension",
    "fieldsV1": META + "FieldsV1",
    "json": "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
}

# Objects in JSON whose shape depends on the value itself.
VARIANTS = {
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray": "array",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool": "boolean",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": "strings",
}

# Members that the facts give as strings and that Go's types name, for the decoder's messages. Named by the type that
# holds them, or by `*` for every type.
GO_NAMES = {
    "PodSpec.restartPolicy": "RestartPolicy",
    "PodSpec.dnsPolicy": "DNSPolicy",
    "PodSpec.preemptionPolicy": "PreemptionPolicy",
    "Container.restartPolicy": "ContainerRestartPolicy",
    "*.imagePullPolicy": "PullPolicy",
    "*.terminationMessagePolicy": "TerminationMessagePolicy",
    "ContainerPort.protocol": "Protocol",
    "ServicePort.protocol": "Protocol",
    "ServiceSpec.type": "ServiceType",
    "ServiceSpec.sessionAffinity": "ServiceAffinity",
    "ServiceSpec.externalTrafficPolicy": "ServiceExternalTrafficPolicy",
    "ServiceSpec.internalTrafficPolicy": "ServiceInternalTrafficPolicy",
    "ServiceSpec.ipFamilyPolicy": "IPFamilyPolicy",
    "Secret.type": "SecretType",
    "DeploymentStrategy.type": "DeploymentStrategyType",
    "DaemonSetUpdateStrategy.type": "DaemonSetUpdateStrategyType",
    "StatefulSetUpdateStrategy.type": "StatefulSetUpdateStrategyType",
    "StatefulSetSpec.podManagementPolicy": "PodManagementPolicyType",
    "CronJobSpec.concurrencyPolicy": "ConcurrencyPolicy",
    "JobSpec.completionMode": "CompletionMode",
    "JobSpec.podReplacementPolicy": "PodReplacementPolicy",
    "PersistentVolumeSpec.persistentVolumeReclaimPolicy": "PersistentVolumeReclaimPolicy",
    "*.volumeMode": "PersistentVolumeMode",
    "StorageClass.reclaimPolicy": "PersistentVolumeReclaimPolicy",
    "StorageClass.volumeBindingMode": "VolumeBindingMode",
    "Toleration.operator": "TolerationOperator",
    "Toleration.effect": "TaintEffect",
    "Taint.effect": "TaintEffect",
    "LabelSelectorRequirement.operator": "LabelSelectorOperator",
    "NodeSelectorRequirement.operator": "NodeSelectorOperator",
    "HTTPGetAction.scheme": "URIScheme",
    "*.whenUnsatisfiable": "UnsatisfiableConstraintAction",
    "HostPathVolumeSource.type": "HostPathType",
    "EmptyDirVolumeSource.medium": "StorageMedium",
    "HTTPIngressPath.pathType": "PathType",
    "PodStatus.phase": "PodPhase",
    "PodStatus.qosClass": "PodQOSClass",
    "NamespaceStatus.phase": "NamespacePhase",
    "ObjectMeta.uid": "UID",
    "OwnerReference.uid": "UID",
    "ObjectReference.uid": "UID",
}
GO_PACKAGES = {"UID": "types", "LabelSelectorOperator": "v1"}


class Fact:
    """The tables that were given."""

    def __init__(self, folder):
        self.types = json.loads((folder / "types.json").read_text())
        resources = json.loads((folder / "resources.json").read_text())
        self.features = json.loads((folder / "features.json").read_text())
        self.group_versions = [row for row in resources["groupVersions"] if row["onByDefault"]]
        served = {(row["group"], row["version"]) for row in self.group_versions}
        self.resources = [row for row in resources["resources"] if (row["group"], row["version"]) in served]
        self.query = resources["queryParams"]
        self.by_kind = {}
        for name, row in self.types.items():
            for kind in row.get("gvk", []):
                self.by_kind.setdefault(tuple(kind), name)


def expression(value):
    """A value's type as one word: `string`, `[]TYPE`, `{}TYPE`, or the full name of a type."""
    form = value.get("format")
    if value.get("type") == "array":
        return "[]" + expression(value["items"])
    if value.get("type") == "map":
        return "{}" + expression(value["items"])
    if form in SCALARS:
        return SCALARS[form]
    if "ref" in value:
        return value["ref"]
    if value.get("type") == "any":
        return "json"
    return value["type"]


def wire_of(kind):
    if kind.startswith("[]"):
        return wire_of(kind[2:])
    if kind.startswith("{}"):
        return "map<string,%s>" % wire_of(kind[2:])
    return WIRE.get(kind, kind)


def go_name(type_name, field, kind):
    short = type_name.rsplit(".", 1)[1]
    named = GO_NAMES.get(short + "." + field["name"]) or GO_NAMES.get("*." + field["name"])
    if named:
        return GO_PACKAGES.get(named, type_name.split(".")[-2]) + "." + named
    if kind == "{}quantity":
        return "v1.ResourceList"
    return None


# Gates that fields name otherwise than the list of features does.
GATE_NAMES = {"PodCertificateProjection": "PodCertificateRequest"}


def is_off(field, features):
    """Whether a gate of a field is off by default; one that is no longer listed has become part of the API."""
    gates = (GATE_NAMES.get(gate, gate) for gate in field.get("gate", []))
    return any(gate in features and not features[gate]["default"] for gate in gates)


def field_row(type_name, field, features):
    row = {"name": field["name"]}
    if field.get("protoOnly"):
        row["wireOnly"] = True
    elif field.get("protoInline"):
        row["inline"] = True
    else:
        row["is"] = expression(field)
    omit = field.get("omit")
    if "is" in row and omit != "empty":
        row["write"] = "always" if omit is None else "nonzero"
    copied = [
        ("ptr", "pointer"), ("required", "required"), ("default", "default"), ("enum", "enum"), ("known", "known"),
        ("listType", "list"), ("listMapKeys", "keys"), ("mapType", "map"), ("patchStrategy", "patch"),
        ("patchMergeKey", "patchKey"), ("gate", "gates"), ("oneOf", "oneOf"), ("unionDiscriminator", "discriminator"),
        ("dv", "rules"), ("via", "via"), ("proto", "number"), ("protoName", "wireName"),
    ]  # fmt: skip
    for old, new in copied:
        if old in field:
            row[new] = field[old]
    if is_off(field, features):
        row["off"] = True
    items = field.get("items", {})
    for key in ("enum", "known"):
        if key in items:
            row["item" + key.capitalize()] = items[key]
    if "protoWrap" in items or "protoWrap" in field:
        row["wireWrap"] = items.get("protoWrap") or field.get("protoWrap")
    if "is" in row:
        named = go_name(type_name, field, row["is"])
        if named:
            row["goType"] = named
    if "protoType" in field and ("is" not in row or field["protoType"] != wire_of(row["is"])):
        row["wire"] = field["protoType"]
    if field.get("protoRepeated") and not row.get("is", "").startswith("[]"):
        row["repeated"] = True
    return row


def type_row(name, facts, features):
    row = {"name": name}
    if facts.get("gvk"):
        row["kinds"] = facts["gvk"]
    if facts.get("openapi") is False:
        row["published"] = False
    for old, new in (("scalar", "scalar"), ("alias", "alias"), ("mapType", "map"), ("unions", "unions"),
                     ("noProto", "noWire"), ("lifecycle", "lifecycle")):  # fmt: skip
        if old in facts:
            row[new] = SCALARS[facts[old]] if old == "scalar" else facts[old]
    if name in VARIANTS:
        row["variant"] = VARIANTS[name]
    row["fields"] = [field_row(name, field, features) for field in facts["fields"]]
    return row


def references(facts):
    for field in facts["fields"]:
        for value in (field, field.get("items") or {}, (field.get("items") or {}).get("items") or {}):
            for key in ("ref", "protoWrap"):
                if key in value:
                    yield value[key]
        wire = field.get("protoType", "")
        for part in wire.removeprefix("map<string,").removesuffix(">"), wire:
            if part.startswith("io.k8s."):
                yield part


def reachable(fact):
    roots = list(EXTRA_ROOTS)
    for resource in fact.resources:
        roots += [resource[key] for key in ("type", "listType") if key in resource]
        for sub in resource["subresources"]:
            roots += filter(None, [fact.by_kind.get((sub["group"], sub["version"], sub["kind"]))])
    found, waiting = set(), [name for name in roots if name in fact.types]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [other for other in references(fact.types[name]) if other in fact.types]
    return sorted(found)


def resource_row(resource, fact):
    row = {key: value for key, value in resource.items() if value not in ([], {}) and key not in ("verbs",)}
    row["verbs"] = resource["verbs"]
    returned = row.pop("deleteReturns", "Status")
    if returned != "Status":
        row["deletionReturnsObject"] = True
    for sub in row.get("subresources", []):
        name = fact.by_kind.get((sub["group"], sub["version"], sub["kind"]))
        if name:
            sub["type"] = name
    return row


def lines(rows):
    return "".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows)


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    fact = Fact(pathlib.Path(sys.argv[1]))
    default_output = pathlib.Path(__file__).resolve().parent.parent / "openapi"
    output = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else default_output
    output.mkdir(exist_ok=True)
    names = reachable(fact)
    # Bytewise order: the reader finds a type by halving.
    names.sort(key=lambda name: name.encode())
    (output / "types.jsonl").write_text(lines(type_row(name, fact.types[name], fact.features) for name in names))
    (output / "resources.jsonl").write_text(lines(resource_row(row, fact) for row in fact.resources))
    (output / "groups.jsonl").write_text(lines(
        {key: value for key, value in row.items() if key != "onByDefault"} for row in fact.group_versions))
    (output / "features.jsonl").write_text(lines(
        {"name": name, **row} for name, row in sorted(fact.features.items())))
    (output / "queries.json").write_text(json.dumps(fact.query, indent=1) + "\n")
    print(f"{len(names)} types, {len(fact.resources)} resources, {len(fact.features)} features")


if __name__ == "__main__":
    main()
