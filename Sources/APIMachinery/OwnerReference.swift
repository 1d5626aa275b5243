public import JSON

/// An entry of `metadata.ownerReferences`: an object whose deletion takes this one along.
public struct OwnerReference: Sendable, Hashable {
    public var apiVersion: String
    public var kind: String
    public var name: String
    public var uid: String
    public var isController: Bool
    public var blocksOwnerDeletion: Bool

    public init(
        apiVersion: String, kind: String, name: String, uid: String, isController: Bool = false,
        blocksOwnerDeletion: Bool = false
    ) {
        self.apiVersion = apiVersion
        self.kind = kind
        self.name = name
        self.uid = uid
        self.isController = isController
        self.blocksOwnerDeletion = blocksOwnerDeletion
    }

    public init(_ reference: JSON) {
        apiVersion = reference["apiVersion"]?.stringValue ?? ""
        kind = reference["kind"]?.stringValue ?? ""
        name = reference["name"]?.stringValue ?? ""
        uid = reference["uid"]?.stringValue ?? ""
        isController = reference["controller"]?.boolValue ?? false
        blocksOwnerDeletion = reference["blockOwnerDeletion"]?.boolValue ?? false
    }

    /// As the API writes it: a flag that is off is left out.
    public var json: JSON {
        var object: JSONObject = [
            "apiVersion": .string(apiVersion), "kind": .string(kind), "name": .string(name), "uid": .string(uid),
        ]
        if isController { object["controller"] = true }
        if blocksOwnerDeletion { object["blockOwnerDeletion"] = true }
        return .object(object)
    }
}
