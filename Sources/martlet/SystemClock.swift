import Foundation
import PKI
import Synchronization

/// The machine's own time and randomness, which everything else is handed.
enum SystemClock {
    /// Nanoseconds since the epoch.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    static func random() -> UInt64 { randomWords.withLock { $0.next() } }

    private static let randomWords = Mutex(RandomWords())
}

/// Random words, made many at a time: one by one, each would be a call of the system.
private struct RandomWords: Sendable {
    private static let count = 64
    private var words: [UInt64] = []

    mutating func next() -> UInt64 {
        if words.isEmpty { fill() }
        return words.popLast() ?? UInt64.random(in: .min ... .max)
    }

    private mutating func fill() {
        guard let bytes = try? Cryptography.randomBytes(Self.count * MemoryLayout<UInt64>.size) else { return }
        words = bytes.withUnsafeBytes { bytes in
            (0..<Self.count).map {
                bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<UInt64>.size, as: UInt64.self)
            }
        }
    }
}
