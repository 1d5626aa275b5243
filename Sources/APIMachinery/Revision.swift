/// A point in the one order of all writes of a store; an object's `resourceVersion` is the revision of its last write.
///
/// Revisions only grow and are never given twice, not after a crash or a restore.
public struct Revision: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public var rawValue: Int64

    @inlinable public init(rawValue: Int64) { self.rawValue = rawValue }
    @inlinable public init(_ value: Int64) { rawValue = value }

    /// Before every write.
    public static let zero = Revision(0)

    /// The revision that a decimal `resourceVersion` stands for; `nil` where it is no unsigned 63-bit number.
    public init?(_ text: some StringProtocol) {
        guard let value = Int64(text), value >= 0, text.utf8.first != UInt8(ascii: "+") else { return nil }
        rawValue = value
    }

    @inlinable public static func < (lhs: Revision, rhs: Revision) -> Bool { lhs.rawValue < rhs.rawValue }

    public var description: String { String(rawValue) }
}
