/// Why a server could not start.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// An address is not one, or cannot be listened at.
        case address
        /// A certificate, key or authority is missing or does not fit.
        case tls
        /// A file could not be read.
        case file
        /// The server was started before.
        case alreadyStarted
    }

    public var code: Code
    /// For people: what failed, and the system's or OpenSSL's own words.
    public var message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
