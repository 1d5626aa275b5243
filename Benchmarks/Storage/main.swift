// What the store costs: storage-benchmark <directory>
//
// CPU is that of the whole process, tasks and context switches with it, over the writes that were acknowledged.
import APIMachinery
import Dispatch
import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

struct Usage {
    var cpuMicroseconds: Double
    var wallMicroseconds: Double

    static func now() -> Usage {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        let cpu =
            Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6
            + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
        return Usage(cpuMicroseconds: cpu, wallMicroseconds: Double(StorageConfiguration.systemClock()) / 1e3)
    }

    static func - (lhs: Usage, rhs: Usage) -> Usage {
        Usage(
            cpuMicroseconds: lhs.cpuMicroseconds - rhs.cpuMicroseconds,
            wallMicroseconds: lhs.wallMicroseconds - rhs.wallMicroseconds)
    }
}

/// The process's memory, by a field of `/proc/self/status` in MiB.
func memory(_ field: String) -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split { " \t\n".contains($0) }
        if words.count >= 2, words[0] == field, let kibibytes = Int(words[1]) { return kibibytes / 1_024 }
    }
    return 0
}

let pods = ResourceKey(group: "", resource: "pods")

func value(_ size: Int) -> EncodedValue {
    EncodedValue(
        bytes: [UInt8](repeating: 0x61, count: size), revisionOffset: 40,
        attributes: SelectableAttributes(labels: ["app": "x"], fields: ["metadata.name": "x"]))
}

func measureWrites(in directory: String, writers: Int, size: Int, isDurable: Bool) async throws {
    let store: RevisionedStorage =
        isDurable ? try SQLiteStorage(directory: "\(directory)/w\(writers)") : try InMemoryStorage()
    // A cluster of some size, over many collections.
    for collection in 0..<60 {
        let resource = ResourceKey(group: "group\(collection).example.org", resource: "things")
        try await store.commit(
            (0..<100).map { Write(.put(value(size)), at: ObjectKey(resource: resource, path: "ns/\($0)"), if: .absent) }
        )
    }
    let perWriter = max(200, 40_000 / writers / (writers == 1 ? 10 : 1))
    let before = Usage.now()
    let countersBefore = store.statistics.counters
    try await withThrowingTaskGroup(of: Void.self) { group in
        for writer in 0..<writers {
            group.addTask {
                let value = value(size)
                for index in 0..<perWriter {
                    let key = ObjectKey(resource: pods, path: "namespace-\(writer)/pod-\(index / 2)")
                    try await store.commit(Write(.put(value), at: key, if: index % 2 == 0 ? .absent : .exists))
                }
            }
        }
        try await group.waitForAll()
    }
    let used = Usage.now() - before
    let counters = store.statistics.counters
    let count = Double(counters.committedWrites - countersBefore.committedWrites)
    let batch = count / Double(counters.commits - countersBefore.commits)
    print(
        "\(isDurable ? "SQLite" : "memory"), \(writers) writers, \(size) bytes:",
        "\((used.cpuMicroseconds / count * 10).rounded() / 10) µs CPU a write,",
        "\(Int(count / used.wallMicroseconds * 1e6)) writes/s, \((batch * 10).rounded() / 10) a batch")
    await store.close()
}

func measureLoad(in directory: String, count: Int, size: Int) async throws {
    let path = "\(directory)/load"
    let store = try SQLiteStorage(directory: path)
    for start in stride(from: 0, to: count, by: 500) {
        try await store.commit(
            (start..<start + 500).map { index in
                // Not in order, as real names are not.
                let name = String(UInt64(index) &* 0x9E37_79B9_7F4A_7C15, radix: 36)
                let key = ObjectKey(resource: pods, path: "namespace-\(index % 50)/pod-\(name)")
                return Write(.put(value(size)), at: key, if: .absent)
            })
    }
    try await store.compact(through: store.snapshot.revision)
    await store.close()
}

func measureReading(in directory: String) async throws {
    let before = Usage.now()
    let memoryBefore = memory("VmRSS:")
    let store = try SQLiteStorage(directory: "\(directory)/load")
    let used = Usage.now() - before
    print(
        "load of \(store.snapshot.count(in: pods, prefix: "")) objects:",
        "\(Int(used.wallMicroseconds / 1_000)) ms, resident \(memory("VmRSS:")) MiB (\(memoryBefore) before)")
    let snapshot = store.snapshot
    var bytes = 0
    let rounds = 200
    let start = Usage.now()
    for _ in 0..<rounds {
        var visited = 0
        snapshot.forEach(in: pods, prefix: "namespace-7/") { object in
            bytes += object.bytes.count
            visited += 1
            return visited < 1_000
        }
    }
    let listing = Usage.now() - start
    print(
        "list of 1,000 objects: \((listing.cpuMicroseconds / Double(rounds) * 10).rounded() / 10) µs (\(bytes) bytes)")
    let lookups = Usage.now()
    var found = 0
    for index in 0..<100_000 {
        let name = String(UInt64(index) &* 0x9E37_79B9_7F4A_7C15, radix: 36)
        if store.snapshot[ObjectKey(resource: pods, path: "namespace-\(index % 50)/pod-\(name)")] != nil { found += 1 }
    }
    let looking = Usage.now() - lookups
    print("snapshot and lookup: \((looking.cpuMicroseconds / 100_000 * 100).rounded() / 100) µs (\(found) found)")
    let counting = Usage.now()
    for index in 0..<100_000 { bytes &+= snapshot.count(in: pods, prefix: "namespace-\(index % 50)/") }
    let counted = Usage.now() - counting
    print("count of a namespace: \((counted.cpuMicroseconds / 100_000 * 100).rounded() / 100) µs")
    await store.close()
}

guard CommandLine.arguments.count >= 2 else {
    print("usage: storage-benchmark <directory> [read]")
    exit(2)
}
let directory = CommandLine.arguments[1]
if CommandLine.arguments.last == "read" {
    try await measureReading(in: directory)
} else {
    for writers in [1, 16, 128] {
        try await measureWrites(in: directory, writers: writers, size: 1_300, isDurable: true)
    }
    for writers in [1, 16, 128] {
        try await measureWrites(in: directory, writers: writers, size: 1_300, isDurable: false)
    }
    try await measureLoad(in: directory, count: 100_000, size: 1_024)
    print("now: storage-benchmark \(directory) read")
}
