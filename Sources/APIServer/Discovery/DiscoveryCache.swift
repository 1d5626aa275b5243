import HTTPTransport
import PKI
import Synchronization

/// Encoded discovery documents of one state of a registry. A new state empties it.
final class DiscoveryCache: Sendable {
    /// Which document, in which form.
    struct Key: Hashable {
        var path: String
        var form: DiscoveryForm
    }

    struct Entry: Sendable {
        var body: ByteSegments
        /// `"…"` as the `ETag` header has it.
        var tag: String
    }

    private struct State {
        var contents: ResourceRegistry.Contents?
        var entries: [Key: Entry] = [:]
    }

    /// Documents that are kept before all are dropped.
    private static let maximumEntries = 64

    private let state = Mutex(State())

    /// Lets go of the documents of any other state.
    func forget(allBut contents: ResourceRegistry.Contents) {
        state.withLock { state in if state.contents !== contents { state = State() } }
    }

    /// The document under a key, made by `encode` where it is not there.
    func entry(
        _ key: Key, of contents: ResourceRegistry.Contents, encode: () throws -> ByteSegments
    ) throws -> Entry {
        if let entry = state.withLock({ $0.contents === contents ? $0.entries[key] : nil }) { return entry }
        let body = try encode()
        let entry = Entry(body: body, tag: "\"" + (try SHA512Digest.hexadecimal(of: body.joined())) + "\"")
        state.withLock { state in
            if state.contents !== contents || state.entries.count >= Self.maximumEntries { state.entries = [:] }
            state.contents = contents
            state.entries[key] = entry
        }
        return entry
    }
}
