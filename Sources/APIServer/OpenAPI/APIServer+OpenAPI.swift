import APIMachinery
import HTTPTransport
import JSON
import PKI

extension APIServer {
    /// `/openapi/v2`, `/openapi/v3` and the documents below.
    func openAPI(_ segments: [String], _ context: RequestContext) throws -> Answer {
        let contents = registry.contents
        switch segments.dropFirst().first {
        case "v2" where segments.count == 2 && context.request.path.last != "/":
            return try openAPI2(contents, context)
        case "v3" where segments.count == 2: return try openAPIIndex(contents)
        case "v3": return try openAPI3(segments.dropFirst(2).joined(separator: "/"), contents, context)
        default: throw UnknownPath()
        }
    }

    // MARK: v2

    private func openAPI2(_ contents: ResourceRegistry.Contents, _ context: RequestContext) throws -> Answer {
        guard let form = OpenAPIForm(accept: context.request.headers["accept"], .v2) else { return Self.notAcceptable }
        let bytes = openAPICache.document(
            .init(path: "v2", mediaType: form.mediaType), of: contents.definitions
        ) {
            form.encode(OpenAPIDocument.whole(contents, others: openIDPaths))
        }
        let hash = try openAPICache.hash(.init(path: "v2", mediaType: form.mediaType), of: contents.definitions) {
            try SHA512Digest.hexadecimal(of: bytes)
        }
        return openAPIAnswer(bytes, form, hash: hash, headers: [], context)
    }

    /// The document, or 304 to a client that has it.
    private func openAPIAnswer(
        _ bytes: [UInt8], _ form: OpenAPIForm, hash: String, headers: [HTTPHeaders.Field], _ context: RequestContext
    ) -> Answer {
        let tag = "\"\(hash)\""
        let headers = headers + [.init(name: "etag", value: tag), .init(name: "vary", value: "Accept")]
        if EntityTag.matches(context.request.headers["if-none-match"], tag) {
            return .body(status: 304, contentType: "", ByteSegments(), headers: headers)
        }
        return .body(status: 200, contentType: form.mediaType, ByteSegments(bytes), headers: headers)
    }

    private static let notAcceptable = Answer.body(status: 406, contentType: "", ByteSegments())

    // MARK: v3

    /// The documents of the new form by the last part of their address.
    private func openAPIPaths(_ contents: ResourceRegistry.Contents) -> [String] {
        var paths = ["api", "apis", "version"] + openIDPaths.map(\.documentName)
        for group in DiscoveryDocuments(contents: contents).allGroups {
            let base = group.name.isEmpty ? "api" : "apis/" + group.name
            if !group.name.isEmpty { paths.append(base) }
            paths += group.versions.map { base + "/" + $0 }
        }
        return paths.sorted()
    }

    /// The document under an address, with what it is made of; `nil` where there is none.
    private func openAPIDocument(
        _ path: String, _ contents: ResourceRegistry.Contents
    ) -> (definitions: [ResourceDefinition], make: () -> OpenAPIDocument)? {
        let parts = path.split(separator: "/").map(String.init)
        switch (parts.first, parts.count) {
        case ("version", 1): return ([], { .single(OpenAPIPaths.versionInfoPath) })
        case ("api", 1): return ([], { .single(OpenAPIPaths.groupPath("")) })
        case ("apis", 1): return ([], { .single(OpenAPIPaths.groupsPath) })
        case ("apis", 2):
            guard contents.serves(group: parts[1]) else { return nil }
            return ([], { .single(OpenAPIPaths.groupPath(parts[1])) })
        case ("api", 2), ("apis", 3):
            let groupVersion = GroupVersion(
                group: parts.count == 3 ? parts[1] : "", version: parts[parts.count - 1])
            guard contents.serves(groupVersion) else { return nil }
            return (
                OpenAPIDocument.definitions(of: groupVersion, in: contents),
                { .version(groupVersion, in: contents) }
            )
        default:
            return openIDPaths.first { $0.documentName == path }.map { openIDPath in ([], { .single(openIDPath) }) }
        }
    }

    private var openIDPaths: [OpenAPIPath] {
        options.serviceAccountIssuer?.isDiscoverable == true ? OpenAPIPaths.openIDPaths : []
    }

    private func hash(
        of path: String, _ document: (definitions: [ResourceDefinition], make: () -> OpenAPIDocument)
    ) throws -> String {
        let key = OpenAPICache.Key(path: path, mediaType: OpenAPIForm.json.mediaType)
        return try openAPICache.hash(key, of: document.definitions) {
            try SHA512Digest.hexadecimal(of: document.make().encoded)
        }
    }

    /// `/openapi/v3`: where the documents are, by addresses that change when they do.
    private func openAPIIndex(_ contents: ResourceRegistry.Contents) throws -> Answer {
        var paths: JSONObject = [:]
        for path in openAPIPaths(contents) {
            guard let document = openAPIDocument(path, contents) else { continue }
            let hash = try hash(of: path, document)
            paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=\(hash)")]
        }
        return .body(
            status: 200, contentType: "text/plain; charset=utf-8",
            ByteSegments((["paths": .object(paths)] as JSON).encoded))
    }

    private func openAPI3(
        _ path: String, _ contents: ResourceRegistry.Contents, _ context: RequestContext
    ) throws -> Answer {
        guard let document = openAPIDocument(path, contents) else {
            return .body(status: 404, contentType: "", ByteSegments())
        }
        guard let form = OpenAPIForm(accept: context.request.headers["accept"], .v3) else { return Self.notAcceptable }
        let hash = try hash(of: path, document)
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
        let bytes = openAPICache.document(.init(path: path, mediaType: form.mediaType), of: document.definitions) {
            form.encode(document.make())
        }
        return openAPIAnswer(bytes, form, hash: hash, headers: headers, context)
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
