import Storage

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// Looking at stored objects without reading them.
extension [UInt8] {
    /// Whether `other`, which is not empty, occurs within.
    func contains(_ other: [UInt8]) -> Bool {
        withUnsafeBytes { bytes in
            other.withUnsafeBytes { other in
                guard let base = bytes.baseAddress, let word = other.baseAddress, let first = other.first else {
                    return false
                }
                let end = bytes.count - other.count + 1
                var start = 0
                while start < end, let found = memchr(base + start, Int32(first), end - start) {
                    if memcmp(found, word, other.count) == 0 { return true }
                    start = base.distance(to: UnsafeRawPointer(found)) + 1
                }
                return false
            }
        }
    }
}

extension EncodedValue {
    /// Whether these are the bytes that are stored, the revision aside.
    func isSame(as object: StoredObject) -> Bool {
        let digits = object.bytes.count - bytes.count
        guard digits > 0, (0...bytes.count).contains(revisionOffset) else { return false }
        return object.bytes.withUnsafeBytes { stored in
            bytes.withUnsafeBytes { new in
                guard let stored = stored.baseAddress, let start = new.baseAddress else { return false }
                let rest = new.count - revisionOffset
                return memcmp(stored, start, revisionOffset) == 0
                    && memcmp(stored + revisionOffset + digits, start + revisionOffset, rest) == 0
            }
        }
    }
}
