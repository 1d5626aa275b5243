import APIMachinery
import JSON

/// An object's `metadata` taken apart for a change, and put together in the order in which the API writes it.
struct MetadataFields {
    enum Field: Int, CaseIterable {
        case name, generateName, namespace, selfLink, uid, resourceVersion, generation, creationTimestamp
        case deletionTimestamp, deletionGracePeriodSeconds, labels, annotations, ownerReferences, finalizers
        case managedFields

        init?(_ name: String) {
            switch name {
            case "name": self = .name
            case "generateName": self = .generateName
            case "namespace": self = .namespace
            case "selfLink": self = .selfLink
            case "uid": self = .uid
            case "resourceVersion": self = .resourceVersion
            case "generation": self = .generation
            case "creationTimestamp": self = .creationTimestamp
            case "deletionTimestamp": self = .deletionTimestamp
            case "deletionGracePeriodSeconds": self = .deletionGracePeriodSeconds
            case "labels": self = .labels
            case "annotations": self = .annotations
            case "ownerReferences": self = .ownerReferences
            case "finalizers": self = .finalizers
            case "managedFields": self = .managedFields
            default: return nil
            }
        }

        var name: String { "\(self)" }
    }

    private static let names = Field.allCases.map(\.name)

    private var values: [JSON?]
    /// Members that are no fields of `ObjectMeta`, which a schema may let through.
    private var others: [JSONObject.Member] = []

    init(of document: JSON) {
        values = Array(repeating: nil, count: Self.names.count)
        guard case .object(let object)? = document["metadata"] else { return }
        for member in object.members {
            if let field = Field(member.key) {
                values[field.rawValue] = member.value.isNull ? nil : member.value
            } else {
                others.append(member)
            }
        }
    }

    subscript(field: Field) -> JSON? {
        get { values[field.rawValue] }
        set { values[field.rawValue] = newValue }
    }

    /// A text field; empty where it is left out.
    subscript(text field: Field) -> String {
        get { self[field]?.stringValue ?? "" }
        set { self[field] = newValue.isEmpty ? nil : .string(newValue) }
    }

    var finalizers: [String] {
        get { self[.finalizers]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        set { self[.finalizers] = newValue.isEmpty ? nil : .array(newValue.map { .string($0) }) }
    }

    var isBeingDeleted: Bool { self[.deletionTimestamp] != nil }

    var json: JSON {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            if let value { members.append(.init(key: Self.names[index], value: value)) }
        }
        return .object(JSONObject(uniqueMembers: members + others))
    }
}

extension JSON {
    /// Changes `metadata`, and leaves it in the order of the API.
    mutating func updateMetadata<Result>(_ change: (inout MetadataFields) throws -> Result) rethrows -> Result {
        var fields = MetadataFields(of: self)
        let result = try change(&fields)
        self["metadata"] = fields.json
        return result
    }

    /// A text of `metadata`; empty where it is left out.
    func metadataText(_ name: String) -> String { self["metadata"]?[name]?.stringValue ?? "" }
}
