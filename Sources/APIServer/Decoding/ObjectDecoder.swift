import APIMachinery
import JSON

/// Turns a request's body into a document of the kind that its address takes, in the form in which the API writes it.
///
/// Kind and version may be left out; another kind, or another version than the address has, is refused.
struct ObjectDecoder {
    let expected: GroupVersionKind
    let schema: Schema
    let validation: FieldValidation
    let contents: ResourceRegistry.Contents
    /// Versions that a body may be in although the address has another, where the kind is one in all (`Eviction`).
    var alsoAccepted: Set<GroupVersion> = []

    struct Decoded {
        var document: JSON
        var warnings: [String]
    }

    /// - Throws: 400, in the words of Kubernetes' decoder; 415 where the kind cannot be sent as protobuf.
    func decode(_ bytes: [UInt8], as codec: BodyCodec) throws(APIStatus) -> Decoded {
        var body: ParsedBody
        let given: TypeMeta
        if codec == .protobuf, !ProtobufDecoder(schema).isAvailable {
            throw BodyCodec.unsupported(accepted: BodyCodec.mediaTypesWithoutProtobuf)
        }
        do {
            body = try codec.parse(bytes, expecting: expected.kind, schema)
        } catch {
            if let given = error.typeMeta { throw cannotBeHandled(try resolve(given, bytes), error.message) }
            let prefix = codec == .json ? "couldn't get version/kind; json parse error: " : ""
            throw unrecognized(prefix + error.message, bytes)
        }
        do {
            given = try TypeMeta(of: body.document)
        } catch {
            throw unrecognized("couldn't get version/kind; json parse error: " + error.message, bytes)
        }
        let kind = try resolve(given, bytes)
        Self.complete(&body.document, given, as: kind)
        return try canonical(&body, kind)
    }

    /// A document that the server itself has made, and whose kind it may leave out.
    func decode(_ document: JSON) throws(APIStatus) -> Decoded {
        var body = ParsedBody(document: document)
        Self.complete(&body.document, TypeMeta(apiVersion: "", kind: ""), as: expected)
        return try canonical(&body, expected)
    }

    /// Writes into the document what it leaves out of its kind.
    private static func complete(_ document: inout JSON, _ given: TypeMeta, as kind: GroupVersionKind) {
        if document.isNull { document = [:] }
        if given.kind != kind.kind { document["kind"] = .string(kind.kind) }
        let apiVersion = kind.groupVersion.description
        if given.apiVersion != apiVersion { document["apiVersion"] = .string(apiVersion) }
    }

    /// The kind of the body, with what it leaves out taken from the address.
    private func resolve(_ given: TypeMeta, _ bytes: [UInt8]) throws(APIStatus) -> GroupVersionKind {
        var kind = expected
        if !given.kind.isEmpty { kind.kind = given.kind }
        if !given.apiVersion.isEmpty {
            guard let groupVersion = GroupVersion(apiVersion: given.apiVersion) else {
                throw unrecognized("unexpected GroupVersion string: \(given.apiVersion)", bytes)
            }
            kind.group = groupVersion.group
            kind.version = groupVersion.version
        }
        if kind == expected { return kind }
        // All versions of custom kinds can be read, if only one belongs here.
        if isCustom, kind.groupVersion != expected.groupVersion { throw wrongVersion(kind) }
        guard contents.knows(kind) else {
            let groupVersion = kind.groupVersion.description
            throw cannotBeHandled(
                kind,
                "no kind \"\(kind.kind)\" is registered for version \"\(groupVersion)\" in scheme "
                    + "\"pkg/api/legacyscheme/scheme.go:30\"")
        }
        if kind.kind != expected.kind || kind.group != expected.group { throw mismatch(kind) }
        if alsoAccepted.contains(kind.groupVersion) { return kind }
        throw wrongVersion(kind)
    }

    private var isCustom: Bool { if case .structural = schema.form { true } else { false } }

    private func wrongVersion(_ kind: GroupVersionKind) -> APIStatus {
        .badRequest(
            "the API version in the data (\(kind.groupVersion)) does not match the expected API version "
                + "(\(expected.groupVersion))")
    }

    private func mismatch(_ kind: GroupVersionKind) -> APIStatus {
        cannotBeHandled(kind, Self.conversionProblem(kind, to: expected))
    }

    private func canonical(_ body: inout ParsedBody, _ kind: GroupVersionKind) throws(APIStatus) -> Decoded {
        FieldOwnership.keepReset(in: &body.document)
        let unknown: [String]
        do {
            unknown = try schema.canonicalize(&body.document, keepsEmpty: true)
        } catch {
            throw cannotBeHandled(kind, error.message)
        }
        let strictErrors = body.strictErrors + unknown.map { .unknownField($0) }
        switch validation {
        case .ignore: return Decoded(document: body.document, warnings: [])
        case _ where strictErrors.isEmpty: return Decoded(document: body.document, warnings: [])
        case .warn: return Decoded(document: body.document, warnings: strictErrors.flatMap(\.warnings))
        case .strict: throw cannotBeHandled(kind, StrictError.refusal(strictErrors))
        }
    }

    private func cannotBeHandled(_ kind: GroupVersionKind, _ why: String) -> APIStatus {
        .badRequest("\(kind.kind) in version \"\(kind.version)\" cannot be handled as a \(expected.kind): \(why)")
    }

    private func unrecognized(_ why: String, _ bytes: [UInt8]) -> APIStatus {
        .badRequest(
            "the object provided is unrecognized (must be of type \(expected.kind)): \(why) (\(Self.summary(of: bytes)))"
        )
    }

    /// Bytes of a body that an error shows.
    private static let summaryByteCount = 30

    /// The beginning of a body: as text where it may be JSON, else in hexadecimal.
    private static func summary(of bytes: [UInt8]) -> String {
        guard let first = bytes.first else { return "<empty>" }
        let shown = bytes.prefix(summaryByteCount)
        let ellipsis = bytes.count > summaryByteCount ? " ..." : ""
        if first == UInt8(ascii: "{") { return String(decoding: shown, as: UTF8.self) + ellipsis }
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in shown {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self) + ellipsis
    }
}

extension ObjectDecoder {
    /// What Kubernetes says where an object of one kind stands for another: with the names of its Go packages.
    static func conversionProblem(_ kind: GroupVersionKind, to expected: GroupVersionKind) -> String {
        "converting (\(kind.version).\(kind.kind)) to (\(package(of: expected.group)).\(expected.kind)): "
            + "unknown conversion"
    }

    private static func package(of group: String) -> String {
        switch group {
        case "", "events.k8s.io": "core"
        default: String(group.prefix { $0 != "." })
        }
    }
}

extension ResourceRegistry.Contents {
    /// Whether Kubernetes knows the kind at all: those of the resources served, and some that have no address.
    func knows(_ kind: GroupVersionKind) -> Bool {
        if resource(of: kind) != nil { return true }
        if Self.kindsWithoutResource.contains(kind.kind) { return true }
        if definitions.contains(where: { $0.group == kind.group && $0.names.listKind == kind.kind }) { return true }
        // Old versions, of which Kubernetes still reads objects: their kinds are those of the versions served.
        guard Self.unservedVersions.contains(kind.groupVersion) else { return false }
        return definitions.contains { $0.group == kind.group && $0.names.kind == kind.kind }
    }

    private static let kindsWithoutResource: Set<String> = [
        "Status", "DeleteOptions", "Scale", "Eviction", "TokenRequest", "List",
    ]

    private static let unservedVersions: Set<GroupVersion> = [
        .init(group: "apps", version: "v1beta1"), .init(group: "apps", version: "v1beta2"),
        .init(group: "autoscaling", version: "v2beta1"), .init(group: "autoscaling", version: "v2beta2"),
        .init(group: "batch", version: "v1beta1"), .init(group: "policy", version: "v1beta1"),
        .init(group: "networking.k8s.io", version: "v1beta1"),
        .init(group: "rbac.authorization.k8s.io", version: "v1beta1"),
        .init(group: "rbac.authorization.k8s.io", version: "v1alpha1"),
        .init(group: "storage.k8s.io", version: "v1beta1"), .init(group: "storage.k8s.io", version: "v1alpha1"),
        .init(group: "coordination.k8s.io", version: "v1beta1"),
        .init(group: "discovery.k8s.io", version: "v1beta1"), .init(group: "events.k8s.io", version: "v1beta1"),
        .init(group: "scheduling.k8s.io", version: "v1beta1"),
        .init(group: "certificates.k8s.io", version: "v1beta1"),
        .init(group: "authentication.k8s.io", version: "v1beta1"),
        .init(group: "authorization.k8s.io", version: "v1beta1"),
        .init(group: "admissionregistration.k8s.io", version: "v1beta1"),
        .init(group: "node.k8s.io", version: "v1beta1"),
    ]
}
