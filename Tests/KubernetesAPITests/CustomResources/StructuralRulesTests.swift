import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

/// Schemas, and what is wrong with a definition that has them.
@Suite struct StructuralRulesTests {
    private typealias Row = (remark: String, schema: JSON, errors: [String])

    private static func problems(_ schema: JSON, subresources: JSON? = nil) -> [String] {
        var version: JSON = ["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": schema]]
        if let subresources { version["subresources"] = subresources }
        return definition(["versions": [version]])
    }

    /// All that is wrong with a definition, without `spec.validation.openAPIV3Schema`.
    private static func definition(_ more: JSON, metadata: JSON = ["name": "eggs.x.test"]) -> [String] {
        var spec: JSON = [
            "group": "x.test", "scope": "Cluster",
            "names": ["plural": "eggs", "singular": "egg", "kind": "Egg", "listKind": "EggList"],
        ]
        for member in more.objectValue ?? [:] { spec[member.key] = member.value }
        var object: JSON = ["metadata": metadata, "spec": spec]
        let strategy = ExtensionStrategies.customResourceDefinition
        strategy.applyDefaults(to: &object)
        strategy.prepareForCreation(&object)
        return strategy.validateCreation(object).map { error in
            let text = error.description
            let prefix = "spec.validation.openAPIV3Schema"
            return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
        }
    }

    private static func field(_ schema: JSON) -> JSON { ["type": "object", "properties": ["a": schema]] }

    private static let structure: [Row] = [
        ("right", field(["type": "string"]), []),
        ("no type", field([:]), [".properties[a].type: Required value: must not be empty for specified object fields"]),
        (
            "no type of items", field(["type": "array", "items": [:]]),
            [".properties[a].items.type: Required value: must not be empty for specified array items"]
        ),
        ("no type at the root", [:], [".type: Required value: must not be empty at the root"]),
        (
            "nullable root", ["type": "object", "nullable": true],
            [".nullable: Forbidden: nullable cannot be true at the root"]
        ),
        (
            "structure and keywords both",
            field(["type": "string", "uniqueItems": true, "allOf": [["nullable": true]]]),
            [
                ".properties[a].allOf[0].nullable: Forbidden: must be false to be structural",
                ".properties[a].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity "
                    + "becomes quadratic",
            ]
        ),
        (
            "junctors of the root speak of what is there",
            [
                "type": "object", "properties": ["a": ["type": "string"]],
                "anyOf": [["properties": ["b": ["minLength": 1]]]],
            ],
            [
                ".properties[b]: Required value: because it is defined in "
                    + "spec.validation.openAPIV3Schema.anyOf[0].properties[b]"
            ]
        ),
        (
            "extensions in junctors",
            field([
                "type": "object",
                "not": ["x-kubernetes-list-type": "set", "x-kubernetes-preserve-unknown-fields": true, "title": "x"],
            ]),
            [
                ".properties[a].not.title: Forbidden: must be empty to be structural",
                ".properties[a].not.x-kubernetes-list-type: Forbidden: must be undefined to be structural",
                ".properties[a].not.x-kubernetes-preserve-unknown-fields: Forbidden: must be false to be structural",
                ".properties[a].not.type: Required value: must be array if x-kubernetes-list-type is specified",
            ]
        ),
        (
            "metadata in a junctor",
            ["type": "object", "not": ["properties": ["metadata": ["required": ["x"]]]]],
            [
                ".not.properties[metadata]: Forbidden: must not be specified in a nested context",
                ".properties[metadata]: Required value: because it is defined in "
                    + "spec.validation.openAPIV3Schema.not.properties[metadata]",
            ]
        ),
        (
            "a number or a text that is a resource",
            field(["x-kubernetes-int-or-string": true, "x-kubernetes-preserve-unknown-fields": true]),
            [
                ".properties[a].x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if "
                    + "x-kubernetes-int-or-string is true"
            ]
        ),
        (
            "pattern", field(["type": "string", "pattern": "a(b"]),
            [
                ".properties[a].pattern: Invalid value: \"a(b\": must be a valid regular expression, but isn't: "
                    + "error parsing regexp: missing closing ): `a(b`"
            ]
        ),
        (
            "unknown type", field(["type": "text"]),
            [
                ".properties[a].type: Unsupported value: \"text\": supported values: \"array\", \"boolean\", "
                    + "\"integer\", \"number\", \"object\", \"string\""
            ]
        ),
        (
            "what is no part of it alone", field(["type": "string", "id": "x"]),
            [".properties[a].id: Forbidden: id is not supported"]
        ),
    ]

    private static let lists: [Row] = [
        (
            "map without items' type",
            field([
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
                "items": ["x-kubernetes-preserve-unknown-fields": true],
            ]),
            [
                ".properties[a].items.type: Invalid value: \"\": must be object if parent array's "
                    + "x-kubernetes-list-type is map"
            ]
        ),
        (
            "key that is no scalar",
            field([
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
                "items": ["type": "object", "required": ["k"], "properties": ["k": ["type": "object"]]],
            ]),
            [
                ".properties[a].items.properties[k].type: Invalid value: \"object\": must be a scalar type if parent "
                    + "array's x-kubernetes-list-type is map"
            ]
        ),
        (
            "items and keys that may be null",
            field([
                "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"],
                "items": [
                    "type": "object", "nullable": true, "required": ["k"],
                    "properties": ["k": ["type": "string", "nullable": true]],
                ],
            ]),
            [
                ".properties[a].items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is map",
                ".properties[a].items.properties[k].nullable: Forbidden: this property is in "
                    + "x-kubernetes-list-map-keys, so it cannot be nullable",
            ]
        ),
        (
            "keys without a list type",
            field(["type": "array", "items": ["type": "string"], "x-kubernetes-list-map-keys": ["k"]]),
            [
                ".properties[a].x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is "
                    + "non-empty"
            ]
        ),
    ]

    private static let defaults: [Row] = [
        (
            "unknown field", field(["type": "object", "properties": ["b": ["type": "string"]], "default": ["c": 1]]),
            [".properties[a].default: Invalid value: {\"c\":1}: must not have unknown fields"]
        ),
        (
            "in the metadata", ["type": "object", "properties": ["kind": ["type": "string", "default": "x"]]],
            [".properties[kind].default: Forbidden: must not be set in top-level kind"]
        ),
        (
            "embedded without a kind",
            field([
                "type": "object", "x-kubernetes-embedded-resource": true,
                "x-kubernetes-preserve-unknown-fields": true, "default": ["apiVersion": "v1"],
            ]),
            [".properties[a].default.kind: Required value"]
        ),
    ]

    private static let expressions: [Row] = [
        ("right", field(["type": "string", "x-kubernetes-validations": [["rule": "self != ''"]]]), []),
        (
            "no rule", field(["type": "string", "x-kubernetes-validations": [["rule": " "]]]),
            [".properties[a].x-kubernetes-validations[0].rule: Required value: rule is not specified"]
        ),
        (
            "blank message", field(["type": "string", "x-kubernetes-validations": [["rule": "x", "message": " "]]]),
            [
                ".properties[a].x-kubernetes-validations[0].message: Invalid value: \" \": must be non-empty if "
                    + "specified"
            ]
        ),
        (
            "rule of two lines without a message",
            field(["type": "string", "x-kubernetes-validations": [["rule": "x\n&& y"]]]),
            [
                ".properties[a].x-kubernetes-validations[0].message: Required value: message must be specified if rule "
                    + "contains line breaks"
            ]
        ),
        (
            "reason and path",
            field([
                "type": "object", "properties": ["b": ["type": "string"]],
                "x-kubernetes-validations": [
                    ["rule": "x", "reason": "Why", "fieldPath": ".c"], ["rule": "x", "fieldPath": ".b"],
                ],
            ]),
            [
                ".properties[a].x-kubernetes-validations[0].reason: Unsupported value: \"Why\": supported values: "
                    + "\"FieldValueDuplicate\", \"FieldValueForbidden\", \"FieldValueInvalid\", \"FieldValueRequired\"",
                ".properties[a].x-kubernetes-validations[0].fieldPath: Invalid value: \".c\": must be a valid "
                    + "path",
            ]
        ),
        (
            "what was before where nobody can tell, and where nobody asks",
            field([
                "type": "array",
                "items": [
                    "type": "string", "x-kubernetes-validations": [["rule": "self == oldSelf || self == 'oldSelf'"]],
                ],
                "x-kubernetes-validations": [["rule": "self != 'oldSelf'", "optionalOldSelf": true]],
            ]),
            [
                ".properties[a].items.x-kubernetes-validations[0].rule: Invalid value: \"self == oldSelf || self == "
                    + "'oldSelf'\": oldSelf cannot be used on the uncorrelatable portion of the schema within "
                    + "spec.validation.openAPIV3Schema.properties[a]",
                ".properties[a].x-kubernetes-validations[0].optionalOldSelf: Invalid value: true: may not be set if "
                    + "oldSelf is not used in rule",
            ]
        ),
        (
            "in a junctor", field(["type": "string", "allOf": [["x-kubernetes-validations": [["rule": "x"]]]]]),
            [".properties[a].allOf[0].x-kubernetes-validations: Forbidden: must be empty to be structural"]
        ),
    ]

    private static let rows = structure + lists + defaults + expressions

    @Test(arguments: rows.indices) func schemasAreHeldToTheRules(_ index: Int) {
        let row = Self.rows[index]
        #expect(Self.problems(row.schema) == row.errors, "\(row.remark)")
    }

    @Test func aStatusSubresourceKeepsTheRootPlain() {
        let problems = Self.problems(["type": "object", "minProperties": 1], subresources: ["status": [:]])
        #expect(problems.count == 1)
        #expect(problems.first?.contains("fields are allowed at the root of the schema if the status") ?? false)
    }

    @Test func scalePathsLieUnderSpecAndStatus() {
        let scale: JSON = [
            "specReplicasPath": ".status.n", "statusReplicasPath": "n", "labelSelectorPath": ".metadata.l",
        ]
        #expect(
            Self.problems(["type": "object"], subresources: ["scale": scale]) == [
                "spec.subresources.scale.specReplicasPath: Invalid value: \".status.n\": should be a json path under .spec",
                "spec.subresources.scale.statusReplicasPath: Invalid value: \"n\": must be a simple json path starting "
                    + "with .",
                "spec.subresources.scale.labelSelectorPath: Invalid value: \".metadata.l\": should be a json path under "
                    + "either .spec or .status",
            ])
    }

    private static let versions: JSON = [
        ["name": "v1", "served": true, "storage": true, "schema": ["openAPIV3Schema": ["type": "object"]]]
    ]

    @Test func conversionByWebhookHasAForm() {
        func problems(_ webhook: JSON) -> [String] {
            Self.definition(["versions": Self.versions, "conversion": ["strategy": "Webhook", "webhook": webhook]])
        }
        let service: JSON = ["service": ["name": "s", "namespace": "n"]]
        #expect(problems(["clientConfig": service, "conversionReviewVersions": ["v1"]]) == [])
        #expect(
            problems(["clientConfig": service, "conversionReviewVersions": ["v2", "v2"]]) == [
                "spec.conversion.conversionReviewVersions[1]: Invalid value: \"v2\": duplicate version",
                "spec.conversion.conversionReviewVersions: Invalid value: [\"v2\",\"v2\"]: must include at least one of "
                    + "v1, v1beta1",
            ])
    }

    @Test func groupsOfTheProjectNeedAnApproval() {
        func problems(_ approval: String) -> [String] {
            Self.definition(
                ["versions": Self.versions, "group": "x.k8s.io"],
                metadata: ["name": "eggs.x.k8s.io", "annotations": ["api-approved.kubernetes.io": .string(approval)]])
        }
        #expect(problems("https://github.com/kubernetes/x/pull/1") == [])
        #expect(problems("unapproved, experimental") == [])
        #expect(problems("yes").count == 1)
    }

    @Test func formatsThatNobodyChecksAreWarnedOfOnce() {
        func definition(_ format: String) -> JSON {
            [
                "spec": [
                    "versions": [
                        ["schema": ["openAPIV3Schema": Self.field(["type": "string", "format": .string(format)])]]
                    ]
                ]
            ]
        }
        let strategy = ExtensionStrategies.customResourceDefinition
        #expect(strategy.warnings(for: definition("colour"), replacing: nil) == ["unrecognized format \"colour\""])
        #expect(strategy.warnings(for: definition("colour"), replacing: definition("colour")) == [])
        #expect(strategy.warnings(for: definition("date-time"), replacing: nil) == [])
    }
}
