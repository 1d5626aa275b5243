import HTTPTransport
import Storage
import Synchronization

/// OpenAPI documents in bytes, for a short while after they were last asked for, and their hashes for as long as they
/// are true: a document of some MiB is not held for clients who come once an hour, and they need not load it again.
///
/// A document is made once for all that ask for it meanwhile, and not on the thread of a reactor, whose other
/// connections would wait.
final class OpenAPICache: Sendable {
    struct Key: Hashable {
        var path: String
        var mediaType: String
    }

    /// How long a document stays after it was last asked for.
    private static let lifetime = Duration.seconds(20)

    private struct Document {
        /// Of what it is made of.
        var fingerprint: String
        var bytes: Task<ByteSegments, any Error>
        var lastUse: ContinuousClock.Instant
    }

    private struct State {
        var documents: [Key: Document] = [:]
        var hashes: [Key: (fingerprint: String, hash: String)] = [:]
        var isSweeping = false
    }

    private let state = Mutex(State())

    /// A document, made by `make` where it is not there or was made of something else.
    func document(
        _ key: Key, of fingerprint: String, make: @escaping @Sendable () throws -> [UInt8]
    ) async throws -> ByteSegments {
        let now = ContinuousClock.now
        let (bytes, mustSweep) = state.withLock { state in
            defer { state.isSweeping = true }
            if let document = state.documents[key], document.fingerprint == fingerprint {
                state.documents[key]?.lastUse = now
                return (document.bytes, !state.isSweeping)
            }
            let bytes = Task.detached { ByteSegments(try make()) }
            state.documents[key] = Document(fingerprint: fingerprint, bytes: bytes, lastUse: now)
            return (bytes, !state.isSweeping)
        }
        if mustSweep { sweep() }
        return try await bytes.value
    }

    /// The hash of a document; `nil` where it is not known, or of something else.
    func hash(_ key: Key, of fingerprint: String) -> String? {
        state.withLock { state in
            state.hashes[key].flatMap { $0.fingerprint == fingerprint ? $0.hash : nil }
        }
    }

    func keep(hash: String, _ key: Key, of fingerprint: String) {
        state.withLock { $0.hashes[key] = (fingerprint, hash) }
    }

    /// Drops what has not been used for long, until nothing is left.
    private func sweep() {
        Task { [weak self] in
            while true {
                try? await Task.sleep(for: Self.lifetime / 2, tolerance: .seconds(1))
                guard let self, self.dropUnused() else { return }
            }
        }
    }

    /// - Returns: whether something is left.
    private func dropUnused() -> Bool {
        let oldest = ContinuousClock.now - Self.lifetime
        let isLeft = state.withLock { state in
            state.documents = state.documents.filter { $0.value.lastUse > oldest }
            state.isSweeping = !state.documents.isEmpty
            return state.isSweeping
        }
        // The allocator keeps what was freed; a document's pages are to go back.
        if !isLeft { FreeMemory.release() }
        return isLeft
    }
}
