/// A place in the bytes of a text, and the reading of the tokens that begin there.
///
/// The bytes must outlive the cursor.
struct JSONCursor {
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        // An empty buffer may have no address; any will do, since nothing is read.
        let address = bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
        base = address.assumingMemoryBound(to: UInt8.self)
        end = bytes.count
    }

    var isAtEnd: Bool { offset >= end }

    @inline(__always)
    func peek() -> UInt8? { offset < end ? base[offset] : nil }

    @inline(__always)
    mutating func advance() { offset += 1 }

    @inline(__always)
    mutating func skipWhitespace() {
        while offset < end {
            switch base[offset] {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    func text(from start: Int) -> String {
        String(decoding: UnsafeBufferPointer(start: base + start, count: offset - start), as: UTF8.self)
    }

    func unexpectedEnd() -> JSONParseError {
        JSONParseError(message: "unexpected end of JSON input", offset: end)
    }

    /// The error for the byte here, or for the end of the text where there is none.
    func unexpected(_ context: String) -> JSONParseError {
        guard let byte = peek() else { return unexpectedEnd() }
        return JSONParseError(message: "invalid character \(Self.quoted(byte)) \(context)", offset: offset)
    }

    /// A byte as Go's scanner quotes it: the character of that number, escaped as in a Go literal.
    private static func quoted(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "'"): return "'\\''"
        case UInt8(ascii: "\\"): return "'\\\\'"
        case 0x07: return "'\\a'"
        case 0x08: return "'\\b'"
        case 0x09: return "'\\t'"
        case 0x0A: return "'\\n'"
        case 0x0B: return "'\\v'"
        case 0x0C: return "'\\f'"
        case 0x0D: return "'\\r'"
        case 0..<0x20, 0x7F: return "'\\x\(hexadecimal(byte))'"
        case 0x80...0xA0, 0xAD: return "'\\u00\(hexadecimal(byte))'"
        default: return "'\(Unicode.Scalar(byte))'"
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    mutating func literal(_ word: StaticString) throws(JSONParseError) {
        let letters = word.utf8Start
        for index in 0..<word.utf8CodeUnitCount {
            guard let byte = peek() else { throw unexpectedEnd() }
            if byte != letters[index] {
                throw unexpected("in literal \(word) (expecting '\(Unicode.Scalar(letters[index]))')")
            }
            offset += 1
        }
    }
}

// MARK: Numbers

extension JSONCursor {
    /// Reads a number; one beyond the range of `Double` comes back infinite.
    mutating func number() throws(JSONParseError) -> JSON {
        let start = offset
        let isNegative = base[offset] == UInt8(ascii: "-")
        if isNegative { offset += 1 }
        guard let first = peek(), Self.isDigit(first) else { throw unexpected("in numeric literal") }

        // Go reads "-9223372036854775808" whole, so the magnitude is gathered on the negative side.
        var value: Int64 = 0
        var isExact = true
        if first == UInt8(ascii: "0") {
            offset += 1
        } else {
            while offset < end, Self.isDigit(base[offset]) {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let (difference, underflow) = product.subtractingReportingOverflow(Int64(base[offset] &- 0x30))
                isExact = isExact && !overflow && !underflow
                value = difference
                offset += 1
            }
        }
        let isInteger = try !skipFractionAndExponent()
        if isInteger, isExact {
            if isNegative { return .int(value) }
            if value != .min { return .int(-value) }
        }
        return .double(double(from: start))
    }

    /// Whether there was any.
    private mutating func skipFractionAndExponent() throws(JSONParseError) -> Bool {
        var found = false
        if peek() == UInt8(ascii: ".") {
            found = true
            offset += 1
            try skipDigits("after decimal point in numeric literal")
        }
        if let byte = peek(), byte | 0x20 == UInt8(ascii: "e") {
            found = true
            offset += 1
            if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { offset += 1 }
            try skipDigits("in exponent of numeric literal")
        }
        return found
    }

    private mutating func skipDigits(_ context: String) throws(JSONParseError) {
        guard let byte = peek(), Self.isDigit(byte) else { throw unexpected(context) }
        while offset < end, Self.isDigit(base[offset]) { offset += 1 }
    }

    /// The well-formed number between `start` and here.
    private func double(from start: Int) -> Double {
        let text = text(from: start)
        // Whichever way a number beyond the range is read, it comes out infinite; one too small is zero.
        if let value = Double(text) { return value }
        return .infinity
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
}

// MARK: Strings

extension JSONCursor {
    /// Reads the string whose opening quote is here.
    mutating func string() throws(JSONParseError) -> String {
        offset += 1
        let start = offset
        let isASCII = skipPlain()
        guard let byte = peek() else { throw unexpectedEnd() }
        if byte == UInt8(ascii: "\"") {
            let bytes = UnsafeBufferPointer(start: base + start, count: offset - start)
            offset += 1
            if isASCII { return String(decoding: bytes, as: UTF8.self) }
            guard let value = String(validating: bytes, as: UTF8.self) else { throw invalidUTF8(at: start) }
            return value
        }
        return try escapedString(from: start)
    }

    /// Goes to the next quote, backslash or control character; whether all bytes before it are ASCII.
    @inline(__always)
    private mutating func skipPlain() -> Bool {
        var high: UInt8 = 0
        offset = ByteScan.skipPlain(base, from: offset, to: end, gathering: &high)
        while offset < end {
            let byte = base[offset]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            high |= byte
            offset += 1
        }
        return high < 0x80
    }

    /// Reads on from the first byte that cannot be taken as it is.
    private mutating func escapedString(from start: Int) throws(JSONParseError) -> String {
        var bytes = [UInt8](UnsafeBufferPointer(start: base + start, count: offset - start))
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                guard let value = String(validating: bytes, as: UTF8.self) else { throw invalidUTF8(at: start) }
                return value
            case UInt8(ascii: "\\"):
                offset += 1
                try escape(into: &bytes)
            case 0..<0x20:
                throw unexpected("in string literal")
            default:
                let run = offset
                _ = skipPlain()
                bytes.append(contentsOf: UnsafeBufferPointer(start: base + run, count: offset - run))
            }
        }
        throw unexpectedEnd()
    }

    /// Reads what follows a backslash.
    private mutating func escape(into bytes: inout [UInt8]) throws(JSONParseError) {
        guard let byte = peek() else { throw unexpectedEnd() }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(byte)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            offset += 1
            try unicodeEscape(into: &bytes)
            return
        default: throw unexpected("in string escape code")
        }
        offset += 1
    }

    /// Reads the digits after `\u`, and the low half of a pair that may follow.
    private mutating func unicodeEscape(into bytes: inout [UInt8]) throws(JSONParseError) {
        let unit = try hexadecimalUnit()
        if UTF16.isLeadSurrogate(unit), offset + 1 < end, base[offset] == UInt8(ascii: "\\"),
            base[offset + 1] == UInt8(ascii: "u")
        {
            let restart = offset
            offset += 2
            let next = try hexadecimalUnit()
            if UTF16.isTrailSurrogate(next) {
                append(0x10000 + (UInt32(unit) & 0x3FF) << 10 + UInt32(next) & 0x3FF, to: &bytes)
                return
            }
            offset = restart
        }
        append(UInt32(unit), to: &bytes)
    }

    private mutating func hexadecimalUnit() throws(JSONParseError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw unexpectedEnd() }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - 0x30
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - 0x57
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - 0x37
            default: throw unexpected("in \\u hexadecimal character escape")
            }
            unit = unit << 4 | UInt16(digit)
            offset += 1
        }
        return unit
    }

    /// Half of a surrogate pair is no character; U+FFFD stands for it.
    private func append(_ value: UInt32, to bytes: inout [UInt8]) {
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        bytes.append(contentsOf: UTF8.encode(scalar).unsafelyUnwrapped)
    }

    private func invalidUTF8(at start: Int) -> JSONParseError {
        JSONParseError(message: "invalid UTF-8 in string literal", offset: start)
    }
}
