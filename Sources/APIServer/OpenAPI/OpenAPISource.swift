import APIMachinery
import JSON
import KubernetesAPI
import PKI

/// A document before it is made: where it stands, what it is made of, and how.
struct OpenAPISource: Sendable {
    /// The last part of its address.
    var path: String
    /// Whether it is about custom resources alone.
    var isCustom = false
    /// Differs where what it is made of does.
    var fingerprint = ""
    var make: @Sendable () -> OpenAPIDocument

    /// What definitions have in common with no others; empty for those of the program.
    static func fingerprint(of definitions: [ResourceDefinition]) throws -> String {
        let all = definitions.lazy.filter(\.isCustom).map(\.fingerprint).joined(separator: "\n")
        return all.isEmpty ? "" : try SHA512Digest.hexadecimal(of: Array(all.utf8))
    }

    /// The hash of a document about custom resources, told without making it. It changes with what the document is made
    /// of, and with what this program makes of that, which shows in what it makes of an example.
    static func hash(of source: OpenAPISource) throws -> String {
        let example = try exampleHash.get()
        return try SHA512Digest.hexadecimal(of: Array("\(example)/\(source.path)/\(source.fingerprint)".utf8))
    }

    private static let exampleHash = Result { try SHA512Digest.hexadecimal(of: OpenAPIDocument.example.encoded) }
}

extension OpenAPIDocument {
    /// The document of a custom resource that has all that such documents show.
    static var example: OpenAPIDocument {
        let definition = CustomResources.definition(
            of: exampleDefinition, schemaRevision: .zero, storageVersionHash: { _ in nil }
        ) { exampleDefinition }
        return .version("v1", of: ServedGroup(definitions: definition.map { [$0] } ?? []))
    }

    private static let exampleDefinition: JSON = {
        let names: JSON = ["plural": "examples", "singular": "example", "kind": "Example", "listKind": "ExampleList"]
        let value: JSON = ["type": "string", "nullable": true, "default": "a", "description": "A value."]
        let part: JSON = ["type": "object", "x-kubernetes-embedded-resource": true]
        let schema: JSON = [
            "type": "object",
            "properties": [
                "amount": ["x-kubernetes-int-or-string": true], "value": value, "part": part,
                "open": ["type": "object", "x-kubernetes-preserve-unknown-fields": true],
                "list": ["type": "array", "items": value], "map": ["type": "object", "additionalProperties": value],
            ],
        ]
        let subresources: JSON = [
            "status": [:], "scale": ["specReplicasPath": ".spec.replicas", "statusReplicasPath": ".status.replicas"],
        ]
        return [
            "spec": [
                "group": "example.test", "scope": "Namespaced", "names": names,
                "versions": [
                    [
                        "name": "v1", "served": true, "storage": true, "subresources": subresources,
                        "selectableFields": [["jsonPath": ".value"]], "schema": ["openAPIV3Schema": schema],
                    ]
                ],
            ],
            "status": ["acceptedNames": names],
        ]
    }()
}
