import APIMachinery
import HTTPTransport
import JSON

extension APIServer {
    /// `/.well-known/openid-configuration` and `/openid/v1/jwks`: how others can check the tokens of service accounts
    /// (OpenID Connect Discovery; KEP-1393).
    func openID(_ segments: [String], _ context: RequestContext) throws -> Answer {
        guard let issuer = options.serviceAccountIssuer, issuer.isDiscoverable else { throw UnknownPath() }
        switch segments.joined(separator: "/") {
        case ".well-known/openid-configuration":
            return try openID(try issuer.configuration, mediaType: "application/json", context)
        case "openid/v1/jwks": return try openID(try issuer.keySet, mediaType: "application/jwk-set+json", context)
        case let path where path.hasPrefix(".well-known/openid-configuration/") || path.hasPrefix("openid/v1/jwks/"):
            throw APIStatus.unknownResource
        default: throw UnknownPath()
        }
    }

    private func openID(_ document: JSON, mediaType: String, _ context: RequestContext) throws -> Answer {
        try requireGet(context)
        try Negotiation.require(mediaType, accept: context.request.headers["accept"])
        return .body(
            status: 200, contentType: mediaType, ByteSegments(document.encoded),
            headers: [.init(name: "cache-control", value: "public, max-age=3600")])
    }
}
