/// A group and one of its versions: `apps/v1`, or `v1` in the core group.
public struct GroupVersion: Hashable, Sendable, CustomStringConvertible {
    /// Empty for the core group.
    public var group: String
    public var version: String

    public init(group: String, version: String) {
        self.group = group
        self.version = version
    }

    /// Reads an `apiVersion`.
    /// - Returns: `nil` where it has more than one slash.
    public init?(apiVersion: String) {
        let slash = UInt8(ascii: "/")
        guard let end = apiVersion.utf8.firstIndex(of: slash) else {
            self.init(group: "", version: apiVersion)
            return
        }
        let version = apiVersion[apiVersion.utf8.index(after: end)...]
        if version.utf8.contains(slash) { return nil }
        self.init(group: String(apiVersion[..<end]), version: String(version))
    }

    /// The form of `apiVersion`.
    public var description: String { group.isEmpty ? version : group + "/" + version }
}

public struct GroupVersionKind: Hashable, Sendable, CustomStringConvertible {
    public var group: String
    public var version: String
    public var kind: String

    public init(group: String, version: String, kind: String) {
        self.group = group
        self.version = version
        self.kind = kind
    }

    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    public var groupKind: GroupKind { GroupKind(group: group, kind: kind) }

    /// As Kubernetes' messages have it: `apps/v1, Kind=Deployment`.
    public var description: String { "\(group)/\(version), Kind=\(kind)" }
}

/// A kind whatever its version.
public struct GroupKind: Hashable, Sendable, CustomStringConvertible {
    public var group: String
    public var kind: String

    public init(group: String, kind: String) {
        self.group = group
        self.kind = kind
    }

    /// As Kubernetes' messages have it: `Deployment.apps`, `Pod`.
    public var description: String { group.isEmpty ? kind : kind + "." + group }
}

/// A resource (a plural name) whatever its version.
public struct GroupResource: Hashable, Sendable, CustomStringConvertible {
    public var group: String
    public var resource: String

    public init(group: String, resource: String) {
        self.group = group
        self.resource = resource
    }

    /// As Kubernetes' messages have it: `deployments.apps`, `pods`.
    public var description: String { group.isEmpty ? resource : resource + "." + group }
}
