"""Custom objects with the official Python client: by paths, and by what discovery says of them."""
import threading

from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException

from shirts import GROUP, KIND, PLURAL, definition, is_established, shirt
from waiting import wait_for

config.load_kube_config()
extensions, custom = client.ApiextensionsV1Api(), client.CustomObjectsApi()
plain = client.ApiClient()
place = (GROUP, "v1", "default", PLURAL)
name = f"{PLURAL}.{GROUP}"

extensions.create_custom_resource_definition(definition())
wait_for("the definition is established", lambda: is_established(
    plain.sanitize_for_serialization(extensions.read_custom_resource_definition(name))))


def expect_error(status, text, call):
    try:
        call()
    except (ApiException, dynamic.exceptions.DynamicApiError) as error:
        assert error.status == status and text in str(error.body), error
    else:
        raise SystemExit(f"{status} {text} did not come")


# By paths.
one = custom.create_namespaced_custom_object(*place, shirt("one"))
assert one["spec"] == {"color": "white", "replicas": 1, "size": "small"}, one
expect_error(409, "AlreadyExists", lambda: custom.create_namespaced_custom_object(*place, shirt("one")))
expect_error(422, "spec.size", lambda: custom.create_namespaced_custom_object(*place, shirt("two", "huge")))
expect_error(404, "NotFound", lambda: custom.get_namespaced_custom_object(*place, "none"))
assert custom.patch_namespaced_custom_object(*place, "one", {"spec": {"color": "red"}})["metadata"]["generation"] == 2
status = custom.patch_namespaced_custom_object_status(*place, "one", {"status": {"worn": 3}, "spec": {"color": "no"}})
assert status["status"]["worn"] == 3 and status["spec"]["color"] == "red", status
scale = custom.get_namespaced_custom_object_scale(*place, "one")
assert scale["kind"] == "Scale" and scale["spec"]["replicas"] == 1, scale
custom.patch_namespaced_custom_object_scale(*place, "one", {"spec": {"replicas": 4}})
assert custom.get_namespaced_custom_object(*place, "one")["spec"]["replicas"] == 4
stale = custom.get_namespaced_custom_object(*place, "one")
custom.patch_namespaced_custom_object(*place, "one", {"metadata": {"labels": {"tier": "front"}}})
expect_error(409, "Conflict", lambda: custom.replace_namespaced_custom_object(*place, "one", stale))
listed = custom.list_namespaced_custom_object(*place, label_selector="tier=front", field_selector="spec.size=small")
assert listed["kind"] == KIND + "List" and [s["metadata"]["name"] for s in listed["items"]] == ["one"], listed
expect_error(400, "field label not supported: spec.color",
             lambda: custom.list_namespaced_custom_object(*place, field_selector="spec.color=red"))

# By discovery.
shirts = dynamic.DynamicClient(plain).resources.get(api_version=f"{GROUP}/v1", kind=KIND)
assert shirts.namespaced and "status" in shirts.subresources and "scale" in shirts.subresources, shirts
events = []


def follow():
    for event in watch.Watch().stream(
            shirts.get, namespace="default", resource_version=listed["metadata"]["resourceVersion"], serialize=False):
        events.append((event["type"], event["object"]["metadata"]["name"]))
        if events[-1] == ("DELETED", "two"):
            return


follower = threading.Thread(target=follow, daemon=True)
follower.start()
two = shirts.create(body=shirt("two", "large"), namespace="default")
assert two.spec.color == "white"
two = shirts.server_side_apply(
    body=shirt("two", "large", color="blue"), namespace="default", field_manager="applier", force_conflicts=True)
assert two.spec.color == "blue"
expect_error(409, "conflict with", lambda: shirts.server_side_apply(
    body=shirt("two", "large", color="black"), namespace="default", field_manager="other"))
assert shirts.status.patch(
    body={"status": {"conditions": [{"type": "Ready", "status": "True"}]}}, name="two", namespace="default",
    content_type="application/merge-patch+json").status.conditions[0].type == "Ready"
assert [s.metadata.name for s in shirts.get(namespace="default", field_selector="spec.size=large").items] == ["two"]
shirts.delete(name="one", namespace="default")
shirts.delete(name="two", namespace="default")
follower.join(30)
assert not follower.is_alive() and ("DELETED", "one") in events and ("DELETED", "two") in events, events
extensions.delete_custom_resource_definition(name)
print(f"{len(events)} events seen")
