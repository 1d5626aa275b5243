import APIMachinery

extension EncodedValue {
    /// The bytes with a revision in its place, in one allocation.
    func bytes(with revision: Revision) throws(StorageError) -> [UInt8] {
        guard revisionOffset >= 0, revisionOffset <= bytes.count else {
            throw .engine("the place of the revision, \(revisionOffset), is outside of the object's bytes")
        }
        let digitCount = Self.decimalDigitCount(of: revision.rawValue)
        return [UInt8](unsafeUninitializedCapacity: bytes.count + digitCount) { buffer, count in
            bytes.withUnsafeBufferPointer { source in
                let head = UnsafeBufferPointer(rebasing: source[..<revisionOffset])
                let tail = UnsafeBufferPointer(rebasing: source[revisionOffset...])
                _ = UnsafeMutableBufferPointer(rebasing: buffer[..<revisionOffset]).initialize(fromContentsOf: head)
                var rest = revision.rawValue
                for index in stride(from: revisionOffset + digitCount - 1, through: revisionOffset, by: -1) {
                    buffer.initializeElement(at: index, to: UInt8(ascii: "0") + UInt8(rest % 10))
                    rest /= 10
                }
                _ = UnsafeMutableBufferPointer(rebasing: buffer[(revisionOffset + digitCount)...])
                    .initialize(fromContentsOf: tail)
            }
            count = bytes.count + digitCount
        }
    }

    private static func decimalDigitCount(of value: Int64) -> Int {
        var count = 1
        var rest = value / 10
        while rest > 0 {
            count += 1
            rest /= 10
        }
        return count
    }
}
