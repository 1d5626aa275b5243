/// HTTP by libcurl.
public final class CurlTransport: APITransport {
    public init(_ configuration: ClientConfiguration) throws {}
    public func send(_ request: TransportRequest) async throws -> TransportResponse {
        throw TransportError(.other, "to be written")
    }
}
