package import APIMachinery
package import JSON

/// A look at an object of one kind: what is asked for is read from its document, and the rest stays as it came.
package protocol TypedObject: Sendable, Hashable {
    var json: JSON { get set }
    init(_ json: JSON)
}

extension KubernetesObject: TypedObject {}

extension TypedObject {
    package init(_ object: KubernetesObject) { self.init(object.json) }

    package var object: KubernetesObject { KubernetesObject(json) }
    package var key: NamespacedName { object.key }

    package var metadata: JSON { json["metadata"] ?? .null }
    package var spec: JSON { json["spec"] ?? .null }
    package var status: JSON { json["status"] ?? .null }

    package var name: String { object.name }
    package var namespace: String { object.namespace }
    package var uid: String { object.uid }
    package var generation: Int64 { object.generation }
    package var observedGeneration: Int64 { json["status"]?["observedGeneration"]?.intValue ?? 0 }

    package var labels: [String: String] { object.labels }
    package var annotations: [String: String] { object.annotations }
    package func annotation(_ key: String) -> String? { object.annotation(key) }
    package mutating func setAnnotation(_ key: String, _ value: String?) {
        var annotations = metadata["annotations"] ?? .null
        annotations[key] = value.map { .string($0) }
        var object = self.object
        object.setMetadata("annotations", annotations.isNull ? nil : annotations)
        json = object.json
    }

    package var finalizers: [String] { object.finalizers }
    package var ownerReferences: [OwnerReference] { object.ownerReferences }
    /// The one owner that manages the object, if there is one.
    package var controllerReference: OwnerReference? { object.controllerReference }

    package var creationTime: KubernetesTime? { object.creationTimestamp }
    package var deletionTime: KubernetesTime? { object.deletionTimestamp }
    package var isBeingDeleted: Bool { object.isBeingDeleted }

    /// The condition of a type in `status.conditions`.
    package func condition(_ type: String) -> Condition? {
        json["status"]?["conditions"]?.arrayValue?.lazy.map(Condition.init).first { $0.type == type }
    }

    /// The same object with another status.
    package func withStatus(_ status: JSON) -> KubernetesObject {
        var object = self.object
        object.status = status
        return object
    }
}

/// One of an object's `status.conditions`; members that this does not name stay in `json`.
package struct Condition: Hashable, Sendable {
    package var json: JSON

    package init(_ json: JSON) { self.json = json }

    package var type: String { json["type"]?.stringValue ?? "" }
    /// `True`, `False` or `Unknown`.
    package var status: String { json["status"]?.stringValue ?? "" }
    package var reason: String { json["reason"]?.stringValue ?? "" }
    package var message: String { json["message"]?.stringValue ?? "" }
    package var isTrue: Bool { status == "True" }
    package var lastTransitionTime: KubernetesTime? { json["lastTransitionTime"].flatMap { KubernetesTime(json: $0) } }
    package var lastUpdateTime: KubernetesTime? { json["lastUpdateTime"].flatMap { KubernetesTime(json: $0) } }
}

extension JSON {
    /// An object's members whose values are strings.
    package var stringMap: [String: String] {
        guard case .object(let object) = self else { return [:] }
        var map: [String: String] = [:]
        map.reserveCapacity(object.count)
        for member in object {
            if let value = member.value.stringValue { map[member.key] = value }
        }
        return map
    }
}
