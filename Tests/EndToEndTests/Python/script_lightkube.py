"""A script made with lightkube: generic resources, apply with conflicts, status, scale, watches and finalizers."""
import threading

from lightkube import ApiError, Client
from lightkube.generic_resource import create_namespaced_resource, load_in_cluster_generic_resources
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.apiextensions_v1 import CustomResourceDefinition
from lightkube.types import PatchType

from shirts import KIND, PLURAL, definition, shirt
from waiting import wait_for

GROUP = "lightkube.wear.example"
client = Client(field_manager="script")
name = f"{PLURAL}.{GROUP}"
client.create(CustomResourceDefinition.from_dict(definition(GROUP)))
client.wait(CustomResourceDefinition, name, for_conditions=["Established"])
load_in_cluster_generic_resources(client)
Shirt = create_namespaced_resource(GROUP, "v1", KIND, PLURAL)

listed = client.list(Shirt, namespace="default")
assert list(listed) == []
start = listed.resourceVersion
events = []


def follow():
    for kind, object in client.watch(Shirt, namespace="default", resource_version=start):
        events.append((kind, object.metadata.name))
        if kind == "DELETED":
            return


follower = threading.Thread(target=follow, daemon=True)
follower.start()

one = client.create(Shirt(metadata=ObjectMeta(name="one"), spec={"size": "small"}), namespace="default")
assert one.spec == {"color": "white", "replicas": 1, "size": "small"} and one.metadata.generation == 1, one
assert [s.metadata.name for s in client.list(Shirt, namespace="default", fields={"spec.size": "small"})] == ["one"]

one.spec["color"] = "red"
one = client.replace(one, namespace="default")
assert one.metadata.generation == 2 and one.spec["color"] == "red", one
one = client.patch(Shirt, "one", {"spec": {"replicas": 2}}, namespace="default", patch_type=PatchType.MERGE)
assert one.spec["replicas"] == 2, one

applied = Shirt.from_dict(shirt("two", group=GROUP, color="blue"))
assert client.apply(applied, field_manager="first").spec["color"] == "blue"
applied.spec["color"] = "black"
try:
    client.apply(applied, field_manager="second")
except ApiError as error:
    assert error.status.code == 409 and error.status.details.causes[0].field == ".spec.color", error.status
else:
    raise SystemExit("a conflict was not told of")
assert client.apply(applied, field_manager="second", force=True).spec["color"] == "black"

try:
    client.create(Shirt.from_dict(shirt("three", "huge", group=GROUP)))
except ApiError as error:
    assert error.status.code == 422 and error.status.details.causes[0].field == "spec.size", error.status
else:
    raise SystemExit("an unknown size was accepted")

ready = {"status": {"replicas": 2, "conditions": [{"type": "Ready", "status": "True"}]}}
client.patch(Shirt.Status, "one", ready, namespace="default", patch_type=PatchType.MERGE)
assert client.wait(Shirt, "one", for_conditions=["Ready"], namespace="default").status["replicas"] == 2
scale = client.get(Shirt.Scale, "one", namespace="default")
assert scale.spec.replicas == 2 and scale.status.replicas == 2, scale
scale.spec.replicas = 5
client.replace(scale, "one", namespace="default")
assert client.get(Shirt, "one", namespace="default").spec["replicas"] == 5

held = {"metadata": {"finalizers": ["wear.example/script"]}}
client.patch(Shirt, "one", held, namespace="default", patch_type=PatchType.MERGE)
client.delete(Shirt, "one", namespace="default")
assert client.get(Shirt, "one", namespace="default").metadata.deletionTimestamp
client.patch(Shirt, "one", {"metadata": {"finalizers": None}}, namespace="default", patch_type=PatchType.MERGE)
follower.join(30)
assert not follower.is_alive() and events[0] == ("ADDED", "one") and events[-1] == ("DELETED", "one"), events
client.deletecollection(Shirt, namespace="default")
wait_for("no shirts", lambda: not list(client.list(Shirt, namespace="default")))
client.delete(CustomResourceDefinition, name)
print(f"{len(events)} events seen")
