import DequeModule

/// The writes of one caller, which succeed or fail together, and the caller that waits for them.
struct PendingGroup: Sendable {
    typealias Outcome = Result<[Event], StorageError>

    let writes: [Write]
    let byteCount: Int
    let enqueuedAt: Int64
    let continuation: UnsafeContinuation<Outcome, Never>

    init(_ writes: [Write], enqueuedAt: Int64, _ continuation: UnsafeContinuation<Outcome, Never>) {
        self.writes = writes
        self.enqueuedAt = enqueuedAt
        self.continuation = continuation
        byteCount = writes.reduce(0) { $0 + $1.operation.value.bytes.count }
    }
}

/// What waits for the writer, and whether the writer is at work.
struct PendingWrites: Sendable {
    enum Admission {
        /// The caller has to start the writer.
        case accepted(startsWriter: Bool)
        case refused(StorageError)
    }

    private(set) var writeCount = 0
    private(set) var byteCount = 0
    private var groups = Deque<PendingGroup>()
    private var isWriterActive = false
    private var isClosed = false

    mutating func add(_ group: PendingGroup, under limits: StorageConfiguration) -> Admission {
        guard !isClosed else { return .refused(.closed) }
        guard writeCount + group.writes.count <= limits.maxPendingWrites,
            byteCount + group.byteCount <= limits.maxPendingBytes
        else {
            return .refused(
                .engine(
                    "too many pending writes: the limits are \(limits.maxPendingWrites) writes"
                        + " and \(limits.maxPendingBytes) bytes"))
        }
        groups.append(group)
        writeCount += group.writes.count
        byteCount += group.byteCount
        defer { isWriterActive = true }
        return .accepted(startsWriter: !isWriterActive)
    }

    /// What the next transaction takes; nothing once nothing waits, and then the writer is at rest.
    mutating func takeBatch(under limits: StorageConfiguration) -> [PendingGroup] {
        var batch: [PendingGroup] = []
        var writes = 0
        var bytes = 0
        while let group = groups.first {
            let isWithinLimits =
                writes + group.writes.count <= limits.maxBatchWrites && bytes + group.byteCount <= limits.maxBatchBytes
            guard batch.isEmpty || isWithinLimits else { break }
            batch.append(groups.removeFirst())
            writes += group.writes.count
            bytes += group.byteCount
        }
        writeCount -= writes
        byteCount -= bytes
        isWriterActive = !batch.isEmpty
        return batch
    }

    /// From now on all are refused.
    mutating func close() { isClosed = true }
}

extension Write.Operation {
    var value: EncodedValue {
        switch self {
        case .put(let value), .delete(let value): value
        }
    }

    var isDeletion: Bool {
        switch self {
        case .put: false
        case .delete: true
        }
    }
}
