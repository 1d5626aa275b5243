import Synchronization

/// The bytes of an answer in the pieces in which they arrive.
///
/// To be read once, by one task. A reader that does not keep up holds the sender back; dropping the body ends the
/// transfer.
public struct TransportBody: AsyncSequence, Sendable {
    /// Where the bytes come from. Ends its transfer when the last reference to it goes.
    public protocol Source: AnyObject, Sendable {
        /// The next piece, never empty; `nil` after the last.
        /// - Throws: `TransportError` where the answer broke off, `CancellationError` on cancellation.
        func next() async throws -> [UInt8]?
    }

    private let source: any Source

    public init(_ source: any Source) { self.source = source }

    /// A body that is there as a whole.
    public init(_ bytes: [UInt8]) { self.init(WholeBody(bytes)) }

    public func makeAsyncIterator() -> Iterator { Iterator(source: source) }

    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let source: any Source

        public mutating func next() async throws -> [UInt8]? { try await source.next() }
    }

    /// All bytes of the body.
    /// - Throws: `TransportError` of the code `tooLarge` where there are more than `limit` bytes.
    public func collect(limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await source.next() {
            guard bytes.count + piece.count <= limit else {
                throw TransportError(.tooLarge, "the answer is longer than \(limit) bytes")
            }
            if bytes.isEmpty { bytes = piece } else { bytes += piece }
        }
        return bytes
    }
}

private final class WholeBody: TransportBody.Source {
    private let bytes: Mutex<[UInt8]?>

    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes.isEmpty ? nil : bytes) }

    func next() async throws -> [UInt8]? {
        bytes.withLock { bytes in
            defer { bytes = nil }
            return bytes
        }
    }
}
