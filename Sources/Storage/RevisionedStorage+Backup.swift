import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension RevisionedStorage {
    public func backUp(to path: String) async throws(StorageError) {
        if let database = log.databasePath, DurableFile.areSame(path, database) {
            throw .engine("a backup cannot take the place of the database that it is made of")
        }
        let temporaryPath = "\(path).incomplete-\(getpid())-\(configuration.clock())"
        do {
            try await copy(to: temporaryPath)
            try DurableFile.move(temporaryPath, to: path)
        } catch {
            DurableFile.remove(temporaryPath)
            throw error
        }
        counters.withLock { $0.backups += 1 }
    }

    private func copy(to path: String) async throws(StorageError) {
        let backup = try await onWriterQueue { storage in
            let backup = try storage.log.beginBackup(to: path, of: storage.snapshot)
            storage.backups.append(backup)
            return backup
        }
        do {
            while try await !onWriterQueue({ _ in try backup.step() }) {
                if Task.isCancelled { throw StorageError.engine("the backup was cancelled") }
            }
            try await onWriterQueue { $0.backups.removeAll { $0 === backup } }
            try await finish(backup)
        } catch {
            await abandon(backup)
            throw .wrapping(error)
        }
    }

    /// Synchronizing a large file takes long: not on the writer queue.
    private func finish(_ backup: any LogBackup) async throws(StorageError) {
        let outcome: Result<Void, StorageError> = await withUnsafeContinuation { continuation in
            DispatchQueue.global(qos: .utility).async {
                continuation.resume(returning: Result { try backup.finish() }.mapError(StorageError.wrapping))
            }
        }
        return try outcome.get()
    }

    private func abandon(_ backup: any LogBackup) async {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            queue.async {
                self.backups.removeAll { $0 === backup }
                backup.abandon()
                continuation.resume()
            }
        }
    }
}
