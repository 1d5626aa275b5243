import Foundation
import Testing

/// Helm's commands on a release of the chart that `helm create` makes: a Deployment, a Service, a ServiceAccount, and by
/// choice an Ingress and a HorizontalPodAutoscaler; and on one that brings a kind of its own.
@Suite("Helm", .serialized, .inTurn, .enabled(if: Repository.hasHelm, "Helm is not installed in .venv"))
struct HelmTests {
    private struct Row {
        var command: String
        /// Texts that the output and the messages hold between them.
        var expected: [String]
        var status: Int32 = 0
    }

    @Test(.timeLimit(.minutes(5)))
    func installsUpgradesRollsBackAndUninstalls() async throws {
        try await runRows([
            Row(command: "helm create web", expected: ["Creating web"]),
            Row(
                command: "helm install site web --dry-run=server --set ingress.enabled=true",
                expected: ["STATUS: pending-install", "kind: Ingress", "kind: Deployment"]),
            Row(
                command:
                    "helm install site web --wait --timeout 90s --set ingress.enabled=true,autoscaling.enabled=true",
                expected: ["STATUS: deployed", "REVISION: 1"]),
            Row(command: "kubectl get hpa,ingress,serviceaccount -o name", expected: ["site-web", "ingress"]),
            Row(command: "helm install site web", expected: ["cannot re-use a name that is still in use"], status: 1),
            Row(
                command: "helm upgrade site web --wait --timeout 90s --set replicaCount=3",
                expected: ["has been upgraded", "REVISION: 2"]),
            Row(command: "kubectl get deployment site-web", expected: ["3/3"]),
            Row(command: "kubectl get hpa,ingress", expected: ["No resources found"]),
            Row(
                command: "helm upgrade site web --set replicaCount=-1",
                expected: ["spec.replicas: Invalid value: -1: must be greater than or equal to 0"], status: 1),
            Row(command: "helm rollback site 1 --wait --timeout 90s", expected: ["Rollback was a success"]),
            Row(command: "helm history site", expected: ["superseded", "failed", "Rollback to 1"]),
            Row(command: "helm status site", expected: ["STATUS: deployed", "REVISION: 4"]),
            Row(command: "helm list --all", expected: ["site", "deployed", "web-0.1.0"]),
            Row(command: "helm get manifest site", expected: ["kind: HorizontalPodAutoscaler"]),
            Row(command: "helm test site --timeout 90s", expected: ["Phase:          Succeeded"]),
            Row(command: "helm uninstall site --wait", expected: ["release \"site\" uninstalled"]),
            Row(command: "kubectl get deployments,services -l app.kubernetes.io/name=web", expected: ["No resources"]),
        ])
    }

    @Test(.timeLimit(.minutes(5)))
    func installsAChartThatBringsItsOwnKind() async throws {
        try await runRows([
            Row(command: "mkdir -p birds/crds birds/templates", expected: []),
            Row(command: Self.file("birds/Chart.yaml", "apiVersion: v2\nname: birds\nversion: 0.1.0"), expected: []),
            Row(command: Self.file("birds/crds/nests.yaml", Self.definition), expected: []),
            Row(command: Self.file("birds/templates/nest.yaml", Self.nest), expected: []),
            Row(command: "helm install spring birds --wait --timeout 60s", expected: ["STATUS: deployed"]),
            Row(command: "kubectl get nests -o jsonpath='{.items[*].spec.eggs}'", expected: ["3"]),
            Row(command: "helm upgrade spring birds --set eggs=5 --wait", expected: ["REVISION: 2"]),
            Row(command: "kubectl get nest spring -o jsonpath='{.spec.eggs}'", expected: ["5"]),
            Row(
                command: "helm upgrade spring birds --set eggs=many",
                expected: ["spec.eggs", "must be of type integer"],
                status: 1),
            Row(command: "helm uninstall spring --wait", expected: ["uninstalled"]),
            Row(command: "kubectl get nests", expected: ["No resources found"]),
        ])
    }

    private func runRows(_ rows: [Row]) async throws {
        try await withControlPlane { plane in
            for row in rows {
                let outcome = try await plane.shell(row.command)
                let text = outcome.output + outcome.errors
                #expect(outcome.status == row.status, "\(outcome)")
                for expected in row.expected { #expect(text.contains(expected), "\(expected)\n\(outcome)") }
            }
        }
    }

    private static func file(_ path: String, _ text: String) -> String { "cat >\(path) <<'END'\n\(text)\nEND" }

    private static let definition = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata:
          name: nests.birds.example
        spec:
          group: birds.example
          scope: Namespaced
          names: {plural: nests, singular: nest, kind: Nest}
          versions:
          - name: v1
            served: true
            storage: true
            schema:
              openAPIV3Schema:
                type: object
                properties:
                  spec:
                    type: object
                    properties:
                      eggs: {type: integer}
        """
    private static let nest = """
        apiVersion: birds.example/v1
        kind: Nest
        metadata:
          name: {{ .Release.Name }}
        spec:
          eggs: {{ .Values.eggs | default 3 }}
        """
}
