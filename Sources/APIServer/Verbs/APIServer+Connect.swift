import APIMachinery
import JSON
import Storage

extension APIServer {
    /// Subresources that lead to a node: logs, exec, attach, port-forward and proxies. What can be refused without one is;
    /// the rest is not built yet, and says so.
    func connect(_ subresource: Subresource, of resource: ServedResource, _ context: RequestContext) async throws
        -> Answer
    {
        let verb = Verb(rawValue: context.info.verb)
        guard verb.map(subresource.verbs.contains) ?? !subresource.connectMethods.isEmpty else {
            throw APIStatus.methodNotAllowed
        }
        var name = context.info.name ?? ""
        if subresource.name == "proxy" { name = Self.objectName(ofProxied: name) }
        let writer = ObjectWriter(self, resource, context, isDryRun: true)
        guard let stored = storage.snapshot[writer.key(name)] else { throw writer.notFound(name) }
        let object = try resource.decode(stored)
        if resource.definition.names.kind == "Pod", object["spec"]?["nodeName"]?.stringValue ?? "" == "" {
            throw APIStatus.badRequest("pod \(name) does not have a host assigned")
        }
        throw APIStatus(
            code: 501, reason: .unknown,
            message: "connections to \(resource.groupResource.resource)/\(subresource.name) are not built yet")
    }

    /// The name in `https:name:port`, the form that proxies take.
    private static func objectName(ofProxied text: String) -> String {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return switch parts.count {
        case 2: String(parts[0])
        case 3: String(parts[1])
        default: text
        }
    }
}
