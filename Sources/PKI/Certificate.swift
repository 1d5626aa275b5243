import COpenSSL

/// An X.509 certificate.
public final class Certificate: @unchecked Sendable {
    // Unchecked: an X509 is not changed once it is signed or read, and its reference count is atomic.
    let certificate: OpaquePointer

    init(owning certificate: OpaquePointer) { self.certificate = certificate }

    public init(pem: [UInt8]) throws {
        let bio = try MemoryBIO(pem)
        guard let certificate = PEM_read_bio_X509(bio.bio, nil, nil, nil) else {
            throw PKIError.last("read a certificate")
        }
        self.certificate = certificate
    }

    public init(der: [UInt8]) throws {
        guard let parsed = DER.parsed(der, { d2i_X509(nil, $0, $1) }) else {
            throw PKIError.last("read a certificate")
        }
        certificate = parsed
    }

    deinit { X509_free(certificate) }

    public func pem() throws -> [UInt8] {
        let bio = try MemoryBIO()
        try check(PEM_write_bio_X509(bio.bio, certificate), "write a certificate")
        return bio.bytes
    }

    /// Whom the certificate names.
    public var subject: CertificateSubject {
        CertificateSubject(X509_get_subject_name(certificate))
    }

    /// Whether the certificate is for this key.
    public func belongs(to key: PrivateKey) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(certificate, key.key) == 1
    }

    /// Whether the authority's key has signed the certificate.
    public func isSigned(by authority: CertificateAuthority) -> Bool {
        defer { ERR_clear_error() }
        return X509_verify(certificate, authority.key.key) == 1
    }

    /// Whether the certificate is within its time at a moment, in seconds of the epoch.
    public func isValid(at seconds: Int64) -> Bool {
        var time = time_t(seconds)
        return X509_cmp_time(X509_get0_notBefore(certificate), &time) < 0
            && X509_cmp_time(X509_get0_notAfter(certificate), &time) > 0
    }
}

/// The user that a client certificate names: by Kubernetes' rule the common name is the user, an organization a group.
public struct CertificateSubject: Sendable, Hashable {
    public var commonName: String
    public var organizations: [String]

    public init(commonName: String, organizations: [String] = []) {
        self.commonName = commonName
        self.organizations = organizations
    }

    /// The subject of a certificate in DER.
    public init(der: [UInt8]) throws { self = try Certificate(der: der).subject }

    /// Reads an `X509_NAME`.
    init(_ name: OpaquePointer?) {
        self.init(
            commonName: Self.entries(of: name, NID_commonName).last ?? "",
            organizations: Self.entries(of: name, NID_organizationName))
    }

    private static func entries(of name: OpaquePointer?, _ kind: Int32) -> [String] {
        var values: [String] = []
        var index: Int32 = -1
        while true {
            index = X509_NAME_get_index_by_NID(name, kind, index)
            guard index >= 0 else { return values }
            var text: UnsafeMutablePointer<UInt8>?
            let length = ASN1_STRING_to_UTF8(
                &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)))
            guard length >= 0, let text else { continue }
            values.append(String(decoding: UnsafeBufferPointer(start: text, count: Int(length)), as: UTF8.self))
            martlet_OpenSSL_free(text)
        }
    }
}
