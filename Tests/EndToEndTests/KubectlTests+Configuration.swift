// Configuration maps, as several managers write them.
extension KubectlTests {
    /// What is declared, by one manager or several.
    static let configuration: [Row] =
        applying + [
            Row(
                command: labelled("old") + " | kubectl apply -f -", expected: ["configmap/old created"]),
            Row(
                command: labelled("new")
                    + " | kubectl apply --prune -l group=one --prune-allowlist=core/v1/ConfigMap -f -",
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

    private static let applying: [Row] = [
        Row(command: shared("k=v", as: "first"), expected: ["configmap/shared serverside-applied"]),
        Row(
            command: shared("k=w", as: "second"),
            expected: ["Apply failed with 1 conflict: conflict with \"first\": .data.k"], status: 1),
        Row(command: shared("l=w", as: "second"), expected: ["configmap/shared serverside-applied"]),
        Row(
            command: shared("k=w", as: "second") + " --force-conflicts",
            expected: ["configmap/shared serverside-applied"]),
        Row(command: shared("k=w", as: "second", verb: "diff"), expected: []),
        Row(
            command: shared("k=x", as: "second", verb: "diff"), expected: ["-  k: w", "+  k: x"], status: 1),
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

    private static func shared(_ literal: String, as manager: String, verb: String = "apply") -> String {
        "kubectl create configmap shared --from-literal=\(literal) --dry-run=client -o yaml"
            + " | kubectl \(verb) --server-side --field-manager=\(manager) -f -"
    }

    private static func moved(_ literal: String) -> String {
        "kubectl create configmap moved --from-literal=\(literal) --dry-run=client -o yaml"
    }

    private static func labelled(_ name: String) -> String {
        "kubectl create configmap \(name) --from-literal=a=b --dry-run=client -o yaml"
            + " | kubectl label --local -f - group=one -o yaml"
    }
}
