#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The order of paths: that of their UTF-8 bytes, whatever a locale or Unicode's equivalences make of them.
enum PathOrder {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// Less than, equal to or greater than zero, as `lhs` sorts before, with or after `rhs`.
    @inline(__always)
    static func compare(_ lhs: Bytes, _ rhs: Bytes) -> Int {
        let common = min(lhs.count, rhs.count)
        if common > 0, let left = lhs.baseAddress, let right = rhs.baseAddress {
            let order = memcmp(left, right, common)
            if order != 0 { return Int(order) }
        }
        return lhs.count - rhs.count
    }

    @inline(__always)
    static func hasPrefix(_ bytes: Bytes, _ prefix: Bytes) -> Bool {
        guard bytes.count >= prefix.count else { return false }
        return compare(Bytes(rebasing: bytes[..<prefix.count]), prefix) == 0
    }

    /// Calls `body` with the string's bytes, without a copy for every string that Swift itself made.
    @inline(__always)
    static func withBytes<Result>(of string: String, _ body: (Bytes) -> Result) -> Result {
        if let result = string.utf8.withContiguousStorageIfAvailable(body) { return result }
        return Array(string.utf8).withUnsafeBufferPointer(body)
    }
}
