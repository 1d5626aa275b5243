/// Which object of a kind: what a work queue holds and a reconciler is asked about.
public struct NamespacedName: Hashable, Sendable, CustomStringConvertible {
    /// Empty for an object outside namespaces.
    public var namespace: String
    public var name: String

    public init(namespace: String = "", name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// `namespace/name`, or the bare name outside namespaces.
    public var description: String { namespace.isEmpty ? name : namespace + "/" + name }
}
