import APIMachinery

/// What a request is counted under, but for its status.
///
/// Hashed by the identity of the resource, so that a request costs no hash of its names.
struct RequestLabels: Hashable, Sendable {
    enum Verb: String, Sendable {
        case get = "GET"
        case list = "LIST"
        case watch = "WATCH"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case apply = "APPLY"
        case delete = "DELETE"
        case deleteCollection = "DELETECOLLECTION"
        case head = "HEAD"
        case options = "OPTIONS"
        case other
    }

    enum Scope: String, Sendable {
        case none = ""
        case cluster, namespace, resource
    }

    var verb: Verb
    /// `nil` for a path outside the resources, and for a resource that is not served.
    var resource: ServedResource?
    var subresource = ""
    var scope = Scope.none
    var isDryRun = false

    static func == (one: RequestLabels, other: RequestLabels) -> Bool {
        one.resource === other.resource && one.verb == other.verb && one.scope == other.scope
            && one.isDryRun == other.isDryRun && one.subresource == other.subresource
    }

    func hash(into hasher: inout Hasher) {
        if let resource { hasher.combine(ObjectIdentifier(resource)) }
        hasher.combine(verb)
        hasher.combine(scope)
        if isDryRun { hasher.combine(true) }
        if !subresource.isEmpty { hasher.combine(subresource) }
    }

    var groupVersion: GroupVersion { resource?.groupVersion ?? GroupVersion(group: "", version: "") }
    var resourceName: String { resource?.definition.names.plural ?? "" }

    /// In the order of their names.
    func all(withDryRun: Bool) -> [(String, String)] {
        [("component", "apiserver")] + (withDryRun ? [("dry_run", isDryRun ? "All" : "")] : []) + [
            ("group", groupVersion.group), ("resource", resourceName), ("scope", scope.rawValue),
            ("subresource", subresource), ("verb", verb.rawValue), ("version", groupVersion.version),
        ]
    }
}
