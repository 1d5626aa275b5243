"""An operator made with kopf: handlers with finalizers, status patches, events and a timer."""
import asyncio
import threading

import kopf
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from shirts import KIND, PLURAL, definition, is_established, shirt
from waiting import wait_for

GROUP = "kopf.wear.example"
config.load_kube_config()
extensions, custom, core = client.ApiextensionsV1Api(), client.CustomObjectsApi(), client.CoreV1Api()
place = (GROUP, "v1", "default", PLURAL)
name = f"{PLURAL}.{GROUP}"

extensions.create_custom_resource_definition(definition(GROUP))
wait_for("the definition is established", lambda: is_established(
    client.ApiClient().sanitize_for_serialization(extensions.read_custom_resource_definition(name))))

seen, ticks = [], []


@kopf.on.create(GROUP, "v1", PLURAL)
def create(spec, patch, body, **_):
    seen.append("create")
    patch.status["worn"] = 0
    kopf.info(body, reason="Sewn", message=f"A shirt of size {spec['size']}")
    return {"size": spec["size"]}


@kopf.on.update(GROUP, "v1", PLURAL, field="spec.color")
def update(old, new, patch, **_):
    seen.append(f"update {old} {new}")
    patch.status["worn"] = 1


@kopf.on.delete(GROUP, "v1", PLURAL)
def delete(**_):
    seen.append("delete")


@kopf.timer(GROUP, "v1", PLURAL, interval=0.2)
def tick(**_):
    ticks.append(1)


@kopf.on.startup()
def configure(settings, **_):
    settings.posting.level = 20
    settings.persistence.finalizer = "wear.example/kopf"


ready, stop = threading.Event(), threading.Event()
failures = []


def operate():
    try:
        asyncio.run(kopf.operator(standalone=True, namespaces=["default"], ready_flag=ready, stop_flag=stop))
    except BaseException as error:
        failures.append(error)


operator = threading.Thread(target=operate, daemon=True)
operator.start()
wait_for("the operator is ready", lambda: ready.is_set() or failures)
assert not failures, failures


def stored(name):
    return custom.get_namespaced_custom_object(*place, name)


custom.create_namespaced_custom_object(*place, shirt("one", group=GROUP))
one = wait_for("the shirt was seen to", lambda: (lambda s: s if s.get("status", {}).get("create") else None)(stored("one")))
assert one["status"]["worn"] == 0 and one["status"]["create"] == {"size": "small"}, one
assert one["metadata"]["finalizers"] == ["wear.example/kopf"], one
assert one["spec"]["color"] == "white", one

custom.patch_namespaced_custom_object(*place, "one", {"spec": {"color": "blue"}})
wait_for("the change was seen to", lambda: stored("one")["status"]["worn"] == 1)
assert seen == ["create", "update white blue"], seen
wait_for("the timer has run", lambda: len(ticks) > 2)
wait_for("the event is there", lambda: [
    event for event in core.list_namespaced_event("default", field_selector="involvedObject.name=one").items
    if event.reason == "Sewn" and event.involved_object.kind == KIND])

custom.delete_namespaced_custom_object(*place, "one")


def is_gone():
    try:
        stored("one")
    except ApiException as error:
        return error.status == 404


wait_for("the shirt is gone", is_gone)
assert seen[-1] == "delete", seen
stop.set()
operator.join(30)
assert not operator.is_alive() and not failures, failures
extensions.delete_custom_resource_definition(name)
print(f"{len(ticks)} ticks")
