import CZlib

/// gzip (RFC 1952) of whole bodies.
enum Gzip {
    /// Fast rather than small, as Kubernetes does it.
    private static let level: Int32 = 1
    /// 15 bits of window, and 16 for the gzip wrapping.
    private static let windowBits: Int32 = 15 + 16

    /// `nil` where zlib fails.
    static func compress(_ bytes: ByteSegments) -> ByteSegments? {
        var stream = z_stream()
        let opened = deflateInit2_(
            &stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        guard opened == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var compressed: [UInt8] = []
        compressed.reserveCapacity(bytes.byteCount / 4)
        for segment in bytes.segments {
            guard deflate(segment, into: &compressed, &stream, flush: Z_NO_FLUSH) else { return nil }
        }
        guard deflate([], into: &compressed, &stream, flush: Z_FINISH) else { return nil }
        return ByteSegments(compressed)
    }

    private static func deflate(
        _ input: ArraySlice<UInt8>, into output: inout [UInt8], _ stream: inout z_stream, flush: Int32
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32 * 1024) { part in
            input.withUnsafeBufferPointer { input in
                stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.avail_in = UInt32(clamping: input.count)
                while true {
                    stream.next_out = part.baseAddress
                    stream.avail_out = UInt32(part.count)
                    let result = CZlib.deflate(&stream, flush)
                    guard result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR else { return false }
                    output.append(contentsOf: part.prefix(part.count - Int(stream.avail_out)))
                    if stream.avail_out > 0 { return stream.avail_in == 0 }
                }
            }
        }
    }
}
