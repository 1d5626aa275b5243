import APIMachinery
import HTTPTransport
import JSON

extension APIServer {
    /// Paths outside the resources: discovery, OpenAPI, version, health, metrics.
    func nonResource(_ context: RequestContext) async throws -> Answer {
        let path = context.request.path
        let segments = path.split(separator: "/").map(String.init)
        switch segments.first {
        case nil: return try rootPaths()
        case "api", "apis": return try discovery(segments, context)
        case ".well-known", "openid": return try openID(segments, context)
        case "debug": return try debug(segments, context)
        case "version": return try version(segments, context)
        case "metrics": return try metrics(segments, context)
        case "martlet" where segments == ["martlet", "backup"]: return try await backup(context)
        case "openapi": return try await openAPI(segments, context)
        case "healthz", "livez", "readyz": return try health(segments, context)
        default: throw UnknownPath()
        }
    }

    /// Most paths are only there to be read, and so that even `HEAD` is refused; the plain handlers that Kubernetes has
    /// for some others (`/apis`, health, metrics) look at no method.
    func requireGet(_ context: RequestContext) throws(APIStatus) {
        if context.request.method != "GET" { throw .methodNotAllowed }
    }

    /// `/`: the paths that lead on.
    private func rootPaths() throws -> Answer {
        var paths = [
            "/api", "/apis", "/apis/", "/metrics", "/metrics/slis", "/openapi/v2", "/openapi/v3", "/openapi/v3/",
            "/version",
        ]
        if options.serviceAccountIssuer?.isDiscoverable == true {
            paths += ["/.well-known/openid-configuration", "/openid/v1/jwks"]
        }
        for group in registry.contents.allGroups {
            let base = group.name.isEmpty ? "/api" : "/apis/" + group.name
            if !group.name.isEmpty { paths.append(base) }
            paths.append(contentsOf: group.versions.map { base + "/" + $0 })
        }
        for endpoint in HealthEndpoint.allCases {
            paths.append("/" + endpoint.rawValue)
            paths.append(
                contentsOf: healthChecks.checks(of: endpoint).map { "/\(endpoint.rawValue)/\($0.name)" })
        }
        let document: JSON = ["paths": .array(paths.sorted().map(JSON.string))]
        return .body(status: 200, contentType: "application/json", ByteSegments(document.prettyEncoded))
    }

    private func version(_ segments: [String], _ context: RequestContext) throws -> Answer {
        guard segments.count == 1 else { throw APIStatus.unknownResource }
        try requireGet(context)
        try Negotiation.require("application/json", accept: context.request.headers["accept"])
        return .body(
            status: 200, contentType: "application/json", ByteSegments(ServerVersion.json.prettyEncoded))
    }

    /// `/debug/pprof`: where Kubernetes has the profiles of its process. There are none here, and the path says so.
    private func debug(_ segments: [String], _ context: RequestContext) throws -> Answer {
        guard segments.count > 1, segments[1] == "pprof" else { throw UnknownPath() }
        guard context.request.path == "/debug/pprof" else {
            throw APIStatus(
                code: 501, reason: .unknown,
                message: "there are no profiles to be had by HTTP; use perf on the process")
        }
        let body = context.request.method == "GET" ? "<a href=\"/debug/pprof/\">Found</a>.\n\n" : ""
        return .body(
            status: 302, contentType: "text/html; charset=utf-8", ByteSegments(Array(body.utf8)),
            headers: [.init(name: "location", value: "/debug/pprof/")])
    }

    // MARK: Discovery

    private func discovery(_ segments: [String], _ context: RequestContext) throws -> Answer {
        let contents = registry.contents
        let documents = DiscoveryDocuments(contents: contents)
        let isCore = segments[0] == "api"
        if segments.count > 1, !isCore, !contents.serves(group: segments[1]) { throw UnknownPath() }
        if isCore || segments.count > 1 { try requireGet(context) }

        let offersAggregated = segments.count == 1
        let form = try DiscoveryForm.agreed(
            accept: context.request.headers["accept"], query: context.query, offersAggregated: offersAggregated)
        let address = options.publicAddress ?? context.request.headers["host"] ?? ""
        // Only `/api` shows the address, which each client may know by another name.
        let path = segments.joined(separator: "/") + (isCore && segments.count == 1 ? "@" + address : "")
        let entry = try discoveryCache.entry(.init(path: path, form: form), of: contents) {
            if form.isAggregated, form.form.mediaType == .json, !form.form.isPretty {
                return ByteSegments(documents.encodedAggregated(ofCore: isCore))
            }
            let document: JSON? =
                switch (isCore, segments.count) {
                case (_, 1) where form.isAggregated: documents.aggregated(ofCore: isCore)
                case (true, 1): documents.coreVersions(serverAddress: address)
                case (true, 2): documents.resourceList(of: GroupVersion(group: "", version: segments[1]))
                case (false, 1): documents.groupList
                case (false, 2): documents.group(named: segments[1])
                default: documents.resourceList(of: GroupVersion(group: segments[1], version: segments[2]))
                }
            guard let document else { throw APIStatus.unknownResource }
            return try DocumentEncoding.encode(document, as: form.form)
        }
        guard form.isAggregated else {
            return .body(status: 200, contentType: form.contentType, entry.body)
        }
        return tagged(entry, contentType: form.contentType, context)
    }

    /// An answer that a client which has it already gets as 304.
    private func tagged(_ entry: DiscoveryCache.Entry, contentType: String, _ context: RequestContext) -> Answer {
        let headers: [HTTPHeaders.Field] = [
            .init(name: "etag", value: entry.tag), .init(name: "vary", value: "Accept"),
        ]
        if EntityTag.matches(context.request.headers["if-none-match"], entry.tag) {
            return .body(status: 304, contentType: "", ByteSegments(), headers: headers)
        }
        return .body(status: 200, contentType: contentType, entry.body, headers: headers)
    }
}

/// Entity tags of HTTP (RFC 9110 section 8.8.3).
enum EntityTag {
    /// Whether `If-None-Match` names a tag (RFC 9110 section 13.1.2).
    static func matches(_ header: String?, _ tag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { part in
            var candidate = part.drop { $0 == " " }
            while candidate.last == " " { candidate.removeLast() }
            if candidate.hasPrefix("W/") { candidate = candidate.dropFirst(2) }
            return candidate == "*" || candidate == tag
        }
    }
}

extension Negotiation {
    /// - Throws: 406 where a client does not take the one media type that a path has.
    static func require(_ mediaType: String, accept: String?) throws(APIStatus) {
        guard let accept, !accept.isEmpty else { return }
        let accepted = parse(accept).map { "\($0.type)/\($0.subtype)" }
        if accepted.contains(where: { $0 == mediaType || $0 == "*/*" }) { return }
        throw APIStatus(
            code: 406, reason: .notAcceptable,
            message: "406: Not Acceptable\n\nAvailable representations: " + mediaType, details: .init())
    }
}
