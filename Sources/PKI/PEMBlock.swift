/// A block of a PEM file (RFC 7468, read as widely as Go's `encoding/pem` does).
public struct PEMBlock: Sendable, Hashable {
    /// What stands between `-----BEGIN ` and `-----`.
    public var type: String
    /// Whether there are lines of the form `Name: value` before the bytes.
    public var hasHeaders: Bool
    public var bytes: [UInt8]

    /// The blocks of a file, in order. Text around them, and blocks that are broken, are passed over.
    public static func all(in pem: [UInt8]) -> [PEMBlock] {
        let lines = pem.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(trimmed)
        var blocks: [PEMBlock] = []
        var index = 0
        while index < lines.count {
            guard let type = label(of: lines[index], "-----BEGIN ") else {
                index += 1
                continue
            }
            let rest = lines[(index + 1)...]
            guard let end = rest.firstIndex(where: { label(of: $0, "-----END ") == type }),
                let block = PEMBlock(type: type, body: lines[(index + 1)..<end])
            else {
                index += 1
                continue
            }
            blocks.append(block)
            index = end + 1
        }
        return blocks
    }

    private init?(type: String, body: ArraySlice<ArraySlice<UInt8>>) {
        let data = body.drop { $0.contains(UInt8(ascii: ":")) }
        hasHeaders = data.count < body.count
        guard let bytes = Base64Text.decode(data.joined()) else { return nil }
        self.type = type
        self.bytes = bytes
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let last = line.last,
            last == UInt8(ascii: "\r") || last == UInt8(ascii: " ") || last == UInt8(ascii: "\t")
        {
            line.removeLast()
        }
        return line
    }

    private static func label(of line: ArraySlice<UInt8>, _ prefix: String) -> String? {
        guard line.starts(with: prefix.utf8) else { return nil }
        let rest = line.dropFirst(prefix.utf8.count)
        let suffix = Array("-----".utf8)
        guard rest.count >= suffix.count, rest.suffix(suffix.count).elementsEqual(suffix) else { return nil }
        return String(decoding: rest.dropLast(suffix.count), as: UTF8.self)
    }
}

/// Base64 between the lines of a PEM block.
private enum Base64Text {
    /// - Returns: `nil` where a character is none of the alphabet's, or the padding is wrong.
    static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (buffer, bits, count, padding) = (0 as UInt32, 0, 0, 0)
        for character in text {
            if character == UInt8(ascii: " ") || character == UInt8(ascii: "\t") { continue }
            count += 1
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            guard padding == 0, let value = value(of: character) else { return nil }
            buffer = buffer << 6 | value
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return count % 4 == 0 && padding <= 2 ? bytes : nil
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
