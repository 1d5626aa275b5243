import APIMachinery
import HTTPTransport
import JSON
import Storage

extension APIServer {
    /// Subresources that lead to a node: logs, exec, attach, port-forward and proxies.
    ///
    /// What the request names is found and what cannot be reached is answered as Kubernetes does; to pass on what can be
    /// is not built yet, and says so.
    func connect(_ subresource: Subresource, of resource: ServedResource, _ context: RequestContext) async throws
        -> Answer
    {
        let isAllowed =
            if subresource.connectMethods.isEmpty {
                Verb(rawValue: context.info.verb).map(subresource.verbs.contains) ?? false
            } else {
                subresource.connectMethods.contains(context.request.method)
            }
        guard isAllowed else { throw APIStatus.methodNotAllowed }
        let targets = ConnectTargets(snapshot: storage.snapshot, namespace: context.info.namespace ?? "")
        switch subresource.name {
        case "log": return try await podLog(targets, context)
        case "proxy": return try await proxy(to: resource, targets, context)
        default: return try await stream(subresource.name, targets, context)
        }
    }

    private func podLog(_ targets: ConnectTargets, _ context: RequestContext) async throws -> Answer {
        let name = context.info.name ?? ""
        let options = try PodLogOptions(context.query, pod: name)
        let pod = try targets.pod(name)
        let container = try ConnectTargets.container(options.container, of: pod)
        // A pod without a node has written nothing.
        guard let node = try targets.node(of: pod) else {
            return .body(status: 204, contentType: "", ByteSegments([]))
        }
        do {
            try await node.check()
        } catch let problem as TCPDial.Problem {
            let query = options.query.isEmpty ? "" : "?" + options.query
            throw APIStatus.unclassified(
                "Get \"https://\(node.address)/containerLogs/\(targets.namespace)/\(name)/\(container)\(query)\": "
                    + problem.description)
        }
        throw notBuilt("logs of containers")
    }

    /// `exec`, `attach` and `portforward`, which take the connection over.
    private func stream(_ subresource: String, _ targets: ConnectTargets, _ context: RequestContext) async throws
        -> Answer
    {
        let name = context.info.name ?? ""
        let pod = try targets.pod(name)
        if subresource != "portforward" {
            _ = try ConnectTargets.container(context.query["container"] ?? "", of: pod)
        }
        guard let node = try targets.node(of: pod) else {
            throw APIStatus.badRequest("pod \(name) does not have a host assigned")
        }
        let isUpgrade =
            context.request.headers["connection"]?.lowercased().contains("upgrade") ?? false
            && context.request.headers["upgrade"] != nil
        guard isUpgrade else { throw APIStatus.badRequest("Upgrade request required") }
        do {
            try await node.check()
        } catch let problem as TCPDial.Problem {
            throw APIStatus.unclassified("error dialing backend: \(problem)")
        }
        throw notBuilt("streams to containers")
    }

    private func proxy(
        to resource: ServedResource, _ targets: ConnectTargets, _ context: RequestContext
    ) async throws -> Answer {
        let name = context.info.name ?? ""
        let dial =
            switch resource.definition.names.kind {
            case "Pod": try targets.proxied(pod: name)
            case "Service": try targets.proxied(service: name)
            default: try targets.proxied(node: name)
            }
        // What a proxy leads to is a root, and a root's path ends in a slash.
        let path = context.request.path
        if context.info.remainder == nil, path.utf8.last != UInt8(ascii: "/"),
            ["GET", "HEAD"].contains(context.request.method)
        {
            let query = context.request.query.map { $0.isEmpty ? "" : "?" + $0 } ?? ""
            return .body(
                status: 301, contentType: "", ByteSegments([]),
                headers: [.init(name: "location", value: path + "/" + query)])
        }
        do {
            try await dial.check()
        } catch let problem as TCPDial.Problem {
            throw APIStatus.serviceUnavailable("error trying to reach service: \(problem)")
        }
        throw notBuilt("proxies")
    }

    private func notBuilt(_ what: String) -> APIStatus {
        APIStatus(code: 501, reason: .unknown, message: "\(what) are not built yet")
    }
}
