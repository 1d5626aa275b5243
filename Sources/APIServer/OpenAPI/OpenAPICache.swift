import APIMachinery
import Synchronization

/// OpenAPI documents in bytes, for a short while after they were last asked for, and their hashes for as long as they
/// are true: a document of some MiB is not held for clients who come once an hour, and they need not load it again.
final class OpenAPICache: Sendable {
    struct Key: Hashable {
        var path: String
        var mediaType: String
    }

    /// How long a document stays after it was last asked for.
    private static let lifetime = Duration.seconds(20)

    private struct Document {
        var definitions: [ResourceDefinition]
        var bytes: [UInt8]
        var lastUse: ContinuousClock.Instant
    }

    private struct State {
        var documents: [Key: Document] = [:]
        var hashes: [Key: (definitions: [ResourceDefinition], hash: String)] = [:]
        var isSweeping = false
    }

    private let state = Mutex(State())

    /// A document, made by `make` where it is not there or was made of other definitions.
    func document(_ key: Key, of definitions: [ResourceDefinition], make: () throws -> [UInt8]) rethrows -> [UInt8] {
        let now = ContinuousClock.now
        let known = state.withLock { state -> [UInt8]? in
            guard let document = state.documents[key], document.definitions.elementsEqual(definitions, by: ===) else {
                return nil
            }
            state.documents[key]?.lastUse = now
            return document.bytes
        }
        if let known { return known }
        let bytes = try make()
        let mustSweep = state.withLock { state in
            state.documents[key] = Document(definitions: definitions, bytes: bytes, lastUse: now)
            defer { state.isSweeping = true }
            return !state.isSweeping
        }
        if mustSweep { sweep() }
        return bytes
    }

    /// The hash of a document, made by `make` where its definitions have changed.
    func hash(_ key: Key, of definitions: [ResourceDefinition], make: () throws -> String) rethrows -> String {
        let known = state.withLock { state -> String? in
            guard let entry = state.hashes[key], entry.definitions.elementsEqual(definitions, by: ===) else {
                return nil
            }
            return entry.hash
        }
        if let known { return known }
        let hash = try make()
        state.withLock { $0.hashes[key] = (definitions, hash) }
        return hash
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
