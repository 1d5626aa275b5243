import APIMachinery
import HTTPTransport
import Storage
import Synchronization

/// The last whole list that was sent, for the next client that asks for the same state: after a restart or a partition
/// many ask at once.
final class WholeListCache: Sendable {
    private struct Entry {
        var resource: ObjectIdentifier
        var prefix: String
        var revision: Revision
        var body: ByteSegments
    }

    private let entry = Mutex<Entry?>(nil)

    /// The longest body that is kept.
    private static let maximumByteCount = 4 << 20

    /// Lets go of the list, whichever it is.
    func forget() { entry.withLock { $0 = nil } }

    /// The body of a list, as `make` gives it, made or kept.
    func body(
        of resource: ServedResource, prefix: String, revision: Revision, _ make: () -> ByteSegments
    ) -> ByteSegments {
        let id = ObjectIdentifier(resource)
        let kept = entry.withLock { entry in
            entry.flatMap { $0.resource == id && $0.revision == revision && $0.prefix == prefix ? $0.body : nil }
        }
        if let kept { return kept }
        let body = make()
        if body.byteCount <= Self.maximumByteCount {
            entry.withLock { $0 = Entry(resource: id, prefix: prefix, revision: revision, body: body) }
        }
        return body
    }
}
