import COpenSSL

/// The hash function SHA-256 (FIPS 180-4), by OpenSSL.
public enum SHA256Digest {
    /// - Throws: Where OpenSSL's configuration has switched the algorithm off.
    public static func digest(of bytes: [UInt8]) throws(PKIError) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        var count: UInt32 = 0
        guard EVP_Digest(bytes, bytes.count, &digest, &count, EVP_sha256(), nil) == 1 else {
            throw PKIError.last("hash with SHA-256")
        }
        return digest
    }
}
