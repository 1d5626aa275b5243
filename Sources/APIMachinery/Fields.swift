package import JSON

/// An object's members together with where they stand: what rules look at.
///
/// Paths are made of steps that only an error turns into text.
package struct Fields: Sendable {
    package let members: JSONObject
    package let path: FieldPath

    package init(_ members: JSONObject, at path: FieldPath = .root) {
        self.members = members
        self.path = path
    }

    package init(_ object: JSON, at path: FieldPath = .root) { self.init(object.objectValue ?? [:], at: path) }

    /// A member, there or not.
    package subscript(name: String) -> FieldValue {
        FieldValue(value: members[name], parent: path, step: .member(name))
    }

    /// The members of a member that is an object; empty where it is none.
    package func fields(_ name: String) -> Fields {
        Fields(members[name]?.objectValue ?? [:], at: path.child(name))
    }

    /// The members of a member, where it is an object.
    package func ifPresent(_ name: String) -> Fields? {
        guard case .object(let object)? = members[name] else { return nil }
        return Fields(object, at: path.child(name))
    }
}

/// A value, or the lack of one, and where it stands.
package struct FieldValue: Sendable {
    package enum Step: Sendable {
        case member(String)
        case index(Int)
        case key(String)
    }

    /// `nil` where the field is not there; never `null`.
    package let value: JSON?
    private let parent: FieldPath
    private let step: Step

    init(value: JSON?, parent: FieldPath, step: Step) {
        if case .null? = value { self.value = nil } else { self.value = value }
        self.parent = parent
        self.step = step
    }

    package var path: FieldPath {
        switch step {
        case .member(let name): parent.child(name)
        case .index(let index): parent.index(index)
        case .key(let key): parent.key(key)
        }
    }

    package var isSet: Bool { value != nil }
    /// Empty where there is no text, as Go's zero value.
    package var text: String { value?.stringValue ?? "" }
    package var int: Int64? { value?.intValue }
    package var bool: Bool? { value?.boolValue }
    package var fields: Fields { Fields(value?.objectValue ?? [:], at: path) }

    /// The items of a list; none where it is none.
    package var items: [FieldValue] {
        guard case .array(let items)? = value, !items.isEmpty else { return [] }
        let path = path
        return items.indices.map { FieldValue(value: items[$0], parent: path, step: .index($0)) }
    }

    /// The entries of a map, in the order in which the map has them.
    package var entries: [(key: String, field: FieldValue)] {
        guard case .object(let object)? = value, !object.isEmpty else { return [] }
        let path = path
        return object.map { ($0.key, FieldValue(value: $0.value, parent: path, step: .key($0.key))) }
    }

    package var isEmpty: Bool {
        switch value {
        case nil: true
        case .array(let items)?: items.isEmpty
        case .object(let object)?: object.isEmpty
        case .string(let text)?: text.isEmpty
        default: false
        }
    }
}
