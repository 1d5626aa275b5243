import APIMachinery
import HTTPTransport

/// Reading bodies whole.
enum RequestBody {
    /// Bytes of a body that the server takes (Kubernetes' limit, `MaxRequestBodyBytes`).
    static let maximumByteCount = 3 * 1024 * 1024

    static func read(_ context: RequestContext) async throws -> [UInt8] {
        do {
            return try await context.request.body.collect(upTo: maximumByteCount)
        } catch HTTPBodyError.tooLarge {
            throw APIStatus(
                code: 413, reason: .requestEntityTooLarge,
                message: "Request entity too large: limit is \(maximumByteCount)")
        }
    }
}
