/// Parts of arrays in the order they are to be sent.
struct SegmentQueue {
    private var segments: [ArraySlice<UInt8>] = []
    /// The first segment that is not consumed, and how much of it is.
    private var head = 0
    private var offset = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    mutating func append(_ bytes: ByteSegments) {
        // One event of a watch, the usual case, is shared by all who send it.
        if segments.isEmpty { segments = bytes.segments } else { segments.append(contentsOf: bytes.segments) }
        byteCount += bytes.byteCount
    }

    mutating func append(_ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        segments.append(bytes[...])
        byteCount += bytes.count
    }

    mutating func removeAll() { self = SegmentQueue() }

    /// Removes up to `limit` bytes from the front, giving each piece to `body`.
    mutating func consume(upTo limit: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        var remaining = min(limit, byteCount)
        byteCount -= remaining
        while remaining > 0, head < segments.count {
            let end = segments[head].count
            let count = min(end - offset, remaining)
            segments[head].withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + count])) }
            remaining -= count
            offset += count
            if offset == end {
                head += 1
                offset = 0
            }
        }
        if byteCount == 0 {
            // An idle stream keeps no storage.
            self = SegmentQueue()
        } else if head > 64, head > segments.count / 2 {
            segments.removeFirst(head)
            head = 0
        }
    }
}
