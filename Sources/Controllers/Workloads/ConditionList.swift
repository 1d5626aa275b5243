package import JSON
package import KubernetesClient

/// The conditions of a status, one of a type.
package struct ConditionList: Sendable, Hashable {
    private var items: [JSON]

    package init(_ json: JSON?) { items = json?.arrayValue ?? [] }

    package subscript(type: String) -> Condition? {
        items.first { $0["type"]?.stringValue == type }.map(Condition.init)
    }

    package mutating func remove(_ type: String) { items.removeAll { $0["type"]?.stringValue == type } }

    /// Puts a condition at the end, in place of the one of its type.
    package mutating func set(_ condition: JSON) {
        remove(condition["type"]?.stringValue ?? "")
        items.append(condition)
    }

    /// `nil` where there is none, as the member is then left out.
    package var json: JSON? { items.isEmpty ? nil : .array(items) }
}
