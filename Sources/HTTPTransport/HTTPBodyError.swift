/// Why a body could not be read, or an answer not be sent, to its end.
public enum HTTPBodyError: Error, Sendable, Hashable {
    /// The body is longer than the caller's limit, in bytes.
    case tooLarge(limit: Int)
    /// The client is gone, or the task was cancelled.
    case connectionClosed
    /// The client broke the body's framing.
    case malformed
}
