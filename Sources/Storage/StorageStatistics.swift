public import APIMachinery

/// What a store tells of itself for metrics. Counters begin at zero with the store's opening.
public struct StorageStatistics: Sendable {
    public internal(set) var revision = Revision.zero
    public internal(set) var compactedRevision = Revision.zero
    /// Objects by collection.
    public internal(set) var objectCounts: [ResourceKey: Int] = [:]
    /// The database and its write-ahead log on disk; zero for an engine without.
    public internal(set) var databaseBytes = 0
    public internal(set) var historyEvents = 0
    public internal(set) var historyBytes = 0
    public internal(set) var observers = 0
    /// Writes that wait now.
    public internal(set) var pendingWrites = 0
    public internal(set) var pendingBytes = 0

    public internal(set) var counters = Counters()

    /// What only grows.
    public struct Counters: Sendable {
        /// Transactions that succeeded, and the writes in them; one by the other is the mean batch.
        public internal(set) var commits = 0
        public internal(set) var committedWrites = 0
        public internal(set) var committedBytes = 0
        public internal(set) var largestBatch = 0
        /// Transactions that failed.
        public internal(set) var failedCommits = 0
        /// Callers that were refused because a precondition did not hold.
        public internal(set) var conflicts = 0
        /// Callers that were refused because too many writes were pending.
        public internal(set) var refusedCallers = 0
        /// Callers that were answered, and how long they waited together, from their call to the answer.
        public internal(set) var answeredCallers = 0
        public internal(set) var waitNanoseconds: Int64 = 0
        /// How long the transactions took together.
        public internal(set) var commitNanoseconds: Int64 = 0
        public internal(set) var compactions = 0
        public internal(set) var compactedEvents = 0
        public internal(set) var failedCompactions = 0
        public internal(set) var backups = 0
    }
}
