// MARK: Numbers

extension JSONWriter {
    mutating func write(_ value: Int64) {
        var magnitude = value.magnitude
        if value < 0 { write(UInt8(ascii: "-")) }
        if magnitude < 10 { return write(UInt8(truncatingIfNeeded: magnitude) + 0x30) }
        // 64 bits make at most 20 digits, gathered from the last to the first.
        var digits: (UInt64, UInt64, UInt32) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var index = buffer.count
            while magnitude > 0 {
                index -= 1
                buffer[index] = UInt8(truncatingIfNeeded: magnitude % 10) + 0x30
                magnitude /= 10
            }
            write(UnsafeRawBufferPointer(buffer)[index...].assumingBytes)
        }
    }

    /// The shortest digits that read back the same, with an exponent below 1e-6 and from 1e21 on, as Go writes.
    mutating func write(_ value: Double) {
        guard value.isFinite else { return write("null" as StaticString) }
        if value.sign == .minus { write(UInt8(ascii: "-")) }
        if value == 0 { return write(UInt8(ascii: "0")) }
        let decimal = Decimal(value.magnitude)
        if value.magnitude < 1e-6 || value.magnitude >= 1e21 {
            writeScientific(decimal)
        } else {
            writePlain(decimal)
        }
    }

    /// 0.d1d2d3… times ten to the power of `point`.
    private struct Decimal {
        var digits: [UInt8] = []
        var point = 0

        /// Takes apart Swift's shortest description: "0.0015", "12.0", "1e-07", "1.5e+22".
        init(_ magnitude: Double) {
            var fraction: Int?
            var exponent = 0
            let text = Array(magnitude.description.utf8)
            for (index, byte) in text.enumerated() {
                if byte == UInt8(ascii: ".") {
                    fraction = digits.count
                } else if byte == UInt8(ascii: "e") {
                    exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
                    break
                } else {
                    digits.append(byte)
                }
            }
            point = (fraction ?? digits.count) + exponent
            let zeros = digits.prefix { $0 == UInt8(ascii: "0") }.count
            digits.removeFirst(zeros)
            point -= zeros
            while digits.last == UInt8(ascii: "0") { digits.removeLast() }
        }
    }

    private mutating func writeScientific(_ decimal: Decimal) {
        for (index, digit) in decimal.digits.enumerated() {
            if index == 1 { write(UInt8(ascii: ".")) }
            write(digit)
        }
        write(UInt8(ascii: "e"))
        let exponent = decimal.point - 1
        if exponent > 0 { write(UInt8(ascii: "+")) }
        write(Int64(exponent))
    }

    private mutating func writePlain(_ decimal: Decimal) {
        if decimal.point <= 0 {
            write("0." as StaticString)
            for _ in decimal.point..<0 { write(UInt8(ascii: "0")) }
        }
        for (index, digit) in decimal.digits.enumerated() {
            if index == decimal.point, index > 0 { write(UInt8(ascii: ".")) }
            write(digit)
        }
        if decimal.digits.count < decimal.point {
            for _ in decimal.digits.count..<decimal.point { write(UInt8(ascii: "0")) }
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var assumingBytes: UnsafeBufferPointer<UInt8> {
        UnsafeRawBufferPointer(rebasing: self).assumingMemoryBound(to: UInt8.self)
    }
}

// MARK: Strings

extension JSONWriter {
    /// Bytes that cannot stand in a string as they are, or, as 0xE2 does, may begin a character that cannot.
    @inline(__always)
    private static func needsAttention(_ byte: UInt8) -> Bool {
        if byte < 0x40 {
            // Control characters, then `"`, `&`, `<` and `>`.
            let special: UInt64 = 0xFFFF_FFFF | 1 << 0x22 | 1 << 0x26 | 1 << 0x3C | 1 << 0x3E
            return special >> UInt64(byte) & 1 != 0
        }
        return byte == UInt8(ascii: "\\") || byte == 0xE2
    }

    /// How many bytes the character to escape takes; 0 where the byte may stand as it is.
    private static func escapedLength(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
        guard bytes[index] == 0xE2 else { return 1 }
        guard index + 2 < bytes.count, bytes[index + 1] == 0x80, bytes[index + 2] | 1 == 0xA9 else { return 0 }
        return 3
    }

    private mutating func writeEscape(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) {
        switch bytes[index] {
        case UInt8(ascii: "\""): write("\\\"" as StaticString)
        case UInt8(ascii: "\\"): write("\\\\" as StaticString)
        case 0x08: write("\\b" as StaticString)
        case 0x0C: write("\\f" as StaticString)
        case 0x0A: write("\\n" as StaticString)
        case 0x0D: write("\\r" as StaticString)
        case 0x09: write("\\t" as StaticString)
        case 0xE2: write(bytes[index + 2] == 0xA8 ? "\\u2028" : "\\u2029" as StaticString)
        case let byte:
            write("\\u00" as StaticString)
            write(Self.hexadecimal(byte >> 4))
            write(Self.hexadecimal(byte & 0xF))
        }
    }

    private static func hexadecimal(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x57 + nibble
    }

    mutating func write(_ string: String) {
        let isWritten: Void? = string.utf8.withContiguousStorageIfAvailable { write(quoting: $0) }
        if isWritten == nil { [UInt8](string.utf8).withUnsafeBufferPointer { write(quoting: $0) } }
    }

    private mutating func write(quoting bytes: UnsafeBufferPointer<UInt8>) {
        write(UInt8(ascii: "\""))
        var start = 0
        var index = 0
        while index < bytes.count {
            index = ByteScan.skipUnescaped(bytes, from: index)
            guard index < bytes.count else { break }
            if !Self.needsAttention(bytes[index]) {
                index += 1
                continue
            }
            let length = Self.escapedLength(bytes, index)
            if length > 0 {
                write(UnsafeBufferPointer(rebasing: bytes[start..<index]))
                writeEscape(bytes, index)
                start = index + length
            }
            index += max(length, 1)
        }
        write(UnsafeBufferPointer(rebasing: bytes[start...]))
        write(UInt8(ascii: "\""))
    }
}
