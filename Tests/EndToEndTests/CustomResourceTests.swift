import Foundation
import Testing

/// A custom resource as its users meet it: kubectl's commands one after another, and programs made with libraries.
@Suite("Custom resources", .serialized, .inTurn)
struct CustomResourceTests {
    @Test(.timeLimit(.minutes(5)), arguments: KubectlClient.allCases)
    func kubectlDoesWhatItDoesWithOtherKinds(with client: KubectlClient) async throws {
        guard client.directory != nil else { try Test.cancel("\(client.testDescription) is not installed") }
        try await withControlPlane(["apiserver"]) { plane in
            try Self.files.forEach { name, text in
                try text.write(toFile: "\(plane.directory.path)/\(name)", atomically: true, encoding: .utf8)
            }
            for row in Self.definition + Self.writing + Self.applying + Self.reading + Self.subresources + Self.removal
            {
                let outcome = try await plane.shell(row.command, client)
                let text = outcome.output + outcome.errors
                #expect(outcome.status == row.status, "\(outcome)")
                for expected in row.expected { #expect(text.contains(expected), "\(expected)\n\(outcome)") }
                for unexpected in row.unexpected { #expect(!text.contains(unexpected), "\(unexpected)\n\(outcome)") }
            }
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        .enabled(
            if: ["kubernetes", "kopf", "kr8s", "lightkube"].allSatisfy(Repository.hasPythonPackage),
            "Python packages are missing in .venv"),
        arguments: ["custom_objects", "script_kr8s", "script_lightkube", "operator_kopf", "large_definitions"])
    func programsRun(script: String) async throws {
        try await withControlPlane(["apiserver"]) { plane in
            var command = Command([
                Repository.python, Repository.root + "/Tests/EndToEndTests/Python/\(script).py",
            ])
            command.environment = plane.environment(.installed)
            command.environment["PYTHONDONTWRITEBYTECODE"] = "1"
            let outcome = try await command.run(within: .seconds(240))
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    private typealias Row = KubectlTests.Row

    private static let definition: [Row] = [
        Row(command: "kubectl apply -f shirts.yaml", expected: ["shirts.wear.example created"]),
        Row(
            command: "kubectl wait --for=condition=Established crd/shirts.wear.example --timeout=30s",
            expected: ["condition met"]),
        Row(
            command: "kubectl wait --for=jsonpath='{.status.acceptedNames.kind}'=Shirt crd/shirts.wear.example",
            expected: ["condition met"]),
        Row(
            command: "kubectl api-resources --api-group=wear.example -o wide",
            expected: ["shirts", "st", "wear.example/v1 ", "Shirt", "clothes"], unexpected: ["v1beta1"]),
        Row(
            command: "kubectl explain shirt",
            expected: [
                "GROUP:      wear.example", "VERSION:    v1\n", "A shirt that somebody can wear.",
                "metadata\t<ObjectMeta>", "How the shirt is to be.",
            ]),
        Row(
            command: "kubectl explain st.spec.size",
            expected: ["size <string>", "ENUM:", "medium", "How large the shirt is."]),
        Row(
            command: "kubectl explain shirts.spec.fabric.threads --recursive",
            expected: ["threads <[]Object>", "name\t<string> -required-", "strength\t<integer>"]),
        Row(command: "kubectl explain shirt.spec.price", expected: ["What it costs."]),
        Row(
            command: "kubectl explain shirts.spec --api-version=wear.example/v1beta1",
            expected: ["VERSION:    v1beta1", "labels\t<map[string]string>", "enum: small, medium, large"]),
        Row(
            command: "kubectl explain shirt.spec.nothing", expected: ["field \"nothing\" does not exist"], status: 1),
        Row(
            command: "kubectl explain shirt --recursive",
            expected: ["managedFields\t<[]ManagedFieldsEntry>", "price\t<", "conditions\t<[]Object>"]),
        Row(
            command: "kubectl explain shirt.spec --output=plaintext-openapiv2",
            expected: ["RESOURCE: spec <Object>", "size\t<string> -required-"]),
    ]

    private static let writing: [Row] = [
        Row(
            command: "sed 's/size: small/size: small, collar: high/' one.yaml | kubectl create -f -",
            expected: ["strict decoding error: unknown field \"spec.collar\""], status: 1),
        Row(
            command:
                "sed 's/small/small, collar: high/' one.yaml | kubectl create -f - --validate=warn --dry-run=server",
            expected: ["Warning: unknown field \"spec.collar\"", "created (server dry run)"]),
        Row(
            command:
                "sed 's/small/small, collar: high/' one.yaml | kubectl create -f - --validate=false --dry-run=server -o yaml",
            expected: ["color: white", "replicas: 1"], unexpected: ["collar"]),
        Row(
            command: "sed 's/small/huge/' one.yaml | kubectl create -f -",
            expected: [
                "The Shirt \"one\" is invalid: spec.size: Unsupported value: \"huge\"",
                "\"small\", \"medium\", \"large\"",
            ], status: 1),
    ]

    private static let applying: [Row] = [
        Row(command: "kubectl diff -f one.yaml", expected: ["+kind: Shirt", "+  color: white"], status: 1),
        Row(command: "kubectl apply -f one.yaml", expected: ["shirt.wear.example/one created"]),
        Row(command: "kubectl apply -f one.yaml", expected: ["shirt.wear.example/one unchanged"]),
        Row(command: "kubectl diff -f one.yaml", expected: [], unexpected: ["+"]),
        Row(
            command: "sed 's/a: b, //; s/small/large/' one.yaml > two.yaml; kubectl diff -f two.yaml",
            expected: ["-    a: b", "+  size: large", "+  generation: 2"], status: 1),
        Row(command: "kubectl apply -f two.yaml", expected: ["shirt.wear.example/one configured"]),
        Row(
            command:
                "kubectl get st one -o jsonpath='{.spec.labels} {.spec.size} {.spec.color} {.metadata.generation}'",
            expected: ["{\"c\":\"d\"} large white 2"]),
        Row(command: "kubectl apply --server-side -f one.yaml", expected: ["serverside-applied"]),
        Row(
            command:
                "sed 's/strength: 1/strength: 7/' one.yaml | kubectl apply --server-side --field-manager=other -f -",
            expected: ["conflict with \"kubectl\": .spec.fabric.threads[name=\"a\"].strength"], status: 1),
        Row(
            command:
                "sed 's/strength: 1/strength: 7/' one.yaml | kubectl apply --server-side --field-manager=other --force-conflicts -f -",
            expected: ["serverside-applied"]),
        Row(command: "EDITOR='sed -i s/wool/silk/' kubectl edit st one", expected: ["shirt.wear.example/one edited"]),
        Row(
            command: #"kubectl patch st one --type=merge -p '{"spec":{"color":"red","labels":{"a":null}}}'"#,
            expected: ["shirt.wear.example/one patched"]),
        Row(
            command:
                #"kubectl patch st one --type=json -p '[{"op":"replace","path":"/spec/color","value":"blue"}]' -o jsonpath='{.spec}'"#,
            expected: [#""color":"blue""#, #""name":"silk""#, #"{"c":"d"}"#]),
        Row(
            command: #"kubectl patch st one -p '{"spec":{"color":"red"}}'"#,
            expected: [
                "application/strategic-merge-patch+json is not supported by wear.example/v1, Kind=Shirt",
                "accepted media types include: application/json-patch+json, application/merge-patch+json",
            ], status: 1),
        Row(
            command: #"kubectl patch st one --type=merge -p '{"spec":{"color":"RED"}}'"#,
            expected: ["spec.color in body should match '^[a-z]+$'"], status: 1),
    ]

    private static let reading: [Row] = [
        Row(command: "kubectl get st", expected: ["NAME   SIZE    READY   AGE"], unexpected: ["FABRIC"]),
        Row(command: "kubectl get shirts -o wide", expected: ["FABRIC", "silk"]),
        Row(command: "kubectl get clothes", expected: ["one    small"]),
        Row(command: "kubectl get shirt.wear.example/one -o name", expected: ["shirt.wear.example/one"]),
        Row(
            command: "kubectl get shirts.v1beta1.wear.example one -o yaml",
            expected: [
                "Warning: wear.example/v1beta1 Shirt is old; use wear.example/v1", "apiVersion: wear.example/v1beta1",
            ]),
        Row(command: "kubectl get st --field-selector spec.size=small -o name", expected: ["shirt.wear.example/one"]),
        Row(command: "kubectl get st --field-selector spec.size=large -o name", expected: [], unexpected: ["one"]),
        Row(
            command: "kubectl get st --field-selector spec.color=blue",
            expected: ["field label not supported: spec.color"], status: 1),
        Row(command: "kubectl label st one tier=front", expected: ["shirt.wear.example/one labeled"]),
        Row(command: "kubectl annotate st one note=short", expected: ["shirt.wear.example/one annotated"]),
        Row(command: "kubectl get st -l tier=front -L tier", expected: ["TIER", "front"]),
        Row(command: "kubectl describe st one", expected: ["Kind:         Shirt", "Strength:  7", "Annotations:"]),
    ]

    private static let subresources: [Row] = [
        Row(command: "kubectl scale st/one --replicas=3", expected: ["shirt.wear.example/one scaled"]),
        Row(
            command: "kubectl scale st/one --replicas=4 --current-replicas=9",
            expected: ["Expected replicas to be 9, was 3"], status: 1),
        Row(
            command: "kubectl get st one --subresource=scale -o jsonpath='{.kind} {.spec.replicas}'",
            expected: ["Scale 3"]),
        Row(
            command:
                #"kubectl patch st one --subresource=status --type=merge -p '{"status":{"worn":2,"conditions":[{"type":"Ready","status":"True"}]},"spec":{"color":"no"}}' -o jsonpath='{.spec.color}'"#,
            expected: ["blue"]),
        Row(command: "kubectl wait --for=condition=Ready st/one --timeout=30s", expected: ["condition met"]),
        Row(
            command: "kubectl wait --for=jsonpath='{.status.worn}'=2 st/one --timeout=30s", expected: ["condition met"]),
        Row(command: "kubectl get st one", expected: ["one    small   True"]),
    ]

    private static let removal: [Row] = [
        Row(
            command: """
                timeout 60 kubectl get st -w --output-watch-events >watched & watch=$!
                until grep -q ADDED watched; do sleep 0.05; done
                kubectl delete crd shirts.wear.example --timeout=30s
                wait $watch && cat watched
                """,
            expected: ["\"shirts.wear.example\" deleted", "DELETED    one"]),
        Row(
            command: "kubectl api-resources --api-group=wear.example", expected: ["SHORTNAMES"], unexpected: ["shirts"]),
        Row(
            command: "kubectl get st", expected: ["the server doesn't have a resource type \"st\""], status: 1),
        Row(command: "kubectl get --raw /apis/wear.example", expected: ["could not find"], status: 1),
    ]

    // MARK: Files

    private static let files = [
        "one.yaml": """
        apiVersion: wear.example/v1
        kind: Shirt
        metadata: {name: one}
        spec:
          {size: small, fabric: {name: wool, threads: [{name: a, strength: 1}, {name: b}]}, labels: {a: b, c: d}}
        """,
        "shirts.yaml": """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: shirts.wear.example}
        spec:
          group: wear.example
          scope: Namespaced
          names:
            {plural: shirts, singular: shirt, kind: Shirt, shortNames: [st], categories: [clothes]}
          versions:
          - name: v1
            served: true
            storage: true
            subresources:
              status: {}
              scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
            selectableFields: [{jsonPath: .spec.size}]
            additionalPrinterColumns:
            - {name: Size, type: string, jsonPath: .spec.size}
            - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
            - {name: Fabric, type: string, jsonPath: .spec.fabric.name, priority: 1}
            - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
            schema: &schema
              openAPIV3Schema:
                type: object
                description: A shirt that somebody can wear.
                properties:
                  spec:
                    type: object
                    description: How the shirt is to be.
                    required: [size]
                    properties:
                      size: {type: string, enum: [small, medium, large], description: How large the shirt is.}
                      color: {type: string, default: white, pattern: '^[a-z]+$'}
                      replicas: {type: integer, format: int32, minimum: 0, default: 1}
                      price: {x-kubernetes-int-or-string: true, description: What it costs.}
                      labels: {type: object, additionalProperties: {type: string}}
                      fabric:
                        type: object
                        properties:
                          name: {type: string}
                          threads:
                            type: array
                            x-kubernetes-list-type: map
                            x-kubernetes-list-map-keys: [name]
                            items:
                              type: object
                              required: [name]
                              properties: {name: {type: string}, strength: {type: integer, maximum: 100}}
                  status:
                    type: object
                    properties:
                      worn: {type: integer}
                      replicas: {type: integer}
                      conditions:
                        type: array
                        items:
                          type: object
                          required: [type, status]
                          properties: {type: {type: string}, status: {type: string}}
          - name: v1beta1
            served: true
            storage: false
            deprecated: true
            deprecationWarning: wear.example/v1beta1 Shirt is old; use wear.example/v1
            subresources: {status: {}}
            schema: *schema
        """,
    ]
}
