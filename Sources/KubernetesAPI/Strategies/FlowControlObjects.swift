package import JSON

/// The priority levels and flow schemas that each server has, whose specs are what they are
/// (`apiserver/pkg/apis/flowcontrol/bootstrap`).
package enum FlowControlObjects {
    package struct Object: Sendable {
        package let name: String
        package let spec: JSON
    }

    package static let priorityLevels: [Object] = [
        Object(
            name: "exempt",
            spec: ["type": "Exempt", "exempt": ["nominalConcurrencyShares": 0, "lendablePercent": 0]]),
        Object(
            name: "catch-all",
            spec: [
                "type": "Limited",
                "limited": [
                    "nominalConcurrencyShares": 5, "limitResponse": ["type": "Reject"], "lendablePercent": 0,
                ],
            ]),
    ]

    package static let flowSchemas: [Object] = [
        Object(name: "exempt", spec: schema("exempt", precedence: 1, groups: ["system:masters"])),
        Object(
            name: "catch-all",
            spec: schema(
                "catch-all", precedence: 10_000, distinguisher: "ByUser",
                groups: ["system:unauthenticated", "system:authenticated"])),
    ]

    private static func schema(
        _ level: String, precedence: Int64, distinguisher: String? = nil, groups: [String]
    ) -> JSON {
        var spec: JSON = [
            "priorityLevelConfiguration": ["name": .string(level)], "matchingPrecedence": .int(precedence),
            "rules": [
                [
                    "subjects": .array(groups.map { ["kind": "Group", "group": ["name": .string($0)]] }),
                    "resourceRules": [
                        [
                            "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": true,
                            "namespaces": ["*"],
                        ]
                    ],
                    "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]],
                ]
            ],
        ]
        if let distinguisher { spec["distinguisherMethod"] = ["type": .string(distinguisher)] }
        return spec
    }
}
