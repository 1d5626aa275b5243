import COpenSSL

/// A certificate or key could not be made, read or written.
public struct PKIError: Error, Sendable, CustomStringConvertible {
    /// What was tried.
    public var operation: String
    /// OpenSSL's own words for what went wrong.
    public var cause: String

    public init(operation: String, cause: String) {
        self.operation = operation
        self.cause = cause
    }

    public var description: String { "\(operation): \(cause)" }

    /// The error that OpenSSL's queue of this thread holds, which is emptied.
    static func last(_ operation: String) -> PKIError {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0 else { return PKIError(operation: operation, cause: "unknown error") }
        var text = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &text, text.count)
        let bytes = text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return PKIError(operation: operation, cause: String(decoding: bytes, as: UTF8.self))
    }
}

/// Throws where an OpenSSL call that answers 1 for success did not.
func check(_ result: Int32, _ operation: String) throws {
    guard result == 1 else { throw PKIError.last(operation) }
}
