public import APIMachinery

/// A resource of an API server: a group, a version and a plural name, and what a client must know to address it.
public struct APIResource: Hashable, Sendable, CustomStringConvertible {
    /// Empty for the core group.
    public var group: String
    public var version: String
    /// The name in the path, in lower case: `pods`.
    public var plural: String
    public var kind: String
    public var isNamespaced: Bool

    public init(group: String = "", version: String, plural: String, kind: String, isNamespaced: Bool = true) {
        self.group = group
        self.version = version
        self.plural = plural
        self.kind = kind
        self.isNamespaced = isNamespaced
    }

    public var groupVersion: GroupVersion { GroupVersion(group: group, version: version) }
    public var groupVersionKind: GroupVersionKind { GroupVersionKind(group: group, version: version, kind: kind) }
    public var groupResource: GroupResource { GroupResource(group: group, resource: plural) }

    /// `deployments.v1.apps`, `pods.v1`.
    public var description: String { group.isEmpty ? "\(plural).\(version)" : "\(plural).\(version).\(group)" }

    /// The path of the collection (no `name`) or of one object, percent-encoded.
    func path(namespace: String?, name: String? = nil, subresource: String? = nil) -> String {
        var path = group.isEmpty ? "/api/\(version)" : "/apis/\(PercentEncoding.segment(group))/\(version)"
        if isNamespaced, let namespace, !namespace.isEmpty {
            path += "/namespaces/" + PercentEncoding.segment(namespace)
        }
        path += "/" + PercentEncoding.segment(plural)
        if let name { path += "/" + PercentEncoding.segment(name) }
        if let subresource { path += "/" + subresource }
        return path
    }
}
