import APIMachinery
import Logging
import Storage

extension APIServer {
    /// Events that are removed in one transaction.
    private static let expiryBatch = 128

    /// Removes events once they have not been written for their time to live. Runs until its task is cancelled.
    public func expireEvents() async throws {
        let seconds = options.eventTimeToLiveSeconds
        guard seconds > 0 else { return }
        var ages = RevisionAges(age: seconds.multipliedReportingOverflow(by: 1_000_000_000).partialValue)
        // Fine enough for a short life, rare enough for a long one.
        let period = Duration.milliseconds(min(max(seconds * 1000 / 20, 250), 30_000))
        while true {
            if let revision = ages.note(storage.snapshot.revision, at: environment.now()) {
                do {
                    try await removeEvents(through: revision)
                } catch let error as StorageError {
                    options.logger.error("Could not remove expired events", metadata: ["error": "\(error)"])
                }
            }
            try await Task.sleep(for: period)
        }
    }

    /// Removes the events whose last write is no newer than a revision. One that is written meanwhile stays.
    func removeEvents(through revision: Revision) async throws {
        guard let events = registry.contents.storageResource(GroupResource(group: "", resource: "events")) else {
            return
        }
        var expired: [StoredObject] = []
        storage.snapshot.forEach(in: events.key, prefix: "") { object in
            if object.revision <= revision { expired.append(object) }
            return true
        }
        for start in stride(from: 0, to: expired.count, by: Self.expiryBatch) {
            try Task.checkCancellation()
            let writes = try expired[start..<min(start + Self.expiryBatch, expired.count)].map { event in
                Write(.delete(events.encode(try events.decode(event))), at: event.key, if: .revision(event.revision))
            }
            do {
                try await storage.commit(writes)
            } catch StorageError.conflict {
                try await removeOneByOne(writes)
            }
        }
    }

    private func removeOneByOne(_ writes: [Write]) async throws {
        for write in writes {
            do {
                try await storage.commit(write)
            } catch StorageError.conflict {
                // Written since, and so not expired; or gone already.
            }
        }
    }
}
