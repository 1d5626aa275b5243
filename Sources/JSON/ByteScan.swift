/// Passing over the bytes of strings that need no look, eight at a time.
///
/// Both functions may stop early, at a byte that could have been passed over; who calls them looks at that byte.
enum ByteScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highBits = ones << 7

    /// Marks the high bit of each byte that is zero, and maybe of some above one that is.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word }

    @inline(__always)
    private static func bytes(_ word: UInt64, equalTo byte: UInt8) -> UInt64 { zeros(word ^ (ones &* UInt64(byte))) }

    @inline(__always)
    private static func controls(_ word: UInt64) -> UInt64 { (word &- ones &* 0x20) & ~word }

    /// Passes over what stands for itself in the text of a string: no quote, backslash or control character.
    /// - Parameter high: gets the bits of all bytes passed over.
    /// - Returns: the offset behind the words passed over.
    @inline(__always)
    static func skipPlain(
        _ base: UnsafePointer<UInt8>, from start: Int, to end: Int, gathering high: inout UInt8
    ) -> Int {
        var offset = start
        var all: UInt64 = 0
        while end - offset >= 8 {
            let word = UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self)
            let special =
                bytes(word, equalTo: UInt8(ascii: "\"")) | bytes(word, equalTo: UInt8(ascii: "\\")) | controls(word)
            if special & highBits != 0 { break }
            all |= word
            offset += 8
        }
        if all & highBits != 0 { high |= 0x80 }
        return offset
    }

    /// Passes over what a writer puts down as it is: none of the above, nor `&`, `<`, `>` or 0xE2.
    @inline(__always)
    static func skipUnescaped(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return start }
        var offset = start
        while bytes.count - offset >= 8 {
            let word = (base + offset).loadUnaligned(as: UInt64.self)
            // `"` and `&` differ in one bit, and so do `<` and `>`.
            let special =
                self.bytes(word | ones << 2, equalTo: UInt8(ascii: "&"))
                | self.bytes(word | ones << 1, equalTo: UInt8(ascii: ">"))
                | self.bytes(word, equalTo: UInt8(ascii: "\\")) | self.bytes(word, equalTo: 0xE2) | controls(word)
            if special & highBits != 0 { break }
            offset += 8
        }
        return offset
    }
}
