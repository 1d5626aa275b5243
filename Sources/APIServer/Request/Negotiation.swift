import APIMachinery
import HTTPTransport
import JSON

/// Agreement on the form of an answer (RFC 9110 section 12.5.1, as Kubernetes keeps it).
enum Negotiation {
    /// One clause of an `Accept` header.
    struct Clause {
        var type: Substring
        var subtype: Substring
        var quality: Double
        var parameters: [(name: Substring, value: Substring)]

        func parameter(_ name: String) -> String? {
            parameters.first { $0.name == name }.map { String($0.value) }
        }
    }

    /// What a request may be answered with.
    enum Offer { case object, list, watch, plain }

    private static let streams = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"]
    private static let representations = OutputForm.MediaType.all.map(\.rawValue)

    /// The form of the answer to a request for one object, a list or a watch.
    /// - Throws: 406 where the client accepts nothing that is offered, 400 where `includeObject` is no policy.
    static func form(
        accept: String?, query: QueryParameters, offer: Offer, of resource: ServedResource?
    ) throws -> OutputForm {
        guard let accept, !accept.isEmpty, accept != "application/json" else {
            return OutputForm(mediaType: .json, transform: .none, isPretty: query.flag("pretty"))
        }
        let clauses = parse(accept)
        var sawTransform = false
        for clause in clauses {
            guard let mediaType = mediaType(of: clause) else { continue }
            guard let name = clause.parameter("as") else {
                return OutputForm(mediaType: mediaType, transform: .none, isPretty: isPretty(clause, query))
            }
            sawTransform = true
            if let transform = try transform(name, clause, query, mediaType, offer, resource) {
                return OutputForm(mediaType: mediaType, transform: transform, isPretty: isPretty(clause, query))
            }
        }
        throw sawTransform ? onlyAccepted() : notAcceptable(offersStreams: offer == .list || offer == .watch)
    }

    static func isPretty(_ clause: Clause, _ query: QueryParameters) -> Bool {
        query.flag("pretty") || clause.parameter("pretty") == "1"
    }

    private static func transform(
        _ name: String, _ clause: Clause, _ query: QueryParameters, _ mediaType: OutputForm.MediaType, _ offer: Offer,
        _ resource: ServedResource?
    ) throws -> OutputForm.Transform? {
        guard offer != .plain, clause.parameter("g") == "meta.k8s.io", let version = clause.parameter("v"),
            version == "v1" || version == "v1beta1"
        else { return nil }
        switch name {
        case "PartialObjectMetadata":
            if offer == .list {
                throw notAcceptable(
                    message: "you requested PartialObjectMetadata, but the requested object is a list "
                        + "(\(goType(of: resource))List)")
            }
            return .partialMetadata(version: version)
        case "PartialObjectMetadataList":
            if offer == .object {
                throw notAcceptable(
                    message: "you requested PartialObjectMetadataList, but the requested object is not a list "
                        + "(\(goType(of: resource)))")
            }
            return offer == .watch ? .partialMetadataListOfWatch : .partialMetadata(version: version)
        case "Table" where mediaType != .protobuf:
            return .table(version: version, includeObject: try includeObject(query))
        default: return nil
        }
    }

    /// Kubernetes' own name of a kind's type, which its refusals show: `*core.ConfigMap`.
    private static func goType(of resource: ServedResource?) -> String {
        guard let resource else { return "*v1.Status" }
        if resource.definition.isCustom { return "*unstructured.Unstructured" }
        let group = resource.definition.group.prefix { $0 != "." }
        return "*\(group.isEmpty ? "core" : String(group)).\(resource.definition.names.kind)"
    }

    private static func includeObject(_ query: QueryParameters) throws -> OutputForm.IncludeObject {
        guard let text = query["includeObject"], !text.isEmpty else { return .metadata }
        guard let policy = OutputForm.IncludeObject(rawValue: text) else {
            throw APIStatus.badRequest(
                "Unable to convert to Table as requested: includeObject: Invalid value: "
                    + "\(JSON.string(text).description): must be 'Metadata', 'Object', 'None', or empty")
        }
        return policy
    }

    static func mediaType(of clause: Clause) -> OutputForm.MediaType? {
        switch (clause.type, clause.subtype) {
        case ("*", "*"): .json
        case ("application", "json"): .json
        case ("application", "yaml"): .yaml
        case ("application", "vnd.kubernetes.protobuf"): .protobuf
        default: nil
        }
    }

    /// Clauses by falling quality, in the order given where that is equal. A clause that names no type and subtype is
    /// passed over.
    static func parse(_ accept: String) -> [Clause] {
        var clauses: [Clause] = []
        for text in accept.split(separator: ",") {
            let parts = text.split(separator: ";").map(trimmed)
            guard let range = parts.first else { continue }
            let types = range.split(separator: "/", maxSplits: 1)
            guard types.count == 2 else { continue }
            var clause = Clause(type: types[0], subtype: types[1], quality: 1, parameters: [])
            for part in parts.dropFirst() {
                let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(trimmed)
                guard pair.count == 2 else { continue }
                if pair[0] == "q" {
                    clause.quality = quality(pair[1])
                } else {
                    clause.parameters.append((pair[0], pair[1]))
                }
            }
            clauses.append(clause)
        }
        return clauses.enumerated().sorted {
            $0.element.quality != $1.element.quality
                ? $0.element.quality > $1.element.quality : $0.offset < $1.offset
        }.map(\.element)
    }

    /// A quality of 0 does not exclude, as it does in HTTP: Kubernetes takes it for one that is not given.
    private static func quality(_ text: Substring) -> Double {
        guard let quality = Double(text), quality != 0 else { return 1 }
        return quality
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }

    // MARK: Refusals

    private static func notAcceptable(offersStreams: Bool) -> APIStatus {
        let all = representations + (offersStreams ? streams : [])
        return APIStatus(
            code: 406, reason: .notAcceptable,
            message: "406: Not Acceptable\n\nAvailable representations: " + all.joined(separator: ", "),
            details: .init())
    }

    static func onlyAccepted() -> APIStatus {
        notAcceptable(
            message: "only the following media types are accepted: " + representations.joined(separator: ", "))
    }

    /// A watch in a form that cannot be streamed.
    static func notStreamable() -> APIStatus {
        notAcceptable(message: "only the following media types are accepted: " + streams.joined(separator: ", "))
    }

    private static func notAcceptable(message: String) -> APIStatus {
        APIStatus(code: 406, reason: .notAcceptable, message: message)
    }
}

extension OutputForm.MediaType {
    static let all: [OutputForm.MediaType] = [.json, .yaml, .protobuf]
}
