"""Lists, watches, creates, patches and deletes a Deployment with the official Python client."""
import functools
import sys
import threading

from kubernetes import client, config, watch
from kubernetes.client.exceptions import ApiException

import waiting

DEADLINE_SECONDS = 120
wait_for = functools.partial(waiting.wait_for, seconds=DEADLINE_SECONDS)

namespace, name = sys.argv[1], "from-python"
labels = {"app": name}

config.load_kube_config()
core, apps = client.CoreV1Api(), client.AppsV1Api()


def expect_error(status, reason, call):
    try:
        call()
    except ApiException as error:
        assert error.status == status and f'"reason":"{reason}"' in error.body, error
    else:
        sys.exit(f"{status} {reason} did not come")


assert client.VersionApi().get_code().major == "1"
assert any(group.name == "apps" for group in client.ApisApi().get_api_versions().groups)
assert len(core.list_node().items) > 0

core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace)))
expect_error(
    409, "AlreadyExists",
    lambda: core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=namespace))))
expect_error(404, "NotFound", lambda: apps.read_namespaced_deployment(name, namespace))

# The watch begins before there is anything to see.
start = apps.list_namespaced_deployment(namespace)
assert start.items == [] and start.metadata.resource_version
events = []
watcher = watch.Watch()


def follow():
    for event in watcher.stream(
            apps.list_namespaced_deployment, namespace, resource_version=start.metadata.resource_version,
            timeout_seconds=DEADLINE_SECONDS):
        events.append((event["type"], event["object"]))
        if event["type"] == "DELETED":
            return


follower = threading.Thread(target=follow, daemon=True)
follower.start()

created = apps.create_namespaced_deployment(namespace, client.V1Deployment(
    metadata=client.V1ObjectMeta(name=name),
    spec=client.V1DeploymentSpec(
        replicas=2, selector=client.V1LabelSelector(match_labels=labels),
        template=client.V1PodTemplateSpec(
            metadata=client.V1ObjectMeta(labels=labels),
            spec=client.V1PodSpec(containers=[client.V1Container(name="server", image="registry.example/web:1.0")])))))
assert created.metadata.uid and created.spec.strategy.type == "RollingUpdate"

wait_for("two replicas ready", lambda: apps.read_namespaced_deployment_status(name, namespace).status.ready_replicas == 2)
pods = core.list_namespaced_pod(namespace, label_selector="app=" + name, field_selector="status.phase=Running").items
assert len(pods) == 2 and all(pod.status.pod_ip for pod in pods), pods

page = core.list_namespaced_pod(namespace, limit=1)
assert len(page.items) == 1 and page.metadata.remaining_item_count == 1
assert len(core.list_namespaced_pod(namespace, limit=1, _continue=page.metadata._continue).items) == 1

patched = apps.patch_namespaced_deployment(name, namespace, {"spec": {"replicas": 3}, "metadata": {"labels": labels}})
assert patched.spec.replicas == 3 and patched.metadata.labels == labels
patched = apps.patch_namespaced_deployment(
    name, namespace, [{"op": "test", "path": "/spec/replicas", "value": 3},
                      {"op": "replace", "path": "/spec/template/spec/containers/0/image",
                       "value": "registry.example/web:1.1"}])
assert patched.spec.template.spec.containers[0].image.endswith(":1.1") and patched.metadata.generation == 3
scale = apps.read_namespaced_deployment_scale(name, namespace)
scale.spec.replicas = 1
apps.replace_namespaced_deployment_scale(name, namespace, scale)


def rolled_out():
    status = apps.read_namespaced_deployment_status(name, namespace).status
    return (status.observed_generation == 4 and status.updated_replicas == status.replicas == status.ready_replicas == 1)


wait_for("one new replica", rolled_out)

# Server-side apply: a manager takes what it says from another, by force alone.
configuration = {
    "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "annotations": {"note": "applied"}},
    "spec": {"minReadySeconds": 0, "template": {"spec": {"containers": [
        {"name": "server", "image": "registry.example/web:1.2"}]}}}}


def apply(force):
    return apps.patch_namespaced_deployment(
        name, namespace, configuration, field_manager="python", force=force,
        _content_type="application/apply-patch+yaml")


expect_error(409, "Conflict", lambda: apply(False))
applied = apply(True)
assert applied.spec.template.spec.containers[0].image.endswith(":1.2") and applied.spec.replicas == 1
assert applied.metadata.annotations["note"] == "applied"
assert [entry.operation for entry in applied.metadata.managed_fields if entry.manager == "python"] == ["Apply"]
del configuration["metadata"]["annotations"]
assert "note" not in (apply(False).metadata.annotations or {}), "what is applied no more goes"

stale = apps.read_namespaced_deployment(name, namespace)
stale.metadata.resource_version = created.metadata.resource_version
expect_error(409, "Conflict", lambda: apps.replace_namespaced_deployment(name, namespace, stale))
invalid = apps.read_namespaced_deployment(name, namespace)
invalid.spec.replicas = -1
expect_error(422, "Invalid", lambda: apps.replace_namespaced_deployment(name, namespace, invalid))

apps.delete_namespaced_deployment(name, namespace, propagation_policy="Foreground")
follower.join(DEADLINE_SECONDS)
assert not follower.is_alive(), "the watch did not see the deletion"
kinds = [kind for kind, _ in events]
assert kinds[0] == "ADDED" and kinds[-1] == "DELETED" and set(kinds[1:-1]) == {"MODIFIED"}, kinds
revisions = [int(item.metadata.resource_version) for _, item in events]
assert revisions == sorted(set(revisions)), revisions
wait_for("no pods", lambda: not core.list_namespaced_pod(namespace).items)

core.delete_namespace(namespace)
wait_for("no namespace", lambda: namespace not in [item.metadata.name for item in core.list_namespace().items])
print(f"{len(events)} events seen")
