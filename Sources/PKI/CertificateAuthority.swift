import COpenSSL

/// Signs certificates: one of its own making, or one that was read.
public final class CertificateAuthority: Sendable {
    /// What a certificate may be used for.
    public enum Usage: Sendable {
        /// A TLS server under these names: DNS names and IP addresses.
        case server(names: [String], addresses: [String])
        case client
    }

    public let certificate: Certificate
    public let key: PrivateKey

    /// How long certificates are valid: ten years for an authority, one for what it signs.
    public static let authorityDays = 3650
    public static let leafDays = 365
    /// Certificates begin to be valid a little before they are made, for clocks that run behind.
    private static let backdatingSeconds = 300

    /// Makes a new authority that signs itself.
    public init(commonName: String) throws {
        key = try PrivateKey()
        certificate = try Self.sign(
            CertificateSubject(commonName: commonName), for: key, by: nil,
            days: Self.authorityDays,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE"),
                (NID_key_usage, "critical,digitalSignature,keyEncipherment,keyCertSign"),
                (NID_subject_key_identifier, "hash"),
            ])
    }

    public init(certificate: Certificate, key: PrivateKey) {
        self.certificate = certificate
        self.key = key
    }

    /// A certificate for a new key, signed by this authority.
    public func issue(
        _ subject: CertificateSubject, for usage: Usage, days: Int = leafDays
    ) throws -> (certificate: Certificate, key: PrivateKey) {
        let key = try PrivateKey()
        var extensions: [(Int32, String)] = [
            (NID_basic_constraints, "critical,CA:FALSE"),
            (NID_key_usage, "critical,digitalSignature,keyEncipherment"),
            (NID_authority_key_identifier, "keyid"),
        ]
        switch usage {
        case .client: extensions.append((NID_ext_key_usage, "clientAuth"))
        case .server(let names, let addresses):
            extensions.append((NID_ext_key_usage, "serverAuth"))
            let alternatives = names.map { "DNS:" + $0 } + addresses.map { "IP:" + $0 }
            if !alternatives.isEmpty { extensions.append((NID_subject_alt_name, alternatives.joined(separator: ","))) }
        }
        return (try Self.sign(subject, for: key, by: self, days: days, extensions: extensions), key)
    }

    private static func sign(
        _ subject: CertificateSubject, for key: PrivateKey, by authority: CertificateAuthority?, days: Int,
        extensions: [(Int32, String)]
    ) throws -> Certificate {
        guard let made = X509_new() else { throw PKIError.last("allocate a certificate") }
        let certificate = Certificate(owning: made)
        try check(X509_set_version(made, 2), "set a certificate's version")
        try setSerialNumber(of: made)
        X509_gmtime_adj(X509_getm_notBefore(made), -backdatingSeconds)
        X509_gmtime_adj(X509_getm_notAfter(made), days * 86400)
        let name = X509_get_subject_name(made)
        for organization in subject.organizations { try add(organization, as: "O", to: name) }
        try add(subject.commonName, as: "CN", to: name)
        let issuer = authority.map { X509_get_subject_name($0.certificate.certificate) } ?? name
        try check(X509_set_issuer_name(made, issuer), "set a certificate's issuer")
        try check(X509_set_pubkey(made, key.key), "set a certificate's key")

        var context = X509V3_CTX()
        X509V3_set_ctx(&context, authority?.certificate.certificate ?? made, made, nil, nil, 0)
        for (kind, value) in extensions {
            guard let added = X509V3_EXT_conf_nid(nil, &context, kind, value) else {
                throw PKIError.last("make the extension \(value)")
            }
            defer { X509_EXTENSION_free(added) }
            try check(X509_add_ext(made, added, -1), "add the extension \(value)")
        }
        guard X509_sign(made, authority?.key.key ?? key.key, EVP_sha256()) > 0 else {
            throw PKIError.last("sign a certificate")
        }
        return certificate
    }

    private static func add(_ text: String, as field: String, to name: OpaquePointer?) throws {
        let bytes = Array(text.utf8)
        guard let count = Int32(exactly: bytes.count) else {
            throw PKIError(operation: "name a certificate", cause: "the name is too long")
        }
        try check(
            X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, bytes, count, -1, 0), "name a certificate")
    }

    /// A random positive number of 127 bits (RFC 5280 section 4.1.2.2).
    private static func setSerialNumber(of certificate: OpaquePointer) throws {
        var bytes = try Cryptography.randomBytes(16)
        bytes[0] &= 0x7F
        guard let number = BN_bin2bn(bytes, 16, nil) else { throw PKIError.last("make a serial number") }
        defer { BN_free(number) }
        guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil else {
            throw PKIError.last("set a serial number")
        }
    }
}
