/// Finds members in the bytes of a document without building it.
///
/// The bytes must be known to be a valid document, such as one that `JSON.encoded` gave. On other bytes the answers
/// mean nothing, yet nothing outside the bytes is read.
public struct JSONScanner {
    private let bytes: UnsafeRawBufferPointer

    /// The bytes must outlive the scanner.
    public init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// Where the value of a member lies, found by the names on the way to it: `["metadata", "labels"]`.
    ///
    /// - Parameter names: as they stand in the text; a name that is written with escapes is not found.
    /// - Returns: the range of the value's bytes, `nil` where a member is missing or its parent is no object.
    public func range(of names: [StaticString]) -> Range<Int>? {
        var start = 0
        var range = 0..<bytes.count
        for name in names {
            guard let found = member(name, ofObjectAt: start) else { return nil }
            range = found
            start = found.lowerBound
        }
        return range
    }

    /// Calls with the range of each member's quoted key and value, in an object that begins at an offset, until the
    /// call returns false. Does nothing where no object begins there.
    public func forEachMember(ofObjectAt offset: Int, _ body: (_ key: Range<Int>, _ value: Range<Int>) -> Bool) {
        var index = skipWhitespace(offset)
        guard byte(index) == UInt8(ascii: "{") else { return }
        index = skipWhitespace(index + 1)
        while byte(index) == UInt8(ascii: "\"") {
            let keyEnd = endOfString(index)
            var value = skipWhitespace(keyEnd)
            guard byte(value) == UInt8(ascii: ":") else { return }
            value = skipWhitespace(value + 1)
            let end = endOfValue(value)
            if !body(index..<keyEnd, value..<end) { return }
            index = skipWhitespace(end)
            guard byte(index) == UInt8(ascii: ",") else { return }
            index = skipWhitespace(index + 1)
        }
    }

    private func member(_ name: StaticString, ofObjectAt offset: Int) -> Range<Int>? {
        var found: Range<Int>?
        forEachMember(ofObjectAt: offset) { key, value in
            guard key.count - 2 == name.utf8CodeUnitCount else { return true }
            for index in 0..<name.utf8CodeUnitCount where bytes[key.lowerBound + 1 + index] != name.utf8Start[index] {
                return true
            }
            found = value
            return false
        }
        return found
    }

    private func byte(_ index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

    private func skipWhitespace(_ offset: Int) -> Int {
        var index = offset
        while let byte = byte(index), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
        return index
    }

    /// The offset behind the closing quote of a string.
    private func endOfString(_ offset: Int) -> Int {
        var index = offset + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return bytes.count
    }

    private func endOfValue(_ offset: Int) -> Int {
        switch byte(offset) {
        case UInt8(ascii: "\""): return endOfString(offset)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return endOfContainer(offset)
        default:
            var index = offset
            while let byte = byte(index), byte > 0x20, byte != UInt8(ascii: ","), byte != UInt8(ascii: "}"),
                byte != UInt8(ascii: "]")
            {
                index += 1
            }
            return index
        }
    }

    private func endOfContainer(_ offset: Int) -> Int {
        var depth = 0
        var index = offset
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index = endOfString(index)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return bytes.count
    }
}
