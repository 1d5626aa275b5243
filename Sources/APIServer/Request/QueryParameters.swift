/// The decoded parameters of a request's query.
public struct QueryParameters: Sendable {
    private var values: [(name: String, value: String)]

    /// Reads `a=1&b=2`; `+` is a space, and a percent sign that starts no hexadecimal byte drops its pair, as in Go.
    public init(_ query: String?) {
        values = []
        guard let query, !query.isEmpty else { return }
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            // As Go, which reads such a pair as nothing rather than as two.
            if pair.contains(UInt8(ascii: ";")) { continue }
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let value = equals < pair.endIndex ? pair[pair.index(after: equals)...] : pair[pair.endIndex...]
            if let name = PercentEncoding.decode(pair[..<equals], plusIsSpace: true),
                let value = PercentEncoding.decode(value, plusIsSpace: true)
            {
                values.append((name, value))
            }
        }
    }

    /// The first value of a parameter; `nil` where it was not given.
    public subscript(name: String) -> String? {
        for pair in values where pair.name == name { return pair.value }
        return nil
    }

    public func all(_ name: String) -> [String] { values.compactMap { $0.name == name ? $0.value : nil } }

    /// A parameter that Kubernetes reads as a boolean (`runtime.Convert_Slice_string_To_bool`): given and neither
    /// `false` nor `0` is true.
    public func flag(_ name: String) -> Bool {
        guard let value = self[name] else { return false }
        return value != "0" && value.lowercased() != "false"
    }
}

/// Percent-encoding of URLs (RFC 3986 section 2.1).
enum PercentEncoding {
    /// - Returns: `nil` where an escape is broken or the bytes are no UTF-8.
    static func decode(_ bytes: Substring.UTF8View, plusIsSpace: Bool) -> String? {
        if !bytes.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) { return String(bytes) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(hexadecimal), let low = iterator.next().flatMap(hexadecimal)
                else { return nil }
                decoded.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: decoded.append(UInt8(ascii: " "))
            default: decoded.append(byte)
            }
        }
        return String(validating: decoded, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
