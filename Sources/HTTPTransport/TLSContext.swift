import COpenSSL

/// A server's TLS settings, made once and shared by its connections.
// Unchecked: an SSL_CTX counts its references atomically and is only read after `init`.
final class TLSContext: @unchecked Sendable {
    let handle: OpaquePointer
    let verifiesClients: Bool

    init(_ configuration: TLSConfiguration) throws {
        guard let handle = SSL_CTX_new(TLS_server_method()) else { throw Self.failure("cannot make a TLS context") }
        self.handle = handle
        verifiesClients = configuration.clientAuthorities != nil
        setProtocol()
        try use(certificateChain: configuration.certificateChain, privateKey: configuration.privateKey)
        if let authorities = configuration.clientAuthorities { try verifyClients(against: authorities) }
    }

    deinit { SSL_CTX_free(handle) }

    private func setProtocol() {
        _ = martlet_SSL_CTX_set_min_proto_version(handle, TLS1_2_VERSION)
        martlet_SSL_CTX_set_server_options(handle)
        // The chain is what the configuration says. Built from the trusted authorities instead, it would cost each
        // handshake a verification.
        _ = martlet_SSL_CTX_set_mode(handle, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN))
        // One buffer takes all the small records that came together, instead of one after the other.
        martlet_SSL_CTX_set_read_ahead(handle)
        // Tickets resume sessions; a cache would keep memory a client. The ticket also acknowledges the end of the
        // handshake at once: a client that collects small packets (Nagle's algorithm) would wait 40 ms with its request.
        _ = martlet_SSL_CTX_set_session_cache_mode(handle, Int(SSL_SESS_CACHE_OFF))
        SSL_CTX_set_num_tickets(handle, 1)
        let identity = Array("martlet".utf8)
        SSL_CTX_set_session_id_context(handle, identity, UInt32(identity.count))
        // What RFC 9113 (section 9.2.2) leaves of TLS 1.2.
        SSL_CTX_set_cipher_list(handle, "ECDHE+AESGCM:ECDHE+CHACHA20")
        // The server's order, cheapest first; a client without AES in hardware says so by its own order.
        SSL_CTX_set_ciphersuites(
            handle, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256")
        SSL_CTX_set_alpn_select_cb(
            handle,
            { _, selected, length, offered, offeredLength, _ in
                TLSContext.selectProtocol(selected, length, offered, offeredLength)
            }, nil)
    }

    private static let protocols: [UInt8] = [2] + Array("h2".utf8) + [8] + Array("http/1.1".utf8)

    private static func selectProtocol(
        _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?, _ length: UnsafeMutablePointer<UInt8>?,
        _ offered: UnsafePointer<UInt8>?, _ offeredLength: UInt32
    ) -> Int32 {
        guard let selected, let length, let offered else { return SSL_TLSEXT_ERR_NOACK }
        var offset = 0
        var hasHTTP1: UnsafePointer<UInt8>?
        // The client's list is its own; the server prefers h2.
        while offset < Int(offeredLength) {
            let count = Int(offered[offset])
            guard offset + 1 + count <= Int(offeredLength) else { break }
            let name = UnsafeBufferPointer(start: offered + offset + 1, count: count)
            if name.elementsEqual("h2".utf8) {
                selected.pointee = name.baseAddress
                length.pointee = 2
                return SSL_TLSEXT_ERR_OK
            }
            if name.elementsEqual("http/1.1".utf8) { hasHTTP1 = name.baseAddress }
            offset += 1 + count
        }
        guard let hasHTTP1 else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        selected.pointee = hasHTTP1
        length.pointee = 8
        return SSL_TLSEXT_ERR_OK
    }

    private func use(certificateChain: [UInt8], privateKey: [UInt8]) throws {
        let certificates = try Self.certificates(in: certificateChain)
        defer { for certificate in certificates { X509_free(certificate) } }
        guard let leaf = certificates.first, SSL_CTX_use_certificate(handle, leaf) == 1 else {
            throw Self.failure("cannot use the server's certificate")
        }
        for intermediate in certificates.dropFirst() {
            X509_up_ref(intermediate)
            guard martlet_SSL_CTX_add0_chain_cert(handle, intermediate) == 1 else {
                X509_free(intermediate)
                throw Self.failure("cannot use an intermediate certificate")
            }
        }
        let key = Self.withBIO(privateKey) { PEM_read_bio_PrivateKey($0, nil, { _, _, _, _ in -1 }, nil) }
        guard let key else { throw Self.failure("cannot read the server's private key") }
        defer { EVP_PKEY_free(key) }
        guard SSL_CTX_use_PrivateKey(handle, key) == 1, SSL_CTX_check_private_key(handle) == 1 else {
            throw Self.failure("the server's private key does not fit its certificate")
        }
    }

    /// Asks for a certificate, and lets the handshake go on whatever comes; the result is read after it.
    private func verifyClients(against authorities: [UInt8]) throws {
        let certificates = try Self.certificates(in: authorities)
        defer { for certificate in certificates { X509_free(certificate) } }
        guard !certificates.isEmpty else { throw Self.failure("no certificate among the client authorities") }
        let store = SSL_CTX_get_cert_store(handle)
        for certificate in certificates {
            guard X509_STORE_add_cert(store, certificate) == 1, SSL_CTX_add_client_CA(handle, certificate) == 1 else {
                throw Self.failure("cannot use a client authority")
            }
        }
        SSL_CTX_set_verify(handle, SSL_VERIFY_PEER, nil)
        SSL_CTX_set_cert_verify_callback(
            handle,
            { context, _ in
                if X509_verify_cert(context) != 1, X509_STORE_CTX_get_error(context) == X509_V_OK {
                    X509_STORE_CTX_set_error(context, X509_V_ERR_UNSPECIFIED)
                }
                return 1
            }, nil)
    }

    private static func certificates(in pem: [UInt8]) throws -> [OpaquePointer] {
        let certificates = withBIO(pem) { bio in
            var found: [OpaquePointer] = []
            while let next = PEM_read_bio_X509(bio, nil, nil, nil) { found.append(next) }
            return found
        }
        // The end of the text is an error to PEM_read_bio; anything else is one to us.
        let error = ERR_peek_last_error()
        if error != 0, martlet_ERR_GET_REASON(error) != PEM_R_NO_START_LINE {
            for certificate in certificates { X509_free(certificate) }
            throw failure("cannot read a certificate")
        }
        ERR_clear_error()
        return certificates
    }

    private static func withBIO<Result>(_ bytes: [UInt8], _ body: (OpaquePointer?) -> Result) -> Result {
        ERR_clear_error()
        return bytes.withUnsafeBytes { buffer in
            let bio = BIO_new_mem_buf(buffer.baseAddress, Int32(clamping: buffer.count))
            defer { BIO_free(bio) }
            return body(bio)
        }
    }

    private static func failure(_ message: String) -> HTTPServerError {
        var text = [CChar](repeating: 0, count: 256)
        let error = ERR_get_error()
        guard error != 0 else { return HTTPServerError(code: .tls, message: message) }
        ERR_error_string_n(error, &text, text.count)
        ERR_clear_error()
        let reason = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return HTTPServerError(code: .tls, message: "\(message): \(reason)")
    }
}
