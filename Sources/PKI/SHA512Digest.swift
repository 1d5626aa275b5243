import COpenSSL

/// The hash function SHA-512 (FIPS 180-4), by OpenSSL.
public enum SHA512Digest {
    /// The digest of bytes in 128 upper-case hexadecimal digits, as Kubernetes shows it in entity tags.
    /// - Throws: Where OpenSSL's configuration has switched the algorithm off.
    public static func hexadecimal(of bytes: [UInt8]) throws(PKIError) -> String {
        var digest = [UInt8](repeating: 0, count: 64)
        var count: UInt32 = 0
        guard EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha512(), nil) == 1 else {
            throw PKIError.last("hash with SHA-512")
        }
        let digits = Array("0123456789ABCDEF".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
