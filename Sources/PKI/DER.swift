/// OpenSSL's readers and writers of DER, which move a pointer on.
enum DER {
    /// What a `d2i_` function makes of bytes; `nil` where it refuses them.
    static func parsed(
        _ bytes: [UInt8], _ read: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> OpaquePointer?
    ) -> OpaquePointer? {
        bytes.withUnsafeBufferPointer { buffer in
            var next = buffer.baseAddress
            return read(&next, buffer.count)
        }
    }

    /// What an `i2d_` function writes, which is asked twice: for the length, and for the bytes.
    static func encoded(
        _ operation: String, _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32
    ) throws -> [UInt8] {
        let length = write(nil)
        guard length > 0 else { throw PKIError.last(operation) }
        var bytes = [UInt8](repeating: 0, count: Int(length))
        let written = bytes.withUnsafeMutableBufferPointer { buffer -> Int32 in
            var next = buffer.baseAddress
            return write(&next)
        }
        guard written == length else { throw PKIError.last(operation) }
        return bytes
    }
}
