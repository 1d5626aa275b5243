// What reads, what disturbs, and what removes.
extension KubectlTests {
    static let reading: [Row] = [
        Row(command: "kubectl rollout status deployment/web --timeout=60s", expected: ["successfully rolled out"]),
        Row(
            command: "kubectl get deployment web -o wide",
            expected: ["CONTAINERS", "registry.example/web:1.0", "app=web"]),
        Row(
            command: "kubectl get deployment web -o yaml",
            expected: ["kind: Deployment", "note: long", "observedGeneration:"]),
        Row(
            command: "kubectl get deployment web -o json",
            expected: ["\"kind\": \"Deployment\"", "\"progressDeadlineSeconds\": 600"]),
        Row(command: "kubectl get deployments -o name", expected: ["deployment.apps/web"]),
        Row(command: "kubectl get pods --sort-by=.metadata.name -L app", expected: ["APP", "web-"]),
        Row(command: "kubectl get pods -l app=web --field-selector=status.phase=Running", expected: ["Running"]),
        Row(command: "kubectl get pods -l 'app notin (web)'", expected: ["No resources found"]),
        Row(
            command: "kubectl get all,cm,hpa -A",
            expected: ["pod/web-", "configmap/web-page", "horizontalpodautoscaler.autoscaling/web"]),
        Row(
            command: "kubectl get services front -o custom-columns=P:.spec.ports[0].port,T:.spec.ports[0].targetPort",
            expected: ["81    8080"]),
        Row(command: "timeout 1 kubectl get pods -w", expected: ["web-"], status: 124),
        Row(
            command: "timeout 1 kubectl get pods -w --output-watch-events -o json", expected: ["\"type\":\"ADDED\""],
            status: 124),
        Row(
            command: "kubectl describe deployment web",
            expected: ["RollingUpdateStrategy:", "NewReplicaSet:", "ScalingReplicaSet"]),
        Row(
            command: "kubectl describe pods -l app=web",
            expected: ["Controlled By:  ReplicaSet/web-", "Ready:          True"]),
        Row(
            command: "kubectl describe $(kubectl get pods -l app=web -o name | head -1)",
            expected: ["Scheduled", "Started"]),
        Row(command: "kubectl describe service front", expected: ["TargetPort:", "8080/TCP"]),
        Row(command: "kubectl describe configmap web-page", expected: ["Served by a martlet"]),
        Row(
            command: "kubectl get pod none", expected: ["Error from server (NotFound): pods \"none\" not found"],
            status: 1),
        Row(command: "kubectl events --for deployment/web", expected: ["ScalingReplicaSet"]),
        Row(
            command: "kubectl get events --field-selector involvedObject.kind=Deployment",
            expected: ["ScalingReplicaSet"]),
    ]

    static let nodes: [Row] = [
        Row(command: "kubectl get nodes -o wide", expected: ["node-0", "Ready", "CONTAINER-RUNTIME"]),
        Row(command: "kubectl describe node node-0", expected: ["Allocatable:", "Non-terminated Pods:"]),
        Row(command: "kubectl cordon node-0", expected: ["node/node-0 cordoned"]),
        Row(command: "kubectl get node node-0", expected: ["Ready,SchedulingDisabled"]),
        Row(command: "kubectl drain node-0 --timeout=60s", expected: ["node/node-0 drained"]),
        Row(
            command: "kubectl get pods -o jsonpath='{.items[*].spec.nodeName}' --field-selector=spec.nodeName=node-0",
            expected: [], unexpected: ["node-0"]),
        Row(command: "kubectl uncordon node-0", expected: ["node/node-0 uncordoned"]),
        Row(command: "kubectl taint node node-0 dedicated=some:NoSchedule", expected: ["node/node-0 tainted"]),
        Row(command: "kubectl get node node-0 -o jsonpath='{.spec.taints[*].key}'", expected: ["dedicated"]),
        Row(command: "kubectl taint node node-0 dedicated-", expected: ["node/node-0 untainted"]),
        Row(command: "kubectl rollout status deployment/web --timeout=60s", expected: ["successfully rolled out"]),
    ]

    static let more: [Row] = [
        Row(
            command: "kubectl scale deployment web --replicas=2 --current-replicas=9",
            expected: ["Expected replicas to be 9, was 3"], status: 1),
        Row(
            command: #"kubectl patch deployment web --subresource=scale --type=merge -p '{"spec":{"replicas":3}}'"#,
            expected: ["scale.autoscaling/web patched"]),
        Row(
            command:
                #"kubectl patch deployment web --subresource=status --type=merge -p '{"status":{"collisionCount":0}}'"#,
            expected: ["deployment.apps/web patched"]),
        Row(
            command: "kubectl label deployment web tier=x --resource-version=1",
            expected: ["the object has been modified"], status: 1),
        Row(
            command: "kubectl rollout undo deployment/web --to-revision=99",
            expected: ["unable to find specified revision 99"], status: 1),
        Row(command: "kubectl create token default", expected: ["eyJ"]),
        Row(command: "kubectl create token nobody", expected: ["serviceaccounts \"nobody\" not found"], status: 1),
        Row(command: "kubectl logs deployment/web", expected: ["Error from server", "dial tcp"], status: 1),
        Row(command: "kubectl exec deployment/web -- ls", expected: ["error dialing backend"], status: 1),
        Row(command: "kubectl top nodes", expected: ["Metrics API not available"], status: 1),
    ]

    /// A budget that allows nothing stands against a drain until it is gone.
    static let disruptions: [Row] = [
        Row(command: "kubectl create deployment lone --image=lone:1 --replicas=2", expected: ["lone created"]),
        Row(command: "kubectl create pdb lone --selector=app=lone --min-available=2", expected: ["lone created"]),
        Row(command: "kubectl rollout status deployment/lone --timeout=60s", expected: ["successfully rolled out"]),
        // What a controller that is not built would find out: until it has, clients are told to come back in ten seconds,
        // and try ten times.
        Row(
            command:
                #"kubectl patch pdb lone --subresource=status --type=merge -p '{"status":{"observedGeneration":1,"currentHealthy":2,"desiredHealthy":2,"expectedPods":2,"disruptionsAllowed":0}}'"#,
            expected: ["lone patched"]),
        Row(
            command:
                "kubectl drain $(kubectl get pods -l app=lone -o jsonpath='{.items[0].spec.nodeName}') --timeout=1s",
            expected: ["it would violate the pod's disruption budget"], status: 1),
        Row(command: "kubectl delete pdb lone", expected: ["\"lone\" deleted"]),
        Row(
            command:
                "kubectl drain $(kubectl get nodes -o jsonpath='{.items[?(@.spec.unschedulable)].metadata.name}') --timeout=60s",
            expected: ["drained"]),
        Row(command: "kubectl uncordon node-0 node-1", expected: ["uncordoned"]),
        Row(command: "kubectl delete deployment lone --cascade=orphan", expected: ["\"lone\" deleted"]),
        Row(command: "kubectl get rs -l app=lone -o name", expected: ["replicaset.apps/lone-"]),
        Row(command: "kubectl delete rs -l app=lone --cascade=background", expected: ["\"lone-"]),
        Row(command: "kubectl rollout status deployment/web --timeout=60s", expected: ["successfully rolled out"]),
    ]

    static let removal: [Row] = [
        Row(
            command: "kubectl delete -f deploy/examples/web.yaml",
            expected: ["configmap \"web-page\" deleted", "deployment.apps \"web\" deleted"]),
        Row(command: "kubectl wait --for=delete pod -l app=web --timeout=60s", expected: []),
        Row(
            command: "kubectl delete hpa/web service/front",
            expected: ["\"web\" deleted", "\"front\" deleted"]),
        Row(
            command: "kubectl delete clusterrole/seer clusterrolebinding/seers priorityclass/urgent",
            expected: ["\"urgent\" deleted"]),
        Row(command: "kubectl get all", expected: ["service/kubernetes"], unexpected: ["web"]),
    ]
}
