public import APIMachinery
public import JSON

/// An object of the API, of any kind: the document as it was read, with accessors for what all kinds share.
///
/// Nothing is lost in passing: a field that no accessor knows stays in `json` and is sent back as it came. Copies are
/// cheap and share storage until one changes.
public struct KubernetesObject: Sendable, Hashable {
    public var json: JSON

    public init(_ json: JSON) { self.json = json }

    /// An object to create.
    public init(_ resource: APIResource, namespace: String = "", name: String, _ members: JSONObject = [:]) {
        var metadata: JSONObject = ["name": .string(name)]
        if !namespace.isEmpty { metadata["namespace"] = .string(namespace) }
        var object: JSONObject = [
            "apiVersion": .string(resource.groupVersion.description), "kind": .string(resource.kind),
            "metadata": .object(metadata),
        ]
        for member in members { object[member.key] = member.value }
        json = .object(object)
    }

    /// A top-level member: `spec`, `status`, `data`.
    public subscript(member: String) -> JSON? {
        get { json[member] }
        set { json[member] = newValue }
    }

    public var apiVersion: String { json["apiVersion"]?.stringValue ?? "" }
    public var kind: String { json["kind"]?.stringValue ?? "" }

    public var spec: JSON? {
        get { json["spec"] }
        set { json["spec"] = newValue }
    }

    public var status: JSON? {
        get { json["status"] }
        set { json["status"] = newValue }
    }

    public var key: NamespacedName { NamespacedName(namespace: namespace, name: name) }
}

// Metadata: absent reads as empty, and setting empty removes the member.
extension KubernetesObject {
    public var metadata: JSON { json["metadata"] ?? .null }

    public var name: String {
        get { text("name") }
        set { setText("name", newValue) }
    }

    public var generateName: String {
        get { text("generateName") }
        set { setText("generateName", newValue) }
    }

    public var namespace: String {
        get { text("namespace") }
        set { setText("namespace", newValue) }
    }

    public var uid: String {
        get { text("uid") }
        set { setText("uid", newValue) }
    }

    public var resourceVersion: String {
        get { text("resourceVersion") }
        set { setText("resourceVersion", newValue) }
    }

    /// Counts the changes of `spec`; 0 where the kind does not count them.
    public var generation: Int64 { json["metadata"]?["generation"]?.intValue ?? 0 }

    public var creationTimestamp: KubernetesTime? { time("creationTimestamp") }

    /// Set as soon as the object is to go; it stays until its finalizers are gone.
    public var deletionTimestamp: KubernetesTime? { time("deletionTimestamp") }

    public var isBeingDeleted: Bool { !text("deletionTimestamp").isEmpty }

    public var labels: [String: String] {
        get { strings("labels") }
        set { setStrings("labels", newValue) }
    }

    public var annotations: [String: String] {
        get { strings("annotations") }
        set { setStrings("annotations", newValue) }
    }

    public func label(_ name: String) -> String? { json["metadata"]?["labels"]?[name]?.stringValue }

    public func annotation(_ name: String) -> String? { json["metadata"]?["annotations"]?[name]?.stringValue }

    public var finalizers: [String] {
        get { json["metadata"]?["finalizers"]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        set { setMetadata("finalizers", newValue.isEmpty ? nil : .array(newValue.map { .string($0) })) }
    }

    public var ownerReferences: [OwnerReference] {
        get { json["metadata"]?["ownerReferences"]?.arrayValue?.map(OwnerReference.init) ?? [] }
        set { setMetadata("ownerReferences", newValue.isEmpty ? nil : .array(newValue.map(\.json))) }
    }

    /// The owner that has `controller: true`.
    public var controllerReference: OwnerReference? { ownerReferences.first(where: \.isController) }

    /// Sets any member of the metadata; `nil` removes it.
    public mutating func setMetadata(_ member: String, _ value: JSON?) {
        var metadata = json["metadata"] ?? [:]
        if metadata.objectValue == nil { metadata = [:] }
        json["metadata"] = nil
        metadata[member] = value
        json["metadata"] = metadata
    }

    private func text(_ member: String) -> String { json["metadata"]?[member]?.stringValue ?? "" }

    private mutating func setText(_ member: String, _ value: String) {
        setMetadata(member, value.isEmpty ? nil : .string(value))
    }

    private func time(_ member: String) -> KubernetesTime? {
        json["metadata"]?[member].flatMap { KubernetesTime(json: $0) }
    }

    private func strings(_ member: String) -> [String: String] {
        var result: [String: String] = [:]
        for entry in json["metadata"]?[member]?.objectValue ?? [:] { result[entry.key] = entry.value.stringValue }
        return result
    }

    private mutating func setStrings(_ member: String, _ value: [String: String]) {
        var object = JSONObject(minimumCapacity: value.count)
        for (key, text) in value.sorted(by: { $0.key < $1.key }) { object.append(uniqueKey: key, .string(text)) }
        setMetadata(member, value.isEmpty ? nil : .object(object))
    }
}

extension OwnerReference {
    /// The reference by which a controller owns what it makes, as `metav1.NewControllerRef` writes it.
    public init(controller owner: KubernetesObject) {
        self.init(
            apiVersion: owner.apiVersion, kind: owner.kind, name: owner.name, uid: owner.uid, isController: true,
            blocksOwnerDeletion: true)
    }
}
