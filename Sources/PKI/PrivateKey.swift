import COpenSSL

/// A private key: one that is made here, or one of any kind that was read.
public final class PrivateKey: @unchecked Sendable {
    // Unchecked: OpenSSL's EVP_PKEY is not changed once it is made, and its reference count is atomic.
    let key: OpaquePointer

    /// What a new key is made for.
    public enum Kind: Sendable {
        /// ECDSA on the curve P-256: quickly made, and short.
        case ellipticCurve
        /// RSA of 2048 bits, as clients expect it behind the signature RS256.
        case rsa
    }

    public init(_ kind: Kind = .ellipticCurve) throws {
        let key =
            switch kind {
            case .ellipticCurve: martlet_EVP_EC_gen_P256()
            case .rsa: martlet_EVP_RSA_gen(2048)
            }
        guard let key else { throw PKIError.last("generate a key") }
        self.key = key
    }

    /// Reads a key of any kind from PEM.
    public init(pem: [UInt8]) throws {
        let bio = try MemoryBIO(pem)
        guard let key = PEM_read_bio_PrivateKey(bio.bio, nil, nil, nil) else {
            throw PKIError.last("read a private key")
        }
        self.key = key
    }

    /// Reads a key of any kind from DER.
    init(der: [UInt8]) throws {
        guard let key = DER.parsed(der, { d2i_AutoPrivateKey(nil, $0, $1) }) else {
            throw PKIError.last("read a private key")
        }
        self.key = key
    }

    deinit { EVP_PKEY_free(key) }

    /// PKCS #8 in PEM.
    public func pem() throws -> [UInt8] {
        let bio = try MemoryBIO()
        try check(PEM_write_bio_PKCS8PrivateKey(bio.bio, key, nil, nil, 0, nil, nil), "write a private key")
        return bio.bytes
    }
}

/// Bytes that OpenSSL reads or writes.
final class MemoryBIO {
    let bio: OpaquePointer

    init() throws {
        guard let bio = BIO_new(BIO_s_mem()) else { throw PKIError.last("allocate a buffer") }
        self.bio = bio
    }

    convenience init(_ bytes: [UInt8]) throws {
        try self.init()
        guard let count = Int32(exactly: bytes.count), BIO_write(bio, bytes, count) == count else {
            throw PKIError.last("fill a buffer")
        }
    }

    deinit { BIO_free(bio) }

    var bytes: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = martlet_BIO_get_mem_data(bio, &start)
        guard let start, count > 0 else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// Random bytes and digests, from OpenSSL.
public enum Cryptography {
    /// Unpredictable bytes.
    public static func randomBytes(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        guard let length = Int32(exactly: count) else {
            throw PKIError(operation: "make random bytes", cause: "too many")
        }
        try check(RAND_bytes(&bytes, length), "make random bytes")
        return bytes
    }

    public static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        SHA256(bytes, bytes.count, &digest)
        return digest
    }

    public static func sha512(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 64)
        SHA512(bytes, bytes.count, &digest)
        return digest
    }
}
