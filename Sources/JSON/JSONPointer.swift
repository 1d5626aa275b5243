/// The place of a value in a document (RFC 6901): `/spec/containers/0/image`, with `~1` for `/` and `~0` for `~`.
public struct JSONPointer: Sendable, Hashable {
    public var tokens: [String]

    public init(_ tokens: [String]) { self.tokens = tokens }

    /// Reads the text form; `nil` where it neither is empty nor begins with a slash. A tilde that escapes nothing stands
    /// for itself, as it does in Kubernetes, though RFC 6901 has no such pointer.
    public init?(parsing text: String) {
        tokens = []
        if text.isEmpty { return }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        tokens = text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map(Self.unescape)
    }

    private static func unescape(_ part: Substring.UTF8View) -> String {
        var bytes: [UInt8] = []
        var isAfterTilde = false
        for byte in part {
            switch (isAfterTilde, byte) {
            case (true, UInt8(ascii: "0")): isAfterTilde = false
            case (true, UInt8(ascii: "1")):
                bytes[bytes.count - 1] = UInt8(ascii: "/")
                isAfterTilde = false
            default:
                bytes.append(byte)
                isAfterTilde = byte == UInt8(ascii: "~")
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONPointer: CustomStringConvertible {
    public var description: String {
        tokens.map { token in
            var bytes = [UInt8(ascii: "/")]
            for byte in token.utf8 {
                switch byte {
                case UInt8(ascii: "~"): bytes += "~0".utf8
                case UInt8(ascii: "/"): bytes += "~1".utf8
                default: bytes.append(byte)
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }.joined()
    }
}

extension JSON {
    /// The value at a place; `nil` where there is none. An array's index is digits without a leading zero.
    public subscript(pointer: JSONPointer) -> JSON? {
        var value = self
        for token in pointer.tokens {
            switch value {
            case .object(let object):
                guard let member = object[token] else { return nil }
                value = member
            case .array(let items):
                let isCanonical = token == "0" || (token.utf8.first ?? 0x30) != 0x30
                guard isCanonical, token.utf8.allSatisfy({ $0 &- 0x30 < 10 }), let index = Int(token),
                    items.indices.contains(index)
                else { return nil }
                value = items[index]
            default: return nil
            }
        }
        return value
    }
}
