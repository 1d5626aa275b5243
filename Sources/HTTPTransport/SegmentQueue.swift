/// Parts of arrays in the order they are to be sent.
struct SegmentQueue {
    private var segments: [ArraySlice<UInt8>] = []
    private var head = 0
    private(set) var byteCount = 0

    var isEmpty: Bool { byteCount == 0 }

    mutating func append(_ bytes: ByteSegments) {
        segments.append(contentsOf: bytes.segments)
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
            let segment = segments[head]
            if segment.count <= remaining {
                segment.withUnsafeBytes(body)
                remaining -= segment.count
                segments[head] = []
                head += 1
            } else {
                let part = segment.prefix(remaining)
                part.withUnsafeBytes(body)
                segments[head] = segment.dropFirst(remaining)
                remaining = 0
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
