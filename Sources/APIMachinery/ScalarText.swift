// Values that JSON holds as text and Go in a form of its own. Most are canonical already, so each has a quick check that
// leaves the text alone.

/// Why a text is not what its type wants, in Go's words.
package struct ScalarTextError: Error {
    package var message: String
}

enum QuantityText {
    /// Whether a quantity is surely in canonical form: up to three digits that do not begin with 0, and a suffix.
    static func isCanonical(_ text: String) -> Bool {
        let result = text.utf8.withContiguousStorageIfAvailable { bytes -> Bool in
            var digits = 0
            while digits < bytes.count, bytes[digits] &- UInt8(ascii: "0") < 10 { digits += 1 }
            guard (1...3).contains(digits), bytes[0] != UInt8(ascii: "0") || bytes.count == 1 else { return false }
            let suffix = bytes[digits...]
            guard let first = suffix.first else { return true }
            switch (first, suffix.count) {
            case (UInt8(ascii: "m"), 1), (UInt8(ascii: "k"), 1): return true
            case (UInt8(ascii: "M"), 1), (UInt8(ascii: "G"), 1), (UInt8(ascii: "T"), 1): return true
            case (UInt8(ascii: "K"), 2), (UInt8(ascii: "M"), 2), (UInt8(ascii: "G"), 2), (UInt8(ascii: "T"), 2):
                return suffix.last == UInt8(ascii: "i")
            default: return false
            }
        }
        return result ?? false
    }

    static func canonical(_ text: String) -> Result<String, ScalarTextError> {
        do throws(QuantityError) {
            return .success(try Quantity(parsing: trimmed(text)).description)
        } catch {
            return .failure(ScalarTextError(message: error.message))
        }
    }

    private static func trimmed(_ text: String) -> String {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = text.utf8.first, let last = text.utf8.last, isSpace(first) || isSpace(last) else {
            return text
        }
        let bytes = text.utf8.drop(while: isSpace)
        return String(decoding: bytes.reversed().drop(while: isSpace).reversed(), as: UTF8.self)
    }
}

enum TimeText {
    /// Whether a time surely is in canonical form: whole seconds in UTC, of a day that every month has.
    static func isCanonical(_ text: String) -> Bool {
        let result = text.utf8.withContiguousStorageIfAvailable { bytes -> Bool in
            guard bytes.count == 20 else { return false }
            func number(_ place: Int) -> UInt8? {
                let tens = bytes[place] &- UInt8(ascii: "0")
                let ones = bytes[place + 1] &- UInt8(ascii: "0")
                return tens < 10 && ones < 10 ? tens * 10 + ones : nil
            }
            guard let century = number(0), number(2) != nil, let month = number(5), let day = number(8),
                let hour = number(11), let minute = number(14), let second = number(17)
            else { return false }
            // The years before 1000 hold the zero time, which is written otherwise.
            return century >= 10 && (1...12).contains(month) && (1...28).contains(day) && hour < 24 && minute < 60
                && second < 60 && bytes[4] == UInt8(ascii: "-") && bytes[7] == UInt8(ascii: "-")
                && bytes[10] == UInt8(ascii: "T") && bytes[13] == UInt8(ascii: ":")
                && bytes[16] == UInt8(ascii: ":") && bytes[19] == UInt8(ascii: "Z")
        }
        return result ?? false
    }

    /// - Returns: `nil` for the zero time, which is written as `null`.
    static func canonical(_ text: String, layout: KubernetesTime.Layout) -> Result<String?, ScalarTextError> {
        do throws(TimeParseError) {
            let time = try KubernetesTime(parsing: text, layout: layout)
            if time == zero { return .success(nil) }
            switch layout {
            case .seconds: return .success(time.description)
            case .microseconds: return .success(time.microTime)
            }
        } catch {
            return .failure(ScalarTextError(message: error.message))
        }
    }

    /// The first moment of the year 1, which Go's times begin with.
    static let zero = KubernetesTime(epochSeconds: -62_135_596_800)
}

/// Go's `time.Duration` in the form of its `String` method: `1h30m0s`, `1.5s`, `100ms`.
package enum DurationText {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("ns", 1), ("us", 1_000), ("µs", 1_000), ("μs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000),
        ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ]

    static func canonical(_ text: String) -> Result<String, ScalarTextError> {
        switch nanoseconds(text) {
        case .success(let value): .success(format(value))
        case .failure(let error): .failure(error)
        }
    }

    /// A length of time in nanoseconds, or Go's complaint about its text.
    package static func nanoseconds(_ text: String) -> Result<Int64, ScalarTextError> {
        let invalid = ScalarTextError(message: "time: invalid duration \(quoted(text))")
        var rest = Substring(text)
        let isNegative = rest.first == "-"
        if isNegative || rest.first == "+" { rest = rest.dropFirst() }
        if rest == "0" { return .success(0) }
        guard !rest.isEmpty else { return .failure(invalid) }
        var total: Int64 = 0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard number.contains(where: \.isNumber), number.filter({ $0 == "." }).count <= 1 else {
                return .failure(invalid)
            }
            rest = rest.dropFirst(number.count)
            let name = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard !name.isEmpty else {
                return .failure(ScalarTextError(message: "time: missing unit in duration \(quoted(text))"))
            }
            guard let unit = units.first(where: { $0.name == name }) else {
                let unit = quoted(String(name))
                return .failure(ScalarTextError(message: "time: unknown unit \(unit) in duration \(quoted(text))"))
            }
            rest = rest.dropFirst(name.count)
            guard let part = nanoseconds(number, unit: unit.nanoseconds) else { return .failure(invalid) }
            let (sum, overflow) = total.addingReportingOverflow(part)
            guard !overflow else { return .failure(invalid) }
            total = sum
        }
        return .success(isNegative ? -total : total)
    }

    private static func nanoseconds(_ number: Substring, unit: Int64) -> Int64? {
        let parts = number.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts[0].isEmpty ? 0 : Int64(parts[0]) else { return nil }
        var (total, overflow) = whole.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return total }
        // Digits beyond the eighteenth are below a nanosecond of an hour.
        var scale = 1.0
        var fraction: Int64 = 0
        for digit in parts[1].prefix(18) {
            fraction = fraction * 10 + Int64(digit.wholeNumberValue ?? 0)
            scale *= 10
        }
        (total, overflow) = total.addingReportingOverflow(Int64(Double(fraction) * (Double(unit) / scale)))
        return overflow ? nil : total
    }

    package static func format(_ value: Int64) -> String {
        guard value != 0 else { return "0s" }
        let sign = value < 0 ? "-" : ""
        let amount = value.magnitude
        if amount < 1_000 { return "\(sign)\(amount)ns" }
        if amount < 1_000_000 { return sign + decimal(amount, per: 1_000, digits: 3) + "µs" }
        if amount < 1_000_000_000 { return sign + decimal(amount, per: 1_000_000, digits: 6) + "ms" }
        let minutes = amount / 60_000_000_000
        let seconds = decimal(amount % 60_000_000_000, per: 1_000_000_000, digits: 9) + "s"
        if minutes == 0 { return sign + seconds }
        if minutes < 60 { return "\(sign)\(minutes)m\(seconds)" }
        return "\(sign)\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    private static func decimal(_ amount: UInt64, per unit: UInt64, digits: Int) -> String {
        let fraction = String(amount % unit)
        var padded = String(repeating: "0", count: digits - fraction.count) + fraction
        while padded.last == "0" { padded.removeLast() }
        return padded.isEmpty ? "\(amount / unit)" : "\(amount / unit).\(padded)"
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }
}

/// Base64 as Go's standard encoding reads it: line breaks are skipped, padding must be there.
package enum Base64Text {
    /// The text is what its bytes encode to.
    case canonical
    /// What the text's bytes encode to.
    case other(String)
    /// The offset of the first byte that cannot be read.
    case corrupt(Int)

    init(_ text: String) {
        var text = text
        self = text.withUTF8 { bytes in
            if Self.isCanonical(bytes) { return .canonical }
            return Self.read(bytes)
        }
    }

    private static func isCanonical(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count.isMultiple(of: 4) else { return false }
        guard bytes.count > 0 else { return true }
        var end = bytes.count
        if bytes[end - 1] == padding { end -= 1 }
        if end < bytes.count, bytes[end - 1] == padding { end -= 1 }
        for index in 0..<end where values[Int(bytes[index])] == invalid { return false }
        // Bits beyond the last whole byte must be zero.
        switch bytes.count - end {
        case 1: return values[Int(bytes[end - 1])] & 0b11 == 0
        case 2: return values[Int(bytes[end - 1])] & 0b1111 == 0
        default: return true
        }
    }

    private static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Base64Text {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count / 4 * 3)
        var index = 0
        func isBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }
        func skipBreaks() { while index < bytes.count, isBreak(bytes[index]) { index += 1 } }
        while true {
            var quantum: UInt32 = 0
            var digits = 0
            while digits < 4 {
                guard index < bytes.count else {
                    return digits == 0 ? .other(encode(decoded)) : .corrupt(index - digits)
                }
                let byte = bytes[index]
                index += 1
                if isBreak(byte) { continue }
                let value = values[Int(byte)]
                if value != invalid {
                    quantum = quantum << 6 | UInt32(value)
                    digits += 1
                    continue
                }
                guard byte == padding, digits >= 2 else { return .corrupt(index - 1) }
                skipBreaks()
                if digits == 2 {
                    guard index < bytes.count else { return .corrupt(bytes.count) }
                    guard bytes[index] == padding else { return .corrupt(index - 1) }
                    index += 1
                    skipBreaks()
                }
                guard index == bytes.count else { return .corrupt(index) }
                quantum <<= UInt32(6 * (4 - digits))
                decoded.append(UInt8(truncatingIfNeeded: quantum >> 16))
                if digits == 3 { decoded.append(UInt8(truncatingIfNeeded: quantum >> 8)) }
                return .other(encode(decoded))
            }
            decoded.append(UInt8(truncatingIfNeeded: quantum >> 16))
            decoded.append(UInt8(truncatingIfNeeded: quantum >> 8))
            decoded.append(UInt8(truncatingIfNeeded: quantum))
        }
    }

    /// The bytes that a text stands for; `nil` where it is no base64.
    package static func bytes(of text: String) -> [UInt8]? {
        var canonical = text
        switch Base64Text(text) {
        case .canonical: break
        case .other(let text): canonical = text
        case .corrupt: return nil
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(canonical.utf8.count / 4 * 3)
        var quantum: UInt32 = 0
        var bits = 0
        for digit in canonical.utf8 where digit != padding {
            quantum = quantum << 6 | UInt32(values[Int(digit)])
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: quantum >> UInt32(bits)))
            }
        }
        return bytes
    }

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < count ? UInt32(bytes[start + offset]) : 0)
            }
            for digit in 0..<4 {
                let value = Int(group >> UInt32(18 - 6 * digit) & 63)
                text.append(digit <= count ? alphabet[value] : padding)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let padding = UInt8(ascii: "=")
    private static let invalid: UInt8 = 0xFF
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()
}
