/// An exact amount of a resource, as `500m`, `1.5Gi` or `1e3` (Kubernetes' `resource.Quantity`).
///
/// Amounts are multiples of 1n; a smaller part is rounded away from zero. Amounts in binary units are capped at
/// 2^63-1. Equality and order go by the amount: `1` equals `1000m`.
public struct Quantity: Sendable {
    /// How an amount is written.
    public enum Format: Sendable, Hashable {
        /// 12e6
        case decimalExponent
        /// 12Mi
        case binarySI
        /// 12M
        case decimalSI
    }

    /// The decimal digits that an amount can have, leading and trailing zeros aside. Kubernetes has no such limit.
    public static let maximumDigits = 36

    /// The amount is `coefficient` times ten to the power of `exponent`; no factor of ten is left in `coefficient`.
    private(set) var coefficient: Int128
    private(set) var exponent: Int
    public var format: Format

    public static let zero = Quantity(0)

    public init(_ value: Int64, format: Format = .decimalSI) {
        self.init(coefficient: Int128(value), exponent: 0, format: format)
    }

    /// An amount in thousandths.
    public init(milli value: Int64, format: Format = .decimalSI) {
        self.init(coefficient: Int128(value), exponent: -3, format: format)
    }

    init(coefficient: Int128, exponent: Int, format: Format) {
        self.coefficient = coefficient
        self.exponent = exponent
        self.format = format
        normalize()
    }

    private mutating func normalize() {
        if exponent < Self.nano {
            var remainder: Int128 = 0
            while exponent < Self.nano, coefficient != 0 {
                remainder |= coefficient % 10
                coefficient /= 10
                exponent += 1
            }
            // Who asks for some gets some.
            if remainder != 0 { coefficient += remainder < 0 ? -1 : 1 }
            exponent = max(exponent, Self.nano)
        }
        while coefficient.magnitude >= Self.excessive {
            coefficient /= 10
            exponent += 1
        }
        if coefficient == 0 { exponent = 0 }
        while coefficient != 0, coefficient % 10 == 0 {
            coefficient /= 10
            exponent += 1
        }
    }

    static let nano = -9
    /// The least number of more than `maximumDigits` digits.
    private static let excessive = UInt128(powers[maximumDigits])

    /// -1, 0 or 1.
    public var sign: Int { Int(coefficient.signum()) }
    public var isZero: Bool { coefficient == 0 }

    /// The amount in whole units, rounded away from zero and held within 64 bits (Kubernetes' `Value()`).
    public var value: Int64 { scaled(to: 0) }

    /// The amount in thousandths, rounded away from zero and held within 64 bits (Kubernetes' `MilliValue()`).
    public var milliValue: Int64 { scaled(to: -3) }

    /// The nearest floating point number.
    public var approximateValue: Double { Double("\(coefficient)e\(exponent)") ?? (sign < 0 ? -.infinity : .infinity) }

    private func scaled(to scale: Int) -> Int64 {
        let limit = coefficient < 0 ? Int64.min : Int64.max
        if exponent >= scale {
            guard let value = Self.shifted(coefficient, by: exponent - scale) else { return limit }
            return Int64(exactly: value) ?? limit
        }
        // At most nano to whole units: nine digits.
        let divisor = Self.powers[min(scale - exponent, Self.powers.count - 1)]
        let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: divisor)
        let rounded = remainder == 0 ? quotient : quotient + (coefficient < 0 ? -1 : 1)
        return Int64(exactly: rounded) ?? limit
    }

    // MARK: Arithmetic

    /// The sum, in the format of the first amount, or of the second where the first is zero.
    ///
    /// Exact while the sum has no more than `maximumDigits` digits; beyond, the last ones are dropped.
    public static func + (lhs: Quantity, rhs: Quantity) -> Quantity {
        if rhs.isZero { return lhs }
        if lhs.isZero { return rhs }
        let high = lhs.exponent >= rhs.exponent ? lhs : rhs
        var low = lhs.exponent >= rhs.exponent ? rhs : lhs
        let room = max(0, maximumDigits - digitCount(high.coefficient))
        if high.exponent - low.exponent > room { low.drop(high.exponent - low.exponent - room) }
        let aligned = high.coefficient * powers[high.exponent - low.exponent]
        return Quantity(coefficient: aligned + low.coefficient, exponent: low.exponent, format: lhs.format)
    }

    public static prefix func - (quantity: Quantity) -> Quantity {
        var negated = quantity
        negated.coefficient = -quantity.coefficient
        return negated
    }

    public static func - (lhs: Quantity, rhs: Quantity) -> Quantity {
        var difference = lhs + -rhs
        if lhs.isZero { difference.format = rhs.format }
        return difference
    }

    public static func += (lhs: inout Quantity, rhs: Quantity) { lhs = lhs + rhs }
    public static func -= (lhs: inout Quantity, rhs: Quantity) { lhs = lhs - rhs }

    /// Gives up the last digits.
    private mutating func drop(_ count: Int) {
        coefficient /= Self.powers[min(count, Self.powers.count - 1)]
        exponent += count
    }

    /// 10^0 … 10^38, the greatest that 128 bits hold.
    static let powers: [Int128] = (0..<38).reduce(into: [1]) { powers, _ in powers.append(powers[powers.count - 1] * 10)
    }

    static func digitCount(_ value: Int128) -> Int {
        let magnitude = value.magnitude
        return powers.firstIndex { UInt128($0) > magnitude } ?? powers.count
    }

    /// A coefficient times ten to a power that is not negative; `nil` beyond 128 bits.
    static func shifted(_ value: Int128, by places: Int) -> Int128? {
        guard places < powers.count else { return value == 0 ? 0 : nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: powers[places])
        return overflow ? nil : product
    }
}

extension Quantity: Comparable, Hashable {
    public static func == (lhs: Quantity, rhs: Quantity) -> Bool {
        lhs.coefficient == rhs.coefficient && lhs.exponent == rhs.exponent
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(coefficient)
        hasher.combine(exponent)
    }

    public static func < (lhs: Quantity, rhs: Quantity) -> Bool {
        if lhs.sign != rhs.sign { return lhs.sign < rhs.sign }
        if lhs.isZero { return false }
        let (left, right) = (lhs.order, rhs.order)
        if left != right { return (left < right) == (lhs.sign > 0) }
        // Of the same order, either fits 128 bits at the lower exponent of the two.
        let exponent = min(lhs.exponent, rhs.exponent)
        let leftDigits = shifted(lhs.coefficient, by: lhs.exponent - exponent) ?? 0
        let rightDigits = shifted(rhs.coefficient, by: rhs.exponent - exponent) ?? 0
        return leftDigits < rightDigits
    }

    /// The place of the first digit.
    private var order: Int { Self.digitCount(coefficient) + exponent }
}
