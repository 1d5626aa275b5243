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

    /// The members of `metadata`. Those that are no fields of `ObjectMeta`, which a schema may let through, come last.
    private var members: JSONObject

    init(of document: JSON) { self.init(document["metadata"] ?? .null) }

    fileprivate init(_ metadata: JSON) {
        if case .object(let object) = metadata { members = object } else { members = [:] }
    }

    subscript(field: Field) -> JSON? {
        get {
            guard let value = members[Self.names[field.rawValue]], !value.isNull else { return nil }
            return value
        }
        set {
            let name = Self.names[field.rawValue]
            if newValue == nil || members.index(of: name) != nil {
                members[name] = newValue
            } else if let newValue {
                members.insert(uniqueKey: name, newValue, at: place(of: field))
            }
        }
    }

    /// Where a field that is not there goes.
    private func place(of field: Field) -> Int {
        let later = members.members.firstIndex { member in
            Field(member.key).map { $0.rawValue > field.rawValue } ?? true
        }
        return later ?? members.count
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

    var json: JSON { .object(members) }
}

extension JSON {
    /// Changes `metadata` in place. Fields that are added go where the API writes them.
    mutating func updateMetadata<Result>(_ change: (inout MetadataFields) throws -> Result) rethrows -> Result {
        if isNull { self = [:] }
        guard case .object(var object) = self else {
            var fields = MetadataFields(.null)
            return try change(&fields)
        }
        self = .null  // leaves `object` the only owner, so that it changes in place
        defer { self = .object(object) }
        let index = object.index(of: "metadata") ?? object.count
        if index == object.count { object.append(uniqueKey: "metadata", [:]) }
        return try object.update(at: index) { metadata in
            var fields = MetadataFields(metadata)
            metadata = .null
            defer { metadata = fields.json }
            return try change(&fields)
        }
    }

    /// A text of `metadata`; empty where it is left out.
    func metadataText(_ name: String) -> String { self["metadata"]?[name]?.stringValue ?? "" }
}
