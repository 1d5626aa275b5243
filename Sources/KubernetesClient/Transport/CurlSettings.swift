import CCurl

/// What every transfer to a server has in common, and how an easy handle is told.
struct CurlSettings: Sendable {
    let address: ServerAddress
    let limits: CurlTransport.Limits
    private let tls: ClientConfiguration.TLS
    private let proxy: String?
    /// Scheme, authority and path prefix of every URL.
    private let base: String

    init(_ configuration: ClientConfiguration, _ limits: CurlTransport.Limits) throws {
        address = try ServerAddress(configuration.server)
        self.limits = limits
        tls = configuration.tls
        proxy = configuration.proxy
        base = tls.serverName.map(address.named) ?? address.base
    }

    /// Lists that libcurl refers to and does not copy; to be freed after the transfer.
    struct Lists {
        var headers: UnsafeMutablePointer<curl_slist>?
        var connectTo: UnsafeMutablePointer<curl_slist>?

        func free() {
            ccurl_slist_free_all(headers)
            ccurl_slist_free_all(connectTo)
        }
    }

    /// Prepares a handle for a request.
    /// - Throws: where libcurl refuses an option: a certificate or an address that it cannot use.
    func apply(to handle: UnsafeMutableRawPointer, _ request: TransportRequest) throws(TransportError) -> Lists {
        let easy = EasyHandle(handle)
        try easy.set(CURLOPT_URL, base + request.target)
        try easy.set(CURLOPT_NOSIGNAL, 1)
        try easy.set(CURLOPT_CONNECTTIMEOUT_MS, limits.connectTimeout.inMillisecondsRoundedUp)
        if let timeout = request.timeout { try easy.set(CURLOPT_TIMEOUT_MS, max(1, timeout.inMillisecondsRoundedUp)) }
        // HTTP/2 where TLS offers it; requests wait for the first connection to find out, rather than open more.
        try easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
        if address.isSecure { try easy.set(CURLOPT_PIPEWAIT, 1) }
        try applyConnection(easy)
        if address.isSecure { try applyTLS(easy) }
        try applyMethod(easy, request)
        return try applyLists(easy, request)
    }

    private func applyConnection(_ easy: EasyHandle) throws(TransportError) {
        let keepAliveSeconds = max(1, Int(limits.keepAliveInterval.inSeconds))
        try easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        try easy.set(CURLOPT_TCP_KEEPIDLE, keepAliveSeconds)
        try easy.set(CURLOPT_TCP_KEEPINTVL, max(1, keepAliveSeconds / 3))
        if let socket = address.unixSocket {
            try easy.set(CURLOPT_UNIX_SOCKET_PATH, socket)
        } else if let proxy {
            try easy.set(CURLOPT_PROXY, proxy)
        } else if address.isLoopback {
            try easy.set(CURLOPT_NOPROXY, "*")
        }
    }

    private func applyTLS(_ easy: EasyHandle) throws(TransportError) {
        if tls.skipsVerification {
            try easy.set(CURLOPT_SSL_VERIFYPEER, 0)
            try easy.set(CURLOPT_SSL_VERIFYHOST, 0)
        } else if let authorities = tls.certificateAuthorities {
            try easy.set(CURLOPT_CAINFO_BLOB, authorities)
            // These authorities alone, and not the system's beside them.
            try easy.set(CURLOPT_CAPATH, String?.none)
        }
        guard let certificate = tls.certificate, let key = tls.key else { return }
        try easy.set(CURLOPT_SSLCERTTYPE, "PEM")
        try easy.set(CURLOPT_SSLCERT_BLOB, certificate)
        try easy.set(CURLOPT_SSLKEYTYPE, "PEM")
        try easy.set(CURLOPT_SSLKEY_BLOB, key)
    }

    private func applyMethod(_ easy: EasyHandle, _ request: TransportRequest) throws(TransportError) {
        var body = request.body
        switch request.method {
        case .get: try easy.set(CURLOPT_HTTPGET, 1)
        case .head: try easy.set(CURLOPT_NOBODY, 1)
        case .post, .put, .patch: body = body ?? []
        case .delete: break
        }
        if let body { try easy.setRequestBody(body) }
        switch request.method {
        case .head: break
        case .get where body == nil: break
        case .get, .post, .put, .patch, .delete: try easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    private func applyLists(_ easy: EasyHandle, _ request: TransportRequest) throws(TransportError) -> Lists {
        var lists = Lists()
        // No waiting for "100 Continue", and no form's content type where the request has none.
        var headers = ["Expect:"]
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            headers.append("Content-Type:")
        }
        if tls.serverName != nil, address.unixSocket == nil { headers.append("Host: \(address.host):\(address.port)") }
        for header in request.headers {
            // A line's end would begin a header of its own.
            guard !(header.name + header.value).utf8.contains(where: { $0 == 10 || $0 == 13 || $0 == 0 }) else {
                lists.free()
                throw TransportError(.invalidRequest, "the header \(header.name) has a line's end in it")
            }
            headers.append(header.value.isEmpty ? header.name + ";" : header.name + ": " + header.value)
        }
        for header in headers { lists.headers = ccurl_slist_append(lists.headers, header) }
        do throws(TransportError) {
            try easy.set(CURLOPT_HTTPHEADER, lists.headers)
            if let name = tls.serverName, address.unixSocket == nil {
                lists.connectTo = ccurl_slist_append(nil, "\(name):\(address.port):\(address.host):\(address.port)")
                try easy.set(CURLOPT_CONNECT_TO, lists.connectTo)
            }
        } catch {
            lists.free()
            throw error
        }
        return lists
    }
}

/// libcurl's options with Swift's types, and errors for its codes.
struct EasyHandle {
    private let handle: UnsafeMutableRawPointer

    init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }

    func set(_ option: CURLoption, _ value: Int) throws(TransportError) {
        try check(ccurl_set_long(handle, option, value), option)
    }

    func set(_ option: CURLoption, _ value: String?) throws(TransportError) {
        try check(ccurl_set_string(handle, option, value), option)
    }

    func set(_ option: CURLoption, _ value: [UInt8]) throws(TransportError) {
        let code = value.withUnsafeBytes { ccurl_set_blob(handle, option, $0.baseAddress, $0.count) }
        try check(code, option)
    }

    func set(_ option: CURLoption, _ value: UnsafeMutablePointer<curl_slist>?) throws(TransportError) {
        try check(ccurl_set_list(handle, option, value), option)
    }

    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) throws(TransportError) {
        try check(ccurl_set_pointer(handle, option, pointer), option)
    }

    /// libcurl copies the bytes, so that it can send them again on a new connection.
    func setRequestBody(_ body: [UInt8]) throws(TransportError) {
        try check(ccurl_set_offset(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)), CURLOPT_POSTFIELDS)
        let code =
            body.isEmpty
            ? ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, "")
            : body.withUnsafeBytes {
                ccurl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: $0.baseAddress))
            }
        try check(code, CURLOPT_COPYPOSTFIELDS)
    }

    private func check(_ code: CURLcode, _ option: CURLoption) throws(TransportError) {
        guard code != CURLE_OK else { return }
        throw TransportError(
            .invalidRequest, "libcurl refused option \(option.rawValue): \(String(cString: ccurl_easy_strerror(code)))")
    }
}

extension TransportError {
    /// - Parameter detail: what libcurl wrote about this failure; may be empty.
    init(curl code: CURLcode, detail: String) {
        let text = detail.isEmpty ? String(cString: ccurl_easy_strerror(code)) : detail
        self.init(Self.meaning(code), text)
    }

    private static func meaning(_ code: CURLcode) -> Code {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_FUNCTION_ARGUMENT: .invalidRequest
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .cannotResolve
        case CURLE_COULDNT_CONNECT, CURLE_PROXY: .cannotConnect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_CLIENTCERT:
            .insecure
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM, CURLE_SSL_SHUTDOWN_FAILED:
            .connectionLost
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .invalidAnswer
        default: .other
        }
    }
}
