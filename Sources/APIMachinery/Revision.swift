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
    @inlinable
    public init?(_ text: some StringProtocol) {
        var value: Int64 = 0
        for byte in text.utf8 {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int64(digit))
            if overflow || carry { return nil }
            value = sum
        }
        if text.isEmpty { return nil }
        rawValue = value
    }

    @inlinable public static func < (lhs: Revision, rhs: Revision) -> Bool { lhs.rawValue < rhs.rawValue }

    public var description: String { String(rawValue) }
}
