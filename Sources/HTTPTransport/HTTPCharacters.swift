/// Which bytes may stand where (RFC 9110 section 5, RFC 3986).
enum HTTPCharacters {
    /// `tchar`: what methods and field names are made of.
    static let token: [Bool] = {
        var table = [Bool](repeating: false, count: 256)
        for byte in "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8 {
            table[Int(byte)] = true
        }
        return table
    }()

    static func isTokenByte(_ byte: UInt8) -> Bool { token[Int(byte)] }

    /// Visible characters, space and tab, and what is above ASCII.
    static func isFieldValueByte(_ byte: UInt8) -> Bool { byte >= 0x20 && byte != 0x7F || byte == 0x09 }

    /// Visible ASCII but `#`: a request target as it is sent has everything else percent-encoded.
    static func isTargetByte(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7F && byte != 0x23 }
}
