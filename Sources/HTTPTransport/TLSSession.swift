import COpenSSL
import Glibc

/// One connection's TLS, fed and drained through a BIO of our own: records are read from the reactor's input buffer
/// and written to the connection's wire buffer, with no buffers between. Confined to the reactor.
final class TLSSession {
    enum Failure: Error { case handshake, broken }

    private let ssl: OpaquePointer
    private let context: TLSContext
    private(set) var isEstablished = false
    /// The peer said that it will send no more.
    private(set) var hasPeerClosed = false

    // What the BIO reads from, during `receive`.
    fileprivate var input = UnsafeRawBufferPointer(start: nil, count: 0)
    /// Where the BIO writes to.
    fileprivate let output: (UnsafeRawPointer, Int) -> Void

    /// - Parameter output: takes enciphered bytes; called within this type's methods.
    init?(context: TLSContext, output: @escaping (UnsafeRawPointer, Int) -> Void) {
        guard let ssl = SSL_new(context.handle) else { return nil }
        guard let bio = BIO_new(TLSSession.bioMethod) else {
            SSL_free(ssl)
            return nil
        }
        self.ssl = ssl
        self.context = context
        self.output = output
        BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        BIO_set_init(bio, 1)
        SSL_set_bio(ssl, bio, bio)
        SSL_set_accept_state(ssl)
    }

    deinit { SSL_free(ssl) }

    /// Whether ALPN agreed on h2.
    var isHTTP2: Bool {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &name, &length)
        guard let name else { return false }
        return UnsafeBufferPointer(start: name, count: Int(length)).elementsEqual("h2".utf8)
    }

    /// The peer's certificate (DER) where it verified.
    var verifiedCertificate: [UInt8]? {
        guard context.verifiesClients, SSL_get_verify_result(ssl) == Int(X509_V_OK),
            let certificate = SSL_get0_peer_certificate(ssl)
        else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = i2d_X509(certificate, &bytes)
        guard count > 0, let bytes else { return nil }
        defer { CRYPTO_free(bytes, nil, 0) }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    /// Deciphers what a socket gave, handing on the plaintext in pieces through `buffer`.
    ///
    /// All of `bytes` is taken. `established` is called once, before any plaintext.
    func receive(
        _ bytes: UnsafeRawBufferPointer, buffer: UnsafeMutableRawBufferPointer, established: () -> Void,
        deliver: (UnsafeRawBufferPointer) -> Void
    ) throws(Failure) {
        input = bytes
        defer { input = UnsafeRawBufferPointer(start: nil, count: 0) }
        if !isEstablished {
            guard try handshake() else { return }
            isEstablished = true
            established()
        }
        var filled = 0
        // What reads well leaves no error, and what fails ends the loop.
        ERR_clear_error()
        while !hasPeerClosed {
            let outcome = read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]))
            if case .bytes(let count) = outcome { filled += count }
            if filled == buffer.count || outcome.isLast, filled > 0 {
                deliver(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
                filled = 0
            }
            switch outcome {
            case .bytes: continue
            case .wantsMore: return
            case .closed: hasPeerClosed = true
            case .failed: throw .broken
            }
        }
    }

    /// Enciphers plaintext, a record for each 16 KiB.
    func send(_ bytes: UnsafeRawPointer, count: Int) throws(Failure) {
        var sent = 0
        while sent < count {
            var written = 0
            ERR_clear_error()
            guard SSL_write_ex(ssl, bytes + sent, count - sent, &written) == 1 else { throw .broken }
            sent += written
        }
    }

    /// Tells the peer that no more comes.
    func close() {
        ERR_clear_error()
        SSL_shutdown(ssl)
    }

    private func handshake() throws(Failure) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 { return true }
        guard SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else { throw .handshake }
        return false
    }

    private enum ReadOutcome {
        case bytes(Int)
        case wantsMore, closed, failed

        var isLast: Bool { if case .bytes = self { false } else { true } }
    }

    private func read(into buffer: UnsafeMutableRawBufferPointer) -> ReadOutcome {
        var count = 0
        let result = SSL_read_ex(ssl, buffer.baseAddress, buffer.count, &count)
        if result == 1 { return .bytes(count) }
        switch SSL_get_error(ssl, result) {
        case SSL_ERROR_WANT_READ: return .wantsMore
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: return .failed
        }
    }

    // MARK: The BIO

    // Written once, then only read.
    nonisolated(unsafe) private static let bioMethod: OpaquePointer? = {
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "martlet") else { return nil }
        BIO_meth_set_read(method) { bio, bytes, count in
            guard let bytes, count > 0, let session = TLSSession.of(bio) else { return -1 }
            martlet_BIO_clear_retry_flags(bio)
            let taken = min(Int(count), session.input.count)
            guard taken > 0, let start = session.input.baseAddress else {
                martlet_BIO_set_retry_read(bio)
                return -1
            }
            memcpy(bytes, start, taken)
            session.input = UnsafeRawBufferPointer(rebasing: session.input[taken...])
            return Int32(taken)
        }
        BIO_meth_set_write(method) { bio, bytes, count in
            guard let bytes, count > 0, let session = TLSSession.of(bio) else { return -1 }
            martlet_BIO_clear_retry_flags(bio)
            session.output(bytes, Int(count))
            return count
        }
        BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return method
    }()

    private static func of(_ bio: OpaquePointer?) -> TLSSession? {
        guard let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<TLSSession>.fromOpaque(data).takeUnretainedValue()
    }
}
