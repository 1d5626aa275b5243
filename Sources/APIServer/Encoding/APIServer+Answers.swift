import APIMachinery
import HTTPTransport
import JSON
import Storage

extension APIServer {
    var epochSeconds: Int64 { environment.now() / 1_000_000_000 }

    /// Agrees with the client on the form of the answer. Called before a verb is carried out, so that nothing is done for
    /// a client that accepts none of the forms that there are. What a patch is comes before that, as in Kubernetes.
    /// - Throws: as `Negotiation.form` and, for a patch, as `PatchType`.
    func agreeOnForm(of resource: ServedResource, for verb: Verb, _ context: RequestContext) throws {
        if verb == .patch { _ = try PatchType(of: context, for: resource) }
        context.form = try Negotiation.form(
            accept: context.request.headers["accept"], query: context.query, offer: verb.offer, of: resource)
    }

    /// Resources in the form that was agreed on.
    func representation(
        of resource: ServedResource, _ subresource: Subresource? = nil, in context: RequestContext
    ) -> Representation {
        Representation(resource: resource, form: context.form, now: epochSeconds, subresource: subresource)
    }

    /// Answers with one object in the form and version that the client asked for.
    func answer(
        with object: StoredObject, of resource: ServedResource, in context: RequestContext, status: Int = 200
    ) throws -> Answer {
        let representation = representation(of: resource, in: context)
        return .body(
            status: status, contentType: representation.form.mediaType.rawValue, try representation.body(of: object))
    }

    /// Answers with a document that is not stored, in the version that is served: a dry run's result, a Status, a Scale,
    /// a review. `resource` is what the document is of, and `subresource` where it is of that one's own kind; a Status is
    /// of none, and never shown in another form.
    func answer(
        with document: JSON, of resource: ServedResource?, _ subresource: Subresource? = nil,
        in context: RequestContext, status: Int
    ) throws -> Answer {
        if let resource {
            let representation = representation(of: resource, subresource, in: context)
            return .body(
                status: status, contentType: representation.form.mediaType.rawValue,
                try representation.body(of: document))
        }
        let form = plainForm(context)
        return .body(
            status: status, contentType: form.mediaType.rawValue, try DocumentEncoding.encode(document, as: form))
    }

    /// The form of an answer that is no object of a resource: the first media type that the client accepts, else JSON.
    func plainForm(_ context: RequestContext) -> OutputForm {
        let form = try? Negotiation.form(
            accept: context.request.headers["accept"], query: context.query, offer: .plain, of: nil)
        return form ?? .json
    }

    /// The one place that turns what went wrong into an answer.
    func answer(to error: any Error, in context: RequestContext) -> Answer {
        if error is UnknownPath {
            return .body(
                status: 404, contentType: "text/plain; charset=utf-8",
                ByteSegments(Array("404 page not found\n".utf8)),
                headers: [.init(name: "x-content-type-options", value: "nosniff")])
        }
        let status = Self.status(of: error)
        let form = plainForm(context)
        let body = (try? DocumentEncoding.encode(status.json, as: form)).map { (form.mediaType, $0) }
        let (mediaType, bytes) = body ?? (.json, ByteSegments(status.json.encoded))
        var headers: [HTTPHeaders.Field] = []
        if let seconds = status.details?.retryAfterSeconds, seconds > 0 {
            headers.append(.init(name: "retry-after", value: String(seconds)))
        }
        return .body(status: status.code, contentType: mediaType.rawValue, bytes, headers: headers)
    }

    static func status(of error: any Error) -> APIStatus {
        switch error {
        case let status as APIStatus: status
        case let error as StorageError: status(ofStorage: error)
        case let error as SchemaDecodingError: .badRequest(error.message)
        case HTTPBodyError.tooLarge(let limit):
            APIStatus(
                code: 413, reason: .requestEntityTooLarge,
                message: "Request entity too large: limit is \(limit)", details: .init())
        case is HTTPBodyError: .badRequest("the body of the request could not be read")
        case is CancellationError:
            APIStatus(
                code: 504, reason: .timeout, message: "Timeout: request did not complete within requested timeout")
        default: .internalError("\(error)")
        }
    }

    private static func status(ofStorage error: StorageError) -> APIStatus {
        switch error {
        case .conflict(let key, _):
            APIStatus(
                code: 409, reason: .conflict,
                message: "Operation cannot be fulfilled on \(key.path): the object has been modified; "
                    + "please apply your changes to the latest version and try again")
        case .compacted: .expired("The resourceVersion for the provided list is too old.")
        case .futureRevision(let current):
            APIStatus(
                code: 504, reason: .timeout, message: "Timeout: Too large resource version, current: \(current)",
                details: .init(retryAfterSeconds: 1))
        case .engine(let why): .internalError("the store could not write: \(why)")
        case .closed: APIStatus(code: 503, reason: .serviceUnavailable, message: "the server is shutting down")
        }
    }
}

extension Verb {
    /// What there is to agree on.
    fileprivate var offer: Negotiation.Offer {
        switch self {
        case .get, .create, .update, .patch, .delete: .object
        case .list, .deletecollection: .list
        case .watch: .watch
        }
    }
}
