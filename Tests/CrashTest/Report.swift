/// A line by which a worker tells its driver something.
///
///     state <revision> <path> <checksum>           an object as the store had it after its start
///     ready <revision>                             that was all of it, at this revision
///     event <revision> <path> <checksum or ->      what a watcher saw; `-` for a deletion
///     acknowledged <revision> <path> <checksum or ->
enum Report {
    struct Entry: Equatable {
        var revision: Int64
        var path: String
        /// `nil` for a deletion.
        var checksum: String?
    }

    case state(Entry)
    case ready(Int64)
    case event(Entry)
    case acknowledged(Entry)

    init?(_ line: Substring) {
        let words = line.split(separator: " ")
        guard words.count >= 2, let revision = Int64(words[1]) else { return nil }
        if words[0] == "ready" {
            self = .ready(revision)
            return
        }
        guard words.count == 4 else { return nil }
        let entry = Entry(
            revision: revision, path: String(words[2]), checksum: words[3] == "-" ? nil : String(words[3]))
        switch words[0] {
        case "state": self = .state(entry)
        case "event": self = .event(entry)
        case "acknowledged": self = .acknowledged(entry)
        default: return nil
        }
    }

    var line: String {
        switch self {
        case .ready(let revision): "ready \(revision)\n"
        case .state(let entry): "state \(entry.line)"
        case .event(let entry): "event \(entry.line)"
        case .acknowledged(let entry): "acknowledged \(entry.line)"
        }
    }
}

extension Report.Entry {
    fileprivate var line: String { "\(revision) \(path) \(checksum ?? "-")\n" }

    /// FNV-1a, 64 bits.
    static func checksum(of bytes: [UInt8]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}
