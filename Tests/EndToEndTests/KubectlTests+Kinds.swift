// Kinds in a namespace of their own, and requests for certificates.
extension KubectlTests {
    static let kinds: [Row] = [
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
        Row(command: "kubectl set image deployment/small small=small:2 -n team", expected: ["image updated"]),
        Row(
            command: "kubectl set serviceaccount deployment small robot -n team",
            expected: ["deployment.apps/small serviceaccount updated"]),
        Row(
            command:
                "kubectl get deployment small -n team -o jsonpath='{.spec.template.spec.serviceAccountName} {.spec.template.spec.containers[0].image}'",
            expected: ["robot small:2"]),
        Row(
            command: "kubectl set selector service plain app=small,tier=x -n team",
            expected: ["service/plain selector updated"]),
        Row(
            command: "kubectl get service plain -n team -o jsonpath='{.spec.selector}'",
            expected: [#"{"app":"small","tier":"x"}"#]),
        Row(command: "kubectl rollout status deployment/small -n team --timeout=60s", expected: ["rolled out"]),
    ]

    static let endOfKinds: [Row] = [
        Row(
            command: "kubectl delete pod single -n team --grace-period=1", expected: ["pod \"single\" deleted"],
            unexpected: ["force"]),
        Row(command: "kubectl run stuck --image=stuck:1 -n team", expected: ["pod/stuck created"]),
        Row(
            command: "kubectl delete pod stuck -n team --grace-period=0 --force",
            expected: ["pod \"stuck\" force deleted"]),
        Row(command: "kubectl get pod stuck -n team", expected: ["NotFound"], status: 1),
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
    ]

    /// A request for a certificate is granted, another is refused, and neither can be changed into the other.
    static let signing: [Row] = [
        Row(
            command: signingRequest("alice"),
            expected: ["certificatesigningrequest.certificates.k8s.io/alice created"]),
        Row(command: "kubectl get csr alice", expected: ["kubernetes.io/kube-apiserver-client", "Pending"]),
        Row(
            command: "kubectl certificate approve alice",
            expected: ["certificatesigningrequest.certificates.k8s.io/alice approved"]),
        Row(
            command: "kubectl wait --for=condition=Approved csr/alice --timeout=60s",
            expected: ["certificatesigningrequest.certificates.k8s.io/alice condition met"]),
        Row(
            command: "kubectl get csr alice -o jsonpath='{.status.conditions[0].type} {.status.conditions[0].reason}'",
            expected: ["Approved KubectlApprove"]),
        Row(
            command: "kubectl certificate deny alice",
            expected: ["\"alice\" is already Approved"],
            status: 1),
        Row(command: signingRequest("bob"), expected: ["bob created"]),
        Row(
            command: "kubectl certificate deny bob",
            expected: ["certificatesigningrequest.certificates.k8s.io/bob denied"]),
        Row(command: "kubectl get csr bob", expected: ["Denied"]),
        Row(command: "kubectl certificate approve none", expected: ["\"none\" not found"], status: 1),
        Row(command: "kubectl delete csr alice bob", expected: ["\"alice\" deleted", "\"bob\" deleted"]),
    ]

    private static func signingRequest(_ name: String) -> String {
        """
        openssl req -new -newkey rsa:2048 -nodes -keyout /dev/null -subj /O=team/CN=\(name) -out \(name).csr 2>/dev/null \\
            && kubectl create -f - <<END
        apiVersion: certificates.k8s.io/v1
        kind: CertificateSigningRequest
        metadata: {name: \(name)}
        spec:
          signerName: kubernetes.io/kube-apiserver-client
          usages: [client auth]
          request: $(base64 -w 0 \(name).csr)
        END
        """
    }
}
