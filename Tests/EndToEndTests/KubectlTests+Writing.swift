// What looks around, and what writes.
extension KubectlTests {
    static let discovery: [Row] = [
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
        Row(command: "kubectl auth can-i '*' '*'", expected: ["yes"]),
        Row(
            command: "kubectl auth whoami --as=zoe --as-group=ops --as-uid=7",
            expected: ["zoe", "ops", "system:authenticated", "7"], unexpected: ["system:masters"]),
        Row(command: "kubectl auth can-i create pods --as=zoe", expected: ["no"], status: 1),
        Row(
            command: "kubectl get pods --as=zoe --as-group=ops",
            expected: ["(Forbidden)", "User \"zoe\" cannot list resource \"pods\""], status: 1),
        Row(command: "kubectl get --raw /readyz", expected: ["ok"]),
        Row(
            command: "kubectl get nothings", expected: ["the server doesn't have a resource type \"nothings\""],
            status: 1),
    ]

    static let writing: [Row] = [
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
        Row(command: "kubectl set env deployment/web --list", expected: ["A=1", "B=2"]),
        Row(command: "kubectl set env deployment/web A-", expected: ["env updated"]),
        Row(
            command: "kubectl set resources deployment/web --limits=cpu=100m --requests=cpu=50m,memory=16Mi",
            expected: ["resource requirements updated"]),
        Row(
            command:
                "kubectl get deployment web -o jsonpath='{.spec.template.spec.containers[0].env[*].name} {.spec.template.spec.containers[0].resources}'",
            expected: [#"B {"limits":{"cpu":"100m"},"requests":{"cpu":"50m","memory":"16Mi"}}"#]),
        Row(
            command: "kubectl set resources deployment/web --limits=cpu=1m",
            expected: ["must be less than or equal to cpu limit"], status: 1),
        Row(
            command: "kubectl wait --for=jsonpath='{.status.observedGeneration}' deployment/web --timeout=60s",
            expected: ["condition met"]),
        Row(
            command: "kubectl wait --for=jsonpath='{.spec.replicas}'=3 deployment/web --timeout=60s",
            expected: ["condition met"]),
        Row(
            command: "kubectl wait --for=condition=Progressing=False deployment/web --timeout=1s",
            expected: ["timed out waiting for the condition on deployments/web"], status: 1),
        Row(
            command: "kubectl wait --for=condition=Available deployment/none --timeout=1s", expected: ["not found"],
            status: 1),
        Row(
            command: "EDITOR='sed -i s/short/long/' kubectl edit deployment web",
            expected: ["deployment.apps/web edited"]),
        Row(
            command: "kubectl expose deployment web --name=front --port=81 --target-port=8080",
            expected: ["service/front exposed"]),
        Row(command: "kubectl autoscale deployment web --min=2 --max=5 --cpu-percent=80", expected: ["autoscaled"]),
    ]
}
