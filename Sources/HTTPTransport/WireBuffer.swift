import Glibc

/// Bytes on their way to a socket; a connection has one only while it has something to send.
final class WireBuffer {
    private static let usualCapacity = 160 * 1024

    private var memory: UnsafeMutableRawPointer
    private var capacity: Int
    private var start = 0
    private var end = 0

    init() {
        capacity = Self.usualCapacity
        memory = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit { memory.deallocate() }

    var count: Int { end - start }
    var isEmpty: Bool { start == end }
    var isOfUsualSize: Bool { capacity == Self.usualCapacity }

    func append(_ bytes: UnsafeRawPointer, count: Int) {
        if end + count > capacity { makeRoom(for: count) }
        memcpy(memory + end, bytes, count)
        end += count
    }

    enum Outcome { case sentAll, blocked, failed }

    /// Hands the kernel what it takes.
    func send(to descriptor: Int32, sentByteCount: inout Int) -> Outcome {
        while start < end {
            let sent = Glibc.send(descriptor, memory + start, end - start, Int32(MSG_NOSIGNAL))
            if sent >= 0 {
                start += sent
                sentByteCount += sent
            } else if errno == EAGAIN || errno == EWOULDBLOCK {
                return .blocked
            } else if errno != EINTR {
                return .failed
            }
        }
        start = 0
        end = 0
        return .sentAll
    }

    func removeAll() {
        start = 0
        end = 0
    }

    private func makeRoom(for count: Int) {
        let used = end - start
        if used + count <= capacity {
            memmove(memory, memory + start, used)
        } else {
            capacity = max(capacity * 2, used + count)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
            memcpy(larger, memory + start, used)
            memory.deallocate()
            memory = larger
        }
        start = 0
        end = used
    }
}
