import COpenSSL

/// The public half of an RSA or ECDSA key, by which signatures are checked.
public final class PublicKey: @unchecked Sendable {
    // Unchecked: OpenSSL's EVP_PKEY is not changed once it is read, and its reference count is atomic.
    let key: OpaquePointer
    /// What the key is made of.
    public let components: Components
    /// The key as `SubjectPublicKeyInfo` in DER (RFC 5280).
    public let encoded: [UInt8]

    /// The numbers of a key, big-endian.
    public enum Components: Sendable, Hashable {
        case rsa(modulus: [UInt8], exponent: [UInt8])
        /// Both coordinates have the curve's length.
        case ellipticCurve(Curve, x: [UInt8], y: [UInt8])
    }

    /// The curves that tokens are signed on (RFC 7518 section 3.4).
    public enum Curve: String, Sendable, Hashable {
        case p256 = "P-256"
        case p384 = "P-384"
        case p521 = "P-521"

        var coordinateByteCount: Int {
            switch self {
            case .p256: 32
            case .p384: 48
            case .p521: 66
            }
        }
    }

    /// Takes the key over.
    /// - Throws: where it is neither an RSA key nor an ECDSA key on one of the curves.
    private init(owning key: OpaquePointer) throws {
        do {
            components = try Self.components(of: key)
            encoded = try Self.encode(key)
        } catch {
            EVP_PKEY_free(key)
            throw error
        }
        self.key = key
    }

    /// The public half of a private key.
    public convenience init(of privateKey: PrivateKey) throws {
        try self.init(
            owning: withExtendedLifetime(privateKey) {
                EVP_PKEY_up_ref(privateKey.key)
                return privateKey.key
            })
    }

    /// The key that a certificate is about.
    public convenience init(of certificate: Certificate) throws {
        let key = withExtendedLifetime(certificate) { X509_get_pubkey(certificate.certificate) }
        guard let key else { throw PKIError.last("read a certificate's key") }
        try self.init(owning: key)
    }

    deinit { EVP_PKEY_free(key) }

    /// The keys of a PEM file: public keys, and those of the private keys and certificates in it.
    /// - Throws: where a block of the file is none of these, or there is no block.
    public static func all(pem: [UInt8]) throws -> [PublicKey] {
        let keys = try PEMBlock.all(in: pem).map { block in
            switch block.type {
            case "PUBLIC KEY": try PublicKey(encoded: block.bytes)
            case "CERTIFICATE": try PublicKey(of: try Certificate(der: block.bytes))
            default: try PublicKey(of: try PrivateKey(der: block.bytes))
            }
        }
        if keys.isEmpty { throw PKIError(operation: "read public keys", cause: "there is none in the file") }
        return keys
    }

    /// Reads a `SubjectPublicKeyInfo` in DER.
    private convenience init(encoded: [UInt8]) throws {
        guard let key = DER.parsed(encoded, { d2i_PUBKEY(nil, $0, $1) }) else {
            throw PKIError.last("read a public key")
        }
        try self.init(owning: key)
    }

    private static func encode(_ key: OpaquePointer) throws -> [UInt8] {
        var start: UnsafeMutablePointer<UInt8>?
        let count = i2d_PUBKEY(key, &start)
        guard count > 0, let start else { throw PKIError.last("encode a public key") }
        defer { martlet_OpenSSL_free(start) }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    private static func components(of key: OpaquePointer) throws -> Components {
        if EVP_PKEY_is_a(key, "RSA") == 1 {
            return .rsa(modulus: try number("n", of: key), exponent: try number("e", of: key))
        }
        guard EVP_PKEY_is_a(key, "EC") == 1, let curve = curve(of: key) else {
            throw PKIError(operation: "read a public key", cause: "it is neither RSA nor ECDSA on a curve of JWS")
        }
        let count = curve.coordinateByteCount
        return .ellipticCurve(
            curve, x: try number("qx", of: key, byteCount: count), y: try number("qy", of: key, byteCount: count))
    }

    private static func curve(of key: OpaquePointer) -> Curve? {
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return nil }
        switch String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) {
        case "prime256v1": return .p256
        case "secp384r1": return .p384
        case "secp521r1": return .p521
        default: return nil
        }
    }

    /// A number of a key, in as few bytes as it needs or in a fixed count of them.
    private static func number(_ name: String, of key: OpaquePointer, byteCount: Int? = nil) throws -> [UInt8] {
        var number: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, name, &number) == 1, let number else {
            throw PKIError.last("read the \(name) of a key")
        }
        defer { BN_free(number) }
        let count = byteCount ?? Int(BN_num_bits(number) + 7) / 8
        var bytes = [UInt8](repeating: 0, count: count)
        guard let length = Int32(exactly: count), BN_bn2binpad(number, &bytes, length) == length else {
            throw PKIError.last("read the \(name) of a key")
        }
        return bytes
    }
}
