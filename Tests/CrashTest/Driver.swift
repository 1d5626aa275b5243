import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Starts workers, kills each at a random moment, and checks what they report.
struct Driver {
    /// How long a worker may live after it is ready, and how long one that is killed during its start.
    private static let longestLifeInMilliseconds = 120
    private static let longestStartInMilliseconds = 25

    let directory: String
    let crashes: Int
    let seed: UInt64

    func run() throws {
        var generator = SeededGenerator(seed: seed)
        var ledger = Ledger()
        for crash in 1...max(1, crashes) {
            do {
                try runWorker(&ledger, &generator)
            } catch {
                throw Failure("crash \(crash) of seed \(seed): \(error)")
            }
        }
        // Once more, to check what the last one left.
        try runWorker(&ledger, &generator, untilReady: true)
        print(
            "\(crashes) crashes (\(ledger.crashesDuringStart) during the start), \(ledger.acknowledged) acknowledged"
                + " and \(ledger.events) observed writes, \(ledger.caughtUp) of them after a crash;"
                + " nothing lost, nothing twice (seed \(seed))")
    }

    private func runWorker(
        _ ledger: inout Ledger, _ generator: inout SeededGenerator, untilReady: Bool = false
    ) throws {
        let worker = try WorkerProcess(
            arguments: [
                "work", directory, "\(ledger.lastRevision)", "\(UInt64.random(in: 0...UInt64.max, using: &generator))",
            ])
        let killsDuringStart = !untilReady && Int.random(in: 0..<5, using: &generator) == 0
        let life = Int.random(
            in: 0...(killsDuringStart ? Self.longestStartInMilliseconds : Self.longestLifeInMilliseconds),
            using: &generator)
        ledger.beginWorker()
        if killsDuringStart {
            try worker.read(forMilliseconds: life) { try ledger.add($0) }
        } else {
            try worker.readUntilReady { try ledger.add($0) }
            if !untilReady { try worker.read(forMilliseconds: life) { try ledger.add($0) } }
        }
        try worker.kill { try ledger.add($0) }
        ledger.endWorker()
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// What the store must have, by all that has been reported.
struct Ledger {
    private(set) var lastRevision: Int64 = 0
    private(set) var acknowledged = 0
    private(set) var events = 0
    /// Events that were committed before a crash and seen after it.
    private(set) var caughtUp = 0
    private(set) var crashesDuringStart = 0

    /// The objects, by the events.
    private var objects: [String: Report.Entry] = [:]
    /// The events of this worker, for its acknowledgements.
    private var recentEvents: [Int64: Report.Entry] = [:]
    private var reportedState: [String: Report.Entry] = [:]
    private var isReady = false

    mutating func beginWorker() {
        recentEvents = [:]
        reportedState = [:]
        isReady = false
    }

    mutating func endWorker() {
        if !isReady { crashesDuringStart += 1 }
    }

    mutating func add(_ report: Report) throws {
        switch report {
        case .event(let entry): try addEvent(entry)
        case .acknowledged(let entry):
            guard recentEvents[entry.revision] == entry else {
                throw Failure(
                    "\(entry) was acknowledged, but the watcher saw \(String(describing: recentEvents[entry.revision]))"
                )
            }
            acknowledged += 1
        case .state(let entry): reportedState[entry.path] = entry
        case .ready(let revision): try compareState(at: revision)
        }
    }

    private mutating func addEvent(_ entry: Report.Entry) throws {
        guard entry.revision > lastRevision else {
            throw Failure("\(entry) came after revision \(lastRevision)")
        }
        lastRevision = entry.revision
        events += 1
        if !isReady { caughtUp += 1 }
        recentEvents[entry.revision] = entry
        guard (entry.checksum != nil) || (objects[entry.path] != nil) else {
            throw Failure("\(entry) deleted what was not there")
        }
        objects[entry.path] = entry.checksum == nil ? nil : entry
    }

    private mutating func compareState(at revision: Int64) throws {
        guard revision >= lastRevision else {
            throw Failure("the store is at revision \(revision), behind \(lastRevision)")
        }
        for (path, entry) in objects where reportedState[path] != entry {
            throw Failure("\(entry) is missing; the store has \(String(describing: reportedState[path]))")
        }
        for (path, entry) in reportedState where objects[path] != entry {
            throw Failure("the store has \(entry), of which there was no event")
        }
        isReady = true
    }
}
