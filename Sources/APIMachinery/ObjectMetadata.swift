public import JSON

/// A view of an object's `metadata`, as cheap as the members it is asked for.
public struct ObjectMetadata: Sendable {
    /// The members of `metadata`.
    public let members: JSONObject

    public init(_ object: JSON) { members = object["metadata"]?.objectValue ?? [:] }
    public init(members: JSONObject) { self.members = members }

    /// Empty where there is none, as all texts here.
    public var name: String { text("name") }
    public var generateName: String { text("generateName") }
    public var namespace: String { text("namespace") }
    public var uid: String { text("uid") }
    public var resourceVersion: String { text("resourceVersion") }
    public var creationTimestamp: String { text("creationTimestamp") }
    public var generation: Int64 { members["generation"]?.intValue ?? 0 }
    /// When the object was asked to go; `nil` for one that stays.
    public var deletionTimestamp: String? { members["deletionTimestamp"]?.stringValue }
    public var deletionGracePeriodSeconds: Int64? { members["deletionGracePeriodSeconds"]?.intValue }
    public var labels: [String: String] { texts("labels") }
    public var annotations: [String: String] { texts("annotations") }
    public var finalizers: [String] { members["finalizers"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
    public var ownerReferences: [OwnerReference] {
        members["ownerReferences"]?.arrayValue?.map(OwnerReference.init) ?? []
    }

    public func label(_ key: String) -> String? { members["labels"]?[key]?.stringValue }
    public func annotation(_ key: String) -> String? { members["annotations"]?[key]?.stringValue }

    private func text(_ key: String) -> String { members[key]?.stringValue ?? "" }

    private func texts(_ key: String) -> [String: String] {
        guard case .object(let entries)? = members[key] else { return [:] }
        var texts = [String: String](minimumCapacity: entries.count)
        for entry in entries { texts[entry.key] = entry.value.stringValue }
        return texts
    }
}
