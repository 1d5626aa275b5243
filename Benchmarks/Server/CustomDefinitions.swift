import JSON

/// `CustomResourceDefinition`s of some 150 fields each, and objects of them.
enum CustomDefinitions {
    /// Definitions that share a group.
    private static let definitionsPerGroup = 10
    private static let parts = 10

    static let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

    static func group(_ number: Int) -> String { "group\(number / definitionsPerGroup).bench.example" }
    static func name(_ number: Int) -> String { "widget\(number)s.\(group(number))" }
    /// Where the objects of a definition are.
    static func objects(_ number: Int) -> String {
        "/apis/\(group(number))/v1/namespaces/\(Objects.namespace)/widget\(number)s"
    }

    // MARK: Definitions

    static func definition(_ number: Int) -> JSON {
        let kind = "Widget\(number)"
        return [
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
            "metadata": ["name": .string(name(number))],
            "spec": [
                "group": .string(group(number)), "scope": "Namespaced",
                "names": [
                    "plural": .string("widget\(number)s"), "singular": .string("widget\(number)"),
                    "kind": .string(kind), "listKind": .string(kind + "List"), "shortNames": [.string("w\(number)")],
                    "categories": ["widgets"],
                ],
                "versions": [version],
            ],
        ]
    }

    private static let version: JSON = [
        "name": "v1", "served": true, "storage": true, "subresources": ["status": [:]],
        "additionalPrinterColumns": [
            ["name": "Class", "type": "string", "jsonPath": ".spec.part0.class"],
            ["name": "Ready", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"Ready\")].status"],
            ["name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"],
        ],
        "selectableFields": [["jsonPath": ".spec.part0.class"]],
        "schema": ["openAPIV3Schema": schema],
    ]

    private static let schema: JSON = {
        var spec: JSONObject = [:]
        for number in 0..<parts { spec["part\(number)"] = part }
        let text: JSON = ["type": "string"]
        let condition: JSON = [
            "type": "object", "required": ["type", "status"],
            "properties": [
                "type": text, "status": ["type": "string", "enum": ["True", "False", "Unknown"]], "reason": text,
                "message": text, "lastTransitionTime": ["type": "string", "format": "date-time"],
            ],
        ]
        let conditions: JSON = [
            "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"],
            "items": condition,
        ]
        return [
            "type": "object",
            "properties": [
                "spec": ["type": "object", "properties": .object(spec)],
                "status": ["type": "object", "properties": ["conditions": conditions]],
            ],
        ]
    }()

    /// 14 fields and what is in them.
    private static let part: JSON = {
        let port: JSON = [
            "type": "object", "required": ["name", "port"],
            "properties": [
                "name": described(["type": "string"]),
                "port": described(["type": "integer", "format": "int32", "minimum": 1, "maximum": 65535]),
            ],
        ]
        return [
            "type": "object", "description": "One of the parts that a widget is put together from, with all it needs.",
            "properties": [
                "class": described(["type": "string", "enum": ["small", "medium", "large"], "default": "small"]),
                "host": described([
                    "type": "string", "pattern": "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63,
                ]),
                "path": described(["type": "string", "pattern": "^/", "maxLength": 1024]),
                "interval": described(["type": "string", "default": "30s"]),
                "replicas": described(["type": "integer", "format": "int32", "minimum": 0]),
                "weight": described(["type": "number"]), "enabled": described(["type": "boolean", "default": true]),
                "limit": described(["x-kubernetes-int-or-string": true]),
                "since": described(["type": "string", "format": "date-time"]),
                "hosts": described(["type": "array", "x-kubernetes-list-type": "set", "items": ["type": "string"]]),
                "labels": described(["type": "object", "additionalProperties": ["type": "string"]]),
                "ports": described([
                    "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                    "items": port,
                ]),
            ],
        ]
    }()

    private static func described(_ schema: JSONObject) -> JSON {
        var schema = schema
        schema["description"] = "What this part of a widget is to do, in a sentence of the length that is usual."
        return .object(schema)
    }

    // MARK: Objects

    /// An object of about 1 KiB.
    static func object(_ number: Int, name: String) -> [UInt8] {
        var spec: JSONObject = [:]
        for part in 0..<3 {
            spec["part\(part)"] = [
                "class": "medium", "host": .string("host-\(part)"), "path": .string("/srv/widgets/\(part)"),
                "replicas": 3,
                "limit": "25%", "labels": ["app": "bench", "tier": "front", "owner": "somebody"],
                "hosts": ["one.example", "two.example"],
                "ports": [["name": "http", "port": 8080], ["name": "metrics", "port": 9090]],
            ]
        }
        let object: JSON = [
            "apiVersion": .string(group(number) + "/v1"), "kind": .string("Widget\(number)"),
            "metadata": ["name": .string(name), "labels": ["app": "bench"]], "spec": .object(spec),
        ]
        return object.encoded
    }
}
