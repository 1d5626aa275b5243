"""A script made with kr8s: a definition, its objects, watches, status, scale, finalizers and events."""
import threading

import kr8s
from kr8s.objects import CustomResourceDefinition, Event, new_class

from shirts import KIND, PLURAL, definition, is_established, shirt
from waiting import wait_for

GROUP = "kr8s.wear.example"
api = kr8s.api()
crd = CustomResourceDefinition(definition(GROUP))
crd.create()


def is_served():
    crd.refresh()
    return is_established(crd.raw)


# A new definition has `conditions: null`, which the library's own wait does not understand.
wait_for("the definition is established", is_served)

Shirt = new_class(kind=KIND, version=f"{GROUP}/v1", namespaced=True, plural=PLURAL, scalable=True, scalable_spec="replicas")
assert any(resource["kind"] == KIND and resource["version"] == f"{GROUP}/v1" for resource in api.api_resources())

events = []


def follow():
    for kind, object in kr8s.watch(f"{PLURAL}.{GROUP}", namespace="default"):
        events.append((kind, object.name))
        if kind == "DELETED" and object.name == "one":
            return


follower = threading.Thread(target=follow, daemon=True)
follower.start()

one = Shirt(shirt("one", group=GROUP))
one.create()
assert one.exists() and one.spec.color == "white" and one.metadata.generation == 1, one.raw
wait_for("the watch sees the shirt", lambda: ("ADDED", "one") in events)
Shirt(shirt("two", "large", group=GROUP)).create()

assert [s.name for s in kr8s.get(f"{PLURAL}.{GROUP}", namespace="default", field_selector="spec.size=large")] == ["two"]
assert {s.name for s in Shirt.list(namespace="default")} == {"one", "two"}

one.patch({"spec": {"color": "red"}})
assert one.spec.color == "red" and one.metadata.generation == 2, one.raw
one.patch([{"op": "replace", "path": "/spec/color", "value": "green"}], type="json")
one.refresh()
assert one.spec.color == "green", one.raw
one.patch({"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, subresource="status")
one.wait("condition=Ready", timeout=30)
one.wait("jsonpath='{.spec.size}'=small", timeout=30)
assert one.metadata.generation == 3, one.raw
one.label({"tier": "front"})
one.annotate({"note": "short"})
assert [s.name for s in Shirt.list(namespace="default", label_selector={"tier": "front"})] == ["one"]
one.patch({"metadata": {"finalizers": ["wear.example/script"]}})

try:
    one.patch({"spec": {"size": "huge"}})
except kr8s.ServerError as error:
    assert error.response.status_code == 422 and 'Unsupported value: "huge"' in str(error), error
else:
    raise SystemExit("an unknown size was accepted")

Event({
    "apiVersion": "v1", "kind": "Event", "metadata": {"name": "one.sewn", "namespace": "default"},
    "involvedObject": {"apiVersion": f"{GROUP}/v1", "kind": KIND, "name": "one", "namespace": "default"},
    "reason": "Sewn", "message": "A shirt", "type": "Normal"}).create()
written = kr8s.get("events", namespace="default", field_selector="involvedObject.name=one")
assert [event.raw.reason for event in written] == ["Sewn"]

one.delete()
one.refresh()
assert one.metadata.deletionTimestamp and one.exists()
one.patch({"metadata": {"finalizers": None}})
wait_for("the shirt is gone", lambda: not one.exists())
follower.join(30)
assert not follower.is_alive() and ("DELETED", "one") in events, events
crd.delete()
wait_for("the definition is gone", lambda: not crd.exists())
print(f"{len(events)} events seen")
