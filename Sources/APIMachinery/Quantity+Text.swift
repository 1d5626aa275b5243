/// Why a text is no quantity, in Kubernetes' words.
public enum QuantityError: Error, Sendable, Hashable, CustomStringConvertible {
    case format
    case number
    case suffix

    public var message: String {
        switch self {
        case .format:
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        case .number: "unable to parse numeric part of quantity"
        case .suffix: "unable to parse quantity's suffix"
        }
    }

    public var description: String { message }
}

extension Quantity {
    /// Reads a quantity: digits with an optional sign and fraction, then `n u m k M G T P E`, `Ki Mi Gi Ti Pi Ei` or
    /// an exponent.
    ///
    /// As Kubernetes reads: digits may be left out before or after the point, and a sign or suffix alone is zero.
    public init(parsing text: String) throws(QuantityError) {
        var text = text
        self = try text.withUTF8 { bytes -> Result<Quantity, QuantityError> in
            do throws(QuantityError) { return .success(try Quantity(bytes)) } catch { return .failure(error) }
        }.get()
    }

    private init(_ bytes: UnsafeBufferPointer<UInt8>) throws(QuantityError) {
        guard !bytes.isEmpty else { throw .format }
        var index = 0
        let isNegative = bytes[0] == UInt8(ascii: "-")
        if isNegative || bytes[0] == UInt8(ascii: "+") { index += 1 }
        var digits = Digits()
        try digits.read(bytes, &index)
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            index += 1
            digits.isFraction = true
            try digits.read(bytes, &index)
        }
        let suffix = try Self.suffix(bytes[index...])
        if isNegative { digits.value = -digits.value }
        switch suffix {
        case .decimal(let power):
            self.init(coefficient: digits.value, exponent: digits.exponent + power, format: .decimalSI)
        case .exponent(let power):
            self.init(coefficient: digits.value, exponent: digits.exponent + power, format: .decimalExponent)
        case .binary(let bits):
            try self.init(digits: digits.value, exponent: digits.exponent, bits: bits)
        }
    }

    private init(digits: Int128, exponent: Int, bits: Int) throws(QuantityError) {
        let limit = Quantity(coefficient: Int128(Int64.max), exponent: 0, format: .binarySI)
        let (product, overflow) = digits.multipliedReportingOverflow(by: Int128(1) << Int128(bits))
        // With a fraction of many digits the product may exceed 128 bits though the amount is small.
        if overflow {
            guard exponent >= 0 else { throw .number }
            self = digits < 0 ? -limit : limit
            return
        }
        self.init(coefficient: product, exponent: exponent, format: .binarySI)
        if self > limit { self = limit }
        if self < -limit { self = -limit }
        if sign != 0, self < Quantity(1), self > Quantity(-1) { format = .decimalSI }
    }

    /// The digits of a number, gathered without its leading zeros.
    private struct Digits {
        var value: Int128 = 0
        var exponent = 0
        var isFraction = false
        private var count = 0
        /// Zeros that matter only if another digit follows.
        private var zeros = 0

        mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) throws(QuantityError) {
            while index < bytes.count, case let digit = bytes[index] &- 0x30, digit < 10 {
                index += 1
                if isFraction { exponent -= 1 }
                if digit == 0 {
                    if count > 0 { zeros += 1 }
                    continue
                }
                count += zeros + 1
                if count > Quantity.maximumDigits { throw .number }
                value = value * Quantity.powers[zeros + 1] + Int128(digit)
                zeros = 0
            }
            // A point does not part zeros from the digits behind it, so they wait; at the end they are a power.
            if index == bytes.count || bytes[index] != UInt8(ascii: ".") || isFraction {
                exponent += zeros
                zeros = 0
            }
        }
    }

    private enum Suffix {
        case decimal(Int)
        case binary(Int)
        case exponent(Int)
    }

    private static func suffix(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws(QuantityError) -> Suffix {
        let text = String(decoding: bytes, as: UTF8.self)
        switch text {
        case "": return .decimal(0)
        case "n": return .decimal(-9)
        case "u": return .decimal(-6)
        case "m": return .decimal(-3)
        case "k": return .decimal(3)
        case "M": return .decimal(6)
        case "G": return .decimal(9)
        case "T": return .decimal(12)
        case "P": return .decimal(15)
        case "E": return .decimal(18)
        case "Ki": return .binary(10)
        case "Mi": return .binary(20)
        case "Gi": return .binary(30)
        case "Ti": return .binary(40)
        case "Pi": return .binary(50)
        case "Ei": return .binary(60)
        default: break
        }
        // Letters, then a sign, then digits; anything else is no quantity at all.
        var rest = bytes.drop { "eEinumkKMGTP".utf8.contains($0) }
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        guard rest.allSatisfy({ $0 &- 0x30 < 10 }) else { throw .format }
        guard bytes.first == UInt8(ascii: "e") || bytes.first == UInt8(ascii: "E"),
            let exponent = Int32(text.dropFirst())
        else { throw .suffix }
        return .exponent(Int(exponent))
    }
}

extension Quantity: CustomStringConvertible {
    /// The canonical form: no fraction, the greatest suffix that allows that, in the quantity's own format. An amount
    /// in binary units below 1Ki, or with a part of a unit, is written in decimal ones.
    public var description: String {
        if isZero { return "0" }
        if format == .binarySI, exponent >= 0, self >= Quantity(1024) || self <= Quantity(-1024) {
            return binaryDescription
        }
        // Far beyond the greatest suffix only the exponent keeps the text short.
        let isScientific = format == .decimalExponent || exponent > 18 + Self.maximumDigits
        var power = exponent
        var places = 0
        while power % 3 != 0 || (!isScientific && power > 18) {
            power -= 1
            places += 1
        }
        let number = "\(coefficient)" + String(repeating: "0", count: places)
        if isScientific { return power == 0 ? number : "\(number)e\(power)" }
        return number + Self.decimalSuffixes[(power - Self.nano) / 3]
    }

    private var binaryDescription: String {
        // Amounts in this format are within 64 bits when read, and sums of them far within 128.
        guard var number = Self.shifted(coefficient, by: exponent) else { return "\(coefficient)e\(exponent)" }
        var suffix = 0
        while number % 1024 == 0, suffix < Self.binarySuffixes.count - 1 {
            number /= 1024
            suffix += 1
        }
        return "\(number)\(Self.binarySuffixes[suffix])"
    }

    private static let decimalSuffixes = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"]
    private static let binarySuffixes = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]
}
