import COpenSSL

/// A request for a certificate (PKCS #10).
public struct CertificateRequest: Sendable {
    /// Whom the certificate is to name.
    public let subject: CertificateSubject
    /// Whether whoever made the request has the private key to the public one in it.
    public let isSignedByItsKey: Bool

    public init(der: [UInt8]) throws {
        guard let parsed = DER.parsed(der, { d2i_X509_REQ(nil, $0, $1) }) else {
            throw PKIError.last("read a certificate request")
        }
        defer { X509_REQ_free(parsed) }
        guard let key = X509_REQ_get0_pubkey(parsed) else { throw PKIError.last("read a certificate request") }
        subject = CertificateSubject(X509_REQ_get_subject_name(parsed))
        isSignedByItsKey = X509_REQ_verify(parsed, key) == 1
        ERR_clear_error()
    }
}
