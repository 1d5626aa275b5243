import COpenSSL

/// How a token is signed (RFC 7518, section 3.1): the kind of the key decides.
public enum SignatureAlgorithm: String, Sendable, Hashable {
    case rs256 = "RS256"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"

    fileprivate var digest: OpaquePointer? {
        switch self {
        case .rs256, .es256: EVP_sha256()
        case .es384: EVP_sha384()
        case .es512: EVP_sha512()
        }
    }

    /// Bytes of each of the two numbers of an elliptic curve's signature; `nil` for RSA.
    fileprivate var numberWidth: Int? {
        switch self {
        case .rs256: nil
        case .es256: 32
        case .es384: 48
        case .es512: 66
        }
    }
}

extension PrivateKey {
    /// Signs a message, in the form of RFC 7518: an elliptic curve's two numbers stand side by side.
    public func signature(of message: [UInt8], _ algorithm: SignatureAlgorithm) throws -> [UInt8] {
        let operation = "sign"
        guard let context = EVP_MD_CTX_new() else { throw PKIError.last(operation) }
        defer { EVP_MD_CTX_free(context) }
        try check(EVP_DigestSignInit(context, nil, algorithm.digest, nil, key), operation)
        var length = 0
        try check(EVP_DigestSign(context, nil, &length, message, message.count), operation)
        var bytes = [UInt8](repeating: 0, count: length)
        try check(EVP_DigestSign(context, &bytes, &length, message, message.count), operation)
        bytes.removeLast(bytes.count - length)
        guard let width = algorithm.numberWidth else { return bytes }
        return try Self.numbers(of: bytes, width: width)
    }

    /// The two numbers of an `ECDSA-Sig-Value`.
    private static func numbers(of der: [UInt8], width: Int) throws -> [UInt8] {
        guard let parsed = DER.parsed(der, { d2i_ECDSA_SIG(nil, $0, $1) }) else { throw PKIError.last("sign") }
        defer { ECDSA_SIG_free(parsed) }
        var bytes = [UInt8](repeating: 0, count: width * 2)
        let count = bytes.withUnsafeMutableBufferPointer { buffer -> Int32 in
            guard let start = buffer.baseAddress else { return -1 }
            return BN_bn2binpad(ECDSA_SIG_get0_r(parsed), start, Int32(width))
                + BN_bn2binpad(ECDSA_SIG_get0_s(parsed), start + width, Int32(width))
        }
        guard count == Int32(width * 2) else { throw PKIError.last("sign") }
        return bytes
    }
}

extension PublicKey {
    /// The signature that is made with the key's other half.
    public var signatureAlgorithm: SignatureAlgorithm {
        switch components {
        case .rsa: .rs256
        case .ellipticCurve(.p256, _, _): .es256
        case .ellipticCurve(.p384, _, _): .es384
        case .ellipticCurve(.p521, _, _): .es512
        }
    }

    /// Whether a signature, in the form of RFC 7518, is this key's and of the message. A broken one is not.
    public func verifies(_ signature: [UInt8], of message: [UInt8], _ algorithm: SignatureAlgorithm) -> Bool {
        var signature = signature
        if let width = algorithm.numberWidth {
            guard let der = Self.signatureValue(of: signature, width: width) else { return false }
            signature = der
        }
        guard let context = EVP_MD_CTX_new() else { return false }
        defer {
            EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        guard EVP_DigestVerifyInit(context, nil, algorithm.digest, nil, key) == 1 else { return false }
        return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    /// An `ECDSA-Sig-Value` of the two numbers.
    private static func signatureValue(of signature: [UInt8], width: Int) -> [UInt8]? {
        guard signature.count == width * 2, let value = ECDSA_SIG_new() else { return nil }
        defer { ECDSA_SIG_free(value) }
        let r = signature.withUnsafeBufferPointer { BN_bin2bn($0.baseAddress, Int32(width), nil) }
        let s = signature[width...].withUnsafeBufferPointer { BN_bin2bn($0.baseAddress, Int32(width), nil) }
        // Takes both over where it succeeds.
        guard ECDSA_SIG_set0(value, r, s) == 1 else {
            BN_free(r)
            BN_free(s)
            return nil
        }
        return try? DER.encoded("write a signature") { i2d_ECDSA_SIG(value, $0) }
    }
}
