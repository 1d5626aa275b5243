import Foundation
import Testing

/// kubectl's commands, one after another against one control plane, as somebody would type them.
@Suite("kubectl", .serialized, .inTurn)
struct KubectlTests {
    struct Row {
        var command: String
        /// Texts that the output and the messages hold between them.
        var expected: [String]
        var status: Int32 = 0
        /// Texts that they do not hold.
        var unexpected: [String] = []
    }

    @Test(.timeLimit(.minutes(10)), arguments: KubectlClient.allCases)
    func commandsDoWhatTheySay(with client: KubectlClient) async throws {
        guard client.directory != nil else { try Test.cancel("\(client.testDescription) is not installed") }
        try await withControlPlane { plane in
            try FileManager.default.createSymbolicLink(
                atPath: plane.directory.path + "/deploy", withDestinationPath: Repository.root + "/deploy")
            for row in Self.discovery + Self.writing + Self.applying + Self.reading + Self.more + Self.nodes
                + Self.disruptions + Self.kinds
                + Self.removal
            {
                let outcome = try await plane.shell(row.command, client)
                let text = outcome.output + outcome.errors
                #expect(outcome.status == row.status, "\(outcome)")
                for expected in row.expected { #expect(text.contains(expected), "\(expected)\n\(outcome)") }
                for unexpected in row.unexpected { #expect(!text.contains(unexpected), "\(unexpected)\n\(outcome)") }
                #expect(text.warnings.isEmpty, "\(outcome)")
            }
        }
    }

    private static let discovery: [Row] = [
        Row(command: "kubectl version", expected: ["Server Version: v1.36"]),
        Row(command: "kubectl cluster-info", expected: ["is running at"]),
        Row(command: "kubectl api-versions", expected: ["apps/v1", "batch/v1", "networking.k8s.io/v1"]),
        Row(command: "kubectl api-resources", expected: ["deployments", "deploy", "Deployment", "CronJob"]),
        Row(
            command: "kubectl api-resources --namespaced=false -o name",
            expected: ["nodes", "storageclasses.storage.k8s.io"]),
        Row(
            command: "kubectl explain deployment.spec.strategy.rollingUpdate",
            expected: ["GROUP:      apps", "maxSurge", "maxUnavailable"]),
        Row(
            command: "kubectl explain deployment.spec.replicas",
            expected: ["replicas <integer>", "How many pods there are to be; 1 where nothing is said."]),
        Row(
            command: "kubectl explain pods",
            expected: [
                "A group of containers that run together on one node.", "spec\t<PodSpec>",
                "The containers to run, and how.",
            ],
            unexpected: ["<no description>"]),
        Row(command: "kubectl explain pod --recursive", expected: ["containerPort", "nodeSelector"]),
        Row(command: "kubectl explain pod.spec.nothing", expected: ["does not exist"], status: 1),
        Row(command: "kubectl auth whoami", expected: ["system:masters"]),
        Row(command: "kubectl auth can-i create pods", expected: ["yes"]),
        Row(command: "kubectl get --raw /readyz", expected: ["ok"]),
        Row(
            command: "kubectl get nothings", expected: ["the server doesn't have a resource type \"nothings\""],
            status: 1),
    ]

    private static let writing: [Row] = [
        Row(
            command: "kubectl apply -f deploy/examples/web.yaml --dry-run=server",
            expected: ["web created (server dry run)"]),
        Row(command: "kubectl get deployments", expected: ["No resources found"]),
        Row(
            command: "kubectl apply -f deploy/examples/web.yaml",
            expected: ["configmap/web-page created", "deployment.apps/web created", "service/web created"]),
        Row(
            command: "kubectl apply -f deploy/examples/web.yaml",
            expected: ["configmap/web-page unchanged", "deployment.apps/web unchanged", "service/web unchanged"]),
        Row(command: "kubectl create -f deploy/examples/web.yaml", expected: ["AlreadyExists"], status: 1),
        Row(command: "kubectl diff -f deploy/examples/web.yaml", expected: []),
        Row(
            command: "sed s/web:1.0/web:1.1/ deploy/examples/web.yaml | kubectl diff -f -",
            expected: ["-      - image: registry.example/web:1.0", "+      - image: registry.example/web:1.1"],
            status: 1),
        Row(command: "kubectl rollout status deployment/web --timeout=60s", expected: ["successfully rolled out"]),
        Row(
            command: "kubectl wait --for=condition=Available deployment/web --timeout=60s", expected: ["condition met"]),
        Row(command: "kubectl label deployment web tier=front", expected: ["deployment.apps/web labeled"]),
        Row(command: "kubectl label deployment web tier=back", expected: ["already has a value"], status: 1),
        Row(command: "kubectl label deployment web tier-", expected: ["deployment.apps/web unlabeled"]),
        Row(command: "kubectl annotate deployment web note=short", expected: ["deployment.apps/web annotated"]),
        Row(
            command:
                #"kubectl patch deployment web -p '{"spec":{"template":{"spec":{"containers":[{"name":"server","env":[{"name":"A","value":"1"}]}]}}}}'"#,
            expected: ["deployment.apps/web patched"]),
        Row(
            command: #"kubectl patch deployment web --type=merge -p '{"spec":{"minReadySeconds":0,"replicas":2}}'"#,
            expected: ["deployment.apps/web patched"]),
        Row(
            command:
                #"kubectl patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":2},{"op":"replace","path":"/spec/replicas","value":3}]'"#,
            expected: ["deployment.apps/web patched"]),
        Row(
            command:
                #"kubectl patch deployment web --type=json -p '[{"op":"test","path":"/spec/replicas","value":9}]'"#,
            expected: ["the server rejected our request"], status: 1),
        Row(
            command: #"kubectl patch deployment web --type=merge -p '{"spec":{"replicas":-1}}'"#,
            expected: ["is invalid: spec.replicas", "must be greater than or equal to 0"], status: 1),
        Row(
            command:
                "kubectl get deployment web -o jsonpath='{.spec.replicas} {.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env[0].name}'",
            expected: ["3 registry.example/web:1.0 A"]),
        Row(command: "kubectl rollout status deployment/web --timeout=60s", expected: ["successfully rolled out"]),
        Row(command: "kubectl rollout history deployment/web", expected: ["REVISION", "1 ", "2 "]),
        Row(command: "kubectl rollout restart deployment/web", expected: ["restarted"]),
        Row(command: "kubectl rollout pause deployment/web", expected: ["paused"]),
        Row(command: "kubectl rollout resume deployment/web", expected: ["resumed"]),
        Row(command: "kubectl rollout status deployment/web --timeout=60s", expected: ["successfully rolled out"]),
        Row(command: "kubectl set env deployment/web B=2", expected: ["env updated"]),
        Row(
            command: "kubectl set resources deployment/web --limits=cpu=100m",
            expected: ["resource requirements updated"]),
        Row(
            command: "EDITOR='sed -i s/short/long/' kubectl edit deployment web",
            expected: ["deployment.apps/web edited"]),
        Row(
            command: "kubectl expose deployment web --name=front --port=81 --target-port=8080",
            expected: ["service/front exposed"]),
        Row(command: "kubectl autoscale deployment web --min=2 --max=5 --cpu-percent=80", expected: ["autoscaled"]),
    ]

    private static let applying: [Row] = [
        Row(command: shared("k=v", as: "first"), expected: ["configmap/shared serverside-applied"]),
        Row(
            command: shared("k=w", as: "second"),
            expected: ["Apply failed with 1 conflict: conflict with \"first\": .data.k"], status: 1),
        Row(command: shared("l=w", as: "second"), expected: ["configmap/shared serverside-applied"]),
        Row(
            command: shared("k=w", as: "second") + " --force-conflicts",
            expected: ["configmap/shared serverside-applied"]),
        Row(command: "kubectl get configmap shared -o jsonpath='{.data}'", expected: [#"{"k":"w"}"#]),
        Row(
            command: "kubectl get configmap shared -o yaml --show-managed-fields",
            expected: ["manager: second", "operation: Apply", "f:k: {}"], unexpected: ["manager: first", "f:l:"]),
        // From client-side to server-side apply: nothing stands against it. kubectl itself moves the fields over, and some
        // keep a manager of their own for the annotation.
        Row(command: moved("k=v") + " | kubectl apply -f -", expected: ["configmap/moved created"]),
        Row(
            command: moved("k=w") + " | kubectl apply --server-side -f -",
            expected: ["configmap/moved serverside-applied"]),
        Row(
            command:
                "kubectl get configmap moved -o jsonpath='{.data.k} {range .metadata.managedFields[*]}{.manager}/{.operation} {end}'",
            expected: ["w ", "kubectl/Apply "], unexpected: ["client-side"]),
    ]

    private static func shared(_ literal: String, as manager: String) -> String {
        "kubectl create configmap shared --from-literal=\(literal) --dry-run=client -o yaml"
            + " | kubectl apply --server-side --field-manager=\(manager) -f -"
    }

    private static func moved(_ literal: String) -> String {
        "kubectl create configmap moved --from-literal=\(literal) --dry-run=client -o yaml"
    }

    private static let reading: [Row] = [
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

    private static let nodes: [Row] = [
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

    private static let more: [Row] = [
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
        Row(command: "kubectl auth can-i '*' '*'", expected: ["yes"]),
        Row(command: "kubectl create token default", expected: ["eyJ"]),
        Row(command: "kubectl create token nobody", expected: ["serviceaccounts \"nobody\" not found"], status: 1),
        Row(command: "kubectl logs deployment/web", expected: ["Error from server", "dial tcp"], status: 1),
        Row(command: "kubectl exec deployment/web -- ls", expected: ["error dialing backend"], status: 1),
        Row(command: "kubectl top nodes", expected: ["Metrics API not available"], status: 1),
        Row(
            command: labelled("old") + " | kubectl apply -f -", expected: ["configmap/old created"]),
        Row(
            command: labelled("new") + " | kubectl apply --prune -l group=one --prune-allowlist=core/v1/ConfigMap -f -",
            expected: ["configmap/new created", "configmap/old pruned"]),
        Row(command: "kubectl apply view-last-applied configmap/new", expected: ["group: one"]),
        Row(
            command: labelled("new") + " | kubectl replace --force -f -",
            expected: ["\"new\" deleted", "configmap/new replaced"]),
        Row(
            command:
                "kubectl get cm new -o yaml | sed 's/resourceVersion: .*/resourceVersion: \"1\"/' | kubectl replace -f -",
            expected: ["(Conflict)", "the object has been modified"], status: 1),
        Row(command: "kubectl delete configmap -l group=one", expected: ["\"new\" deleted"]),
        Row(command: "kubectl delete configmap none --ignore-not-found", expected: []),
    ]

    private static func labelled(_ name: String) -> String {
        "kubectl create configmap \(name) --from-literal=a=b --dry-run=client -o yaml"
            + " | kubectl label --local -f - group=one -o yaml"
    }

    /// A budget that allows nothing stands against a drain until it is gone.
    private static let disruptions: [Row] = [
        Row(command: "kubectl create deployment lone --image=lone:1 --replicas=2", expected: ["lone created"]),
        Row(command: "kubectl create pdb lone --selector=app=lone --min-available=2", expected: ["lone created"]),
        Row(command: "kubectl rollout status deployment/lone --timeout=60s", expected: ["successfully rolled out"]),
        Row(
            command:
                "kubectl drain $(kubectl get pods -l app=lone -o jsonpath='{.items[0].spec.nodeName}') --timeout=3s",
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

    private static let kinds: [Row] = [
        Row(command: "kubectl create namespace team", expected: ["namespace/team created"]),
        Row(command: "kubectl create configmap c --from-literal=k=v -n team", expected: ["configmap/c created"]),
        Row(
            command: "kubectl create secret generic s --from-literal=password=p -n team", expected: ["secret/s created"]
        ),
        Row(command: "kubectl get secret s -n team -o jsonpath='{.data.password}'", expected: ["cA=="]),
        Row(command: "kubectl create serviceaccount robot -n team", expected: ["serviceaccount/robot created"]),
        Row(command: "kubectl create job once --image=job:1 -n team", expected: ["job.batch/once created"]),
        Row(
            command: "kubectl create cronjob nightly --image=job:1 --schedule='0 3 * * *' -n team",
            expected: ["cronjob.batch/nightly created"]),
        Row(
            command: "kubectl create role reader --verb=get,list --resource=pods -n team",
            expected: ["role.rbac.authorization.k8s.io/reader created"]),
        Row(
            command: "kubectl create rolebinding readers --role=reader --serviceaccount=team:robot -n team",
            expected: ["rolebinding.rbac.authorization.k8s.io/readers created"]),
        Row(
            command: "kubectl create clusterrole seer --verb=get --resource=nodes",
            expected: ["clusterrole.rbac.authorization.k8s.io/seer created"]),
        Row(
            command: "kubectl create clusterrolebinding seers --clusterrole=seer --user=alice",
            expected: ["clusterrolebinding.rbac.authorization.k8s.io/seers created"]),
        Row(command: "kubectl create quota limits --hard=pods=10 -n team", expected: ["resourcequota/limits created"]),
        Row(
            command: "kubectl create poddisruptionbudget some --selector=app=x --min-available=1 -n team",
            expected: ["poddisruptionbudget.policy/some created"]),
        Row(
            command: "kubectl create priorityclass urgent --value=1000",
            expected: ["priorityclass.scheduling.k8s.io/urgent created"]),
        Row(
            command: "kubectl create ingress entry --rule='web.example/*=web:80' -n team",
            expected: ["ingress.networking.k8s.io/entry created"]),
        Row(command: "kubectl create service clusterip plain --tcp=80 -n team", expected: ["service/plain created"]),
        Row(
            command: "kubectl create deployment small --image=small:1 --replicas=2 -n team",
            expected: ["deployment.apps/small created"]),
        Row(command: "kubectl run single --image=single:1 -n team", expected: ["pod/single created"]),
        Row(
            command: "kubectl wait --for=condition=Ready pod/single -n team --timeout=60s", expected: ["condition met"]),
        Row(command: "kubectl scale deployment small --replicas=1 -n team", expected: ["scaled"]),
        Row(
            command: "kubectl get cm,secret,sa,job,cronjob,role,rolebinding,quota,pdb,ingress,svc,deploy,pod -n team",
            expected: ["configmap/c", "0 3 * * *", "web.example", "pod/single"]),
        Row(
            command:
                "kubectl replace -f - -n team <<< '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"c\"},\"data\":{\"k\":\"w\"}}'",
            expected: ["configmap/c replaced"]),
        Row(command: "kubectl get cm c -n team -o jsonpath='{.data.k}'", expected: ["w"]),
        Row(
            command:
                "kubectl create -f - -n team <<< '{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"d\"},\"dota\":{}}'",
            expected: ["unknown field \"dota\""], status: 1),
    ]

    private static let removal: [Row] = [
        Row(command: "kubectl delete pod single -n team", expected: ["pod \"single\" deleted"]),
        Row(
            command: "kubectl delete deployment small -n team --cascade=foreground",
            expected: ["deployment.apps \"small\" deleted"]),
        Row(
            command: "kubectl delete configmap c d -n team",
            expected: ["configmap \"c\" deleted", "configmaps \"d\" not found"], status: 1),
        Row(
            command: "kubectl delete job,cronjob --all -n team",
            expected: ["job.batch \"once\" deleted", "cronjob.batch \"nightly\" deleted"]),
        Row(command: "kubectl delete namespace team --timeout=60s", expected: ["namespace \"team\" deleted"]),
        Row(command: "kubectl get namespace team", expected: ["NotFound"], status: 1),
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
