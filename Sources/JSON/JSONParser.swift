/// Why a text is no JSON document, and where.
public struct JSONParseError: Error, Sendable, Equatable {
    /// In the words of Go's encoding/json, which clients of Kubernetes know:
    /// "invalid character '}' looking for beginning of value", "unexpected end of JSON input".
    public var message: String
    /// Bytes before the one that could not be read.
    public var offset: Int

    public init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}

/// What a parser refuses and reports.
public struct JSONParseOptions: Sendable {
    /// Arrays and objects within one another (Go's limit).
    public var maximumDepth = 10_000

    public init() {}
}
