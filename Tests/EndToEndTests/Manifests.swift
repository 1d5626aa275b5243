import JSON

/// Objects that the tests create.
enum Manifests {
    static func namespace(_ name: String) -> JSON {
        ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(name)]]
    }

    static func configMap(_ name: String, data: JSON = [:], owner: JSON? = nil) -> JSON {
        var object: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": .string(name)], "data": data]
        if let owner {
            object["metadata"]?["ownerReferences"] = [
                [
                    "apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]?["name"] ?? .null,
                    "uid": owner["metadata"]?["uid"] ?? .null, "blockOwnerDeletion": true,
                ]
            ]
        }
        return object
    }

    static func deployment(_ name: String, replicas: Int, image: String) -> JSON {
        let labels: JSON = ["app": .string(name)]
        return [
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": .string(name)],
            "spec": [
                "replicas": .int(Int64(replicas)), "selector": ["matchLabels": labels],
                "template": [
                    "metadata": ["labels": labels],
                    "spec": ["containers": [["name": "server", "image": .string(image)]]],
                ],
            ],
        ]
    }
}

extension JSON {
    /// What is inside objects and lists, by names and indexes.
    func at(_ path: String) -> JSON? {
        path.split(separator: ".").reduce(Optional(self)) { value, name in
            Int(name).flatMap { value?[$0] } ?? value?[String(name)]
        }
    }

    /// The items of a list.
    var items: [JSON] { at("items")?.arrayValue ?? [] }
    var name: String { at("metadata.name")?.stringValue ?? "" }
    var resourceVersion: String { at("metadata.resourceVersion")?.stringValue ?? "" }
}
