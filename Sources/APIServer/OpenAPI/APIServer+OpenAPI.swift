import APIMachinery
import HTTPTransport
import JSON
import PKI

extension APIServer {
    /// `/openapi/v2`, `/openapi/v3` and the documents below.
    func openAPI(_ segments: [String], _ context: RequestContext) async throws -> Answer {
        let contents = registry.contents
        switch segments.dropFirst().first {
        case "v2" where segments.count == 2 && context.request.path.last != "/":
            return try await openAPI2(contents, context)
        case "v3" where segments.count == 2: return try await openAPIIndex(contents)
        case "v3": return try await openAPI3(segments.dropFirst(2).joined(separator: "/"), contents, context)
        default: throw UnknownPath()
        }
    }

    // MARK: v2

    private func openAPI2(_ contents: ResourceRegistry.Contents, _ context: RequestContext) async throws -> Answer {
        guard let form = OpenAPIForm(accept: context.request.headers["accept"], .v2) else { return Self.notAcceptable }
        let others = openIDPaths
        let source = OpenAPISource(
            path: "v2", fingerprint: try OpenAPISource.fingerprint(of: contents.definitions)
        ) { .whole(contents, others: others) }
        let hash = try await hash(of: source, form)
        return try await openAPIAnswer(source, form, hash: hash, headers: [], context)
    }

    /// The document, or 304 to a client that has it.
    private func openAPIAnswer(
        _ source: OpenAPISource, _ form: OpenAPIForm, hash: String, headers: [HTTPHeaders.Field],
        _ context: RequestContext
    ) async throws -> Answer {
        let tag = "\"\(hash)\""
        let headers = headers + [.init(name: "etag", value: tag), .init(name: "vary", value: "Accept")]
        if EntityTag.matches(context.request.headers["if-none-match"], tag) {
            return .body(status: 304, contentType: "", ByteSegments(), headers: headers)
        }
        return .body(
            status: 200, contentType: form.mediaType, try await document(of: source, form), headers: headers)
    }

    private static let notAcceptable = Answer.body(status: 406, contentType: "", ByteSegments())

    private func document(of source: OpenAPISource, _ form: OpenAPIForm) async throws -> ByteSegments {
        let make = source.make
        return try await openAPICache.document(
            .init(path: source.path, mediaType: form.mediaType), of: source.fingerprint
        ) { form.encode(make()) }
    }

    /// The hash of a document in a form: of its bytes, or, where it is about custom resources alone, of what it is made
    /// of, so that nobody has to make very many documents to tell of them.
    private func hash(of source: OpenAPISource, _ form: OpenAPIForm) async throws -> String {
        if source.isCustom { return try OpenAPISource.hash(of: source) }
        let key = OpenAPICache.Key(path: source.path, mediaType: form.mediaType)
        if let known = openAPICache.hash(key, of: source.fingerprint) { return known }
        let hash = try SHA512Digest.hexadecimal(of: try await document(of: source, form).joined())
        openAPICache.keep(hash: hash, key, of: source.fingerprint)
        return hash
    }

    // MARK: v3

    /// The documents of the new form by the last part of their address.
    private func openAPIPaths(_ contents: ResourceRegistry.Contents) -> [String] {
        var paths = ["api", "apis", "version"] + openIDPaths.map(\.documentName)
        for group in contents.allGroups {
            let base = group.name.isEmpty ? "api" : "apis/" + group.name
            if !group.name.isEmpty { paths.append(base) }
            paths += group.versions.map { base + "/" + $0 }
        }
        return paths.sorted()
    }

    /// What stands under an address; `nil` where nothing does.
    func openAPISource(_ path: String, _ contents: ResourceRegistry.Contents) throws -> OpenAPISource? {
        let parts = path.split(separator: "/").map(String.init)
        switch (parts.first, parts.count) {
        case ("version", 1): return OpenAPISource(path: path) { .single(OpenAPIPaths.versionInfoPath) }
        case ("api", 1): return OpenAPISource(path: path) { .single(OpenAPIPaths.groupPath("")) }
        case ("apis", 1): return OpenAPISource(path: path) { .single(OpenAPIPaths.groupsPath) }
        case ("apis", 2):
            guard let group = contents.group(named: parts[1]), !group.name.isEmpty else { return nil }
            return OpenAPISource(path: path, isCustom: !group.isBuiltIn) {
                .single(OpenAPIPaths.groupPath(group.name))
            }
        case ("api", 2), ("apis", 3):
            let name = parts.count == 3 ? parts[1] : ""
            guard let group = contents.group(named: name), let version = parts.last, group.versions.contains(version)
            else { return nil }
            let definitions = group.resources(in: version).map(\.0)
            let fingerprint = try OpenAPISource.fingerprint(of: definitions)
            return OpenAPISource(path: path, isCustom: !group.isBuiltIn, fingerprint: fingerprint) {
                .version(version, of: group)
            }
        default:
            return openIDPaths.first { $0.documentName == path }.map { openIDPath in
                OpenAPISource(path: path) { .single(openIDPath) }
            }
        }
    }

    private var openIDPaths: [OpenAPIPath] {
        options.serviceAccountIssuer?.isDiscoverable == true ? OpenAPIPaths.openIDPaths : []
    }

    /// `/openapi/v3`: where the documents are, by addresses that change when they do.
    private func openAPIIndex(_ contents: ResourceRegistry.Contents) async throws -> Answer {
        var paths: [JSONObject.Member] = []
        for path in openAPIPaths(contents) {
            guard let source = try openAPISource(path, contents) else { continue }
            let hash = try await hash(of: source, .json)
            paths.append(.init(key: path, value: ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(hash)")]))
        }
        let document: JSON = ["paths": .object(JSONObject(uniqueMembers: paths))]
        return .body(
            status: 200, contentType: "text/plain; charset=utf-8", ByteSegments(document.encoded))
    }

    private func openAPI3(
        _ path: String, _ contents: ResourceRegistry.Contents, _ context: RequestContext
    ) async throws -> Answer {
        guard let source = try openAPISource(path, contents) else {
            return .body(status: 404, contentType: "", ByteSegments())
        }
        guard let form = OpenAPIForm(accept: context.request.headers["accept"], .v3) else { return Self.notAcceptable }
        let hash = try await hash(of: source, .json)
        var headers: [HTTPHeaders.Field] = []
        if let asked = context.query["hash"] {
            if asked != hash {
                let address = "/openapi/v3/\(path)?hash=\(hash)"
                return .body(
                    status: 301, contentType: "", ByteSegments(), headers: [.init(name: "location", value: address)])
            }
            // What stands under this address never changes.
            headers.append(.init(name: "cache-control", value: "public, immutable"))
        }
        return try await openAPIAnswer(source, form, hash: hash, headers: headers, context)
    }
}

/// The forms in which OpenAPI documents are sent.
struct OpenAPIForm {
    var version: OpenAPIVersion
    var isProtobuf: Bool

    static let json = OpenAPIForm(version: .v3, isProtobuf: false)

    private init(version: OpenAPIVersion, isProtobuf: Bool) {
        self.version = version
        self.isProtobuf = isProtobuf
    }

    /// The first form that a client accepts; `nil` where it accepts none.
    init?(accept: String?, _ version: OpenAPIVersion) {
        self.version = version
        isProtobuf = false
        guard let accept, !accept.isEmpty else { return }
        for clause in Negotiation.parse(accept) {
            switch "\(clause.type)/\(clause.subtype)" {
            case "*/*", "application/*", "application/json": return
            case version.protobufMediaType, version.formerProtobufMediaType:
                isProtobuf = true
                return
            default: continue
            }
        }
        return nil
    }

    var mediaType: String { isProtobuf ? version.protobufMediaType : "application/json" }

    func encode(_ document: OpenAPIDocument) -> [UInt8] {
        isProtobuf ? GnosticEncoder.encode(document) : document.encoded
    }
}
