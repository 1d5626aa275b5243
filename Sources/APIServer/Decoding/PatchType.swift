import APIMachinery
import HTTPTransport

/// What the body of a PATCH is, by its media type.
enum PatchType: Hashable {
    case patch(ObjectPatch.Kind)
    /// A configuration to be applied.
    case apply

    private static let all =
        ObjectPatch.Kind.allCases.map { ($0.rawValue, PatchType.patch($0)) }
        + [(AppliedConfiguration.mediaType, .apply)]

    /// Kubernetes finds the route of a built-in kind by the type, and then looks at it anew; a custom resource has no
    /// routes, and takes no strategic merge.
    ///
    /// - Throws: 415 for any other type.
    init(of context: RequestContext, for resource: ServedResource) throws(APIStatus) {
        let text = context.request.headers["content-type"] ?? ""
        let isCustom = resource.definition.isCustom
        let taken = Self.all.filter { !isCustom || $0.1 != .patch(.strategic) }
        if !isCustom, !text.split(separator: ",").contains(where: { Self.isTaken($0, taken) }) {
            throw APIStatus(
                code: 415, reason: .unsupportedMediaType, message: "415: Unsupported Media Type", details: .init())
        }
        let given = text.first == ";" ? text[...] : text.prefix { $0 != ";" }
        guard let type = taken.first(where: { $0.0 == given })?.1 else {
            throw BodyCodec.unsupported(accepted: taken.map(\.0).joined(separator: ", "))
        }
        self = type
    }

    /// Whether a part of the header names one of the types, with parameters or without.
    private static func isTaken(_ part: Substring, _ taken: [(String, PatchType)]) -> Bool {
        var type = part.prefix { $0 != ";" }
        while type.first == " " { type.removeFirst() }
        while type.last == " " { type.removeLast() }
        return taken.contains { $0.0 == type }
    }
}
