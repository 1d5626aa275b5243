/// A member's name as a key of a dictionary, told apart by its bytes.
///
/// Swift takes strings that differ only in Unicode normalization for equal; JSON does not (RFC 8259, section 8.3).
struct JSONKey: Hashable {
    var name: String

    init(_ name: String) { self.name = name }

    static func == (lhs: JSONKey, rhs: JSONKey) -> Bool { lhs.name.hasSameBytes(as: rhs.name) }
    func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension String {
    /// Whether both strings are the same sequence of Unicode scalars.
    @inline(__always)
    func hasSameBytes(as other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        return hasSameRepresentation(as: other) || comparesEqual(to: other)
    }

    /// Of a string of the same length.
    @inline(never)
    private func comparesEqual(to other: String) -> Bool {
        // Unequal strings, the common case, are told apart by the standard library's comparison of small strings.
        guard self == other else { return false }
        let same = utf8.withContiguousStorageIfAvailable { bytes in
            other.utf8.withContiguousStorageIfAvailable { bytes.elementsEqual($0) }
        }
        return (same ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// Whether both are the same short text, or one and the same long one. `false` says nothing.
    @inline(__always)
    private func hasSameRepresentation(as other: String) -> Bool {
        let (left, right) = (unsafeBitCast(self, to: Words.self), unsafeBitCast(other, to: Words.self))
        return left.0 == right.0 && left.1 == right.1
    }

    /// A string's own two words: its bytes, or where they are.
    private typealias Words = (UInt64, UInt64)
}
