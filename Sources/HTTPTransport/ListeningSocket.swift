import CNGHTTP2
import Glibc

/// A socket that accepts connections, on a reactor.
// Unchecked: `watch` is confined to the reactor, `reactor` is set by `start` before anything else is called.
final class ListeningSocket: @unchecked Sendable {
    /// What a client connects to.
    let address: String
    private let descriptor: Int32
    private let isTLS: Bool
    private let path: String?
    private var reactor: Reactor?
    private var watch: SocketWatch?

    private static let backlog: Int32 = 1024
    private static let acceptedFlags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    private static let maximumAcceptsPerEvent = 64
    /// How long to wait when the process is out of descriptors.
    private static let exhaustionPause = Duration.milliseconds(100)

    init(_ listener: HTTPServerConfiguration.Listener) throws {
        isTLS = listener.isTLS
        switch listener.address {
        case .internet(let host, let port):
            path = nil
            descriptor = try SocketAddress(host: host, port: port).listen(backlog: Self.backlog)
            address = SocketAddress.local(of: descriptor)
        case .unix(let path):
            self.path = path
            descriptor = try SocketAddress(path: path).listen(backlog: Self.backlog, replacing: path)
            address = path
        }
    }

    func start(_ core: ServerCore, on reactor: Reactor) {
        self.reactor = reactor
        reactor.perform { [self] in
            watch = SocketWatch(
                descriptor: descriptor, reactor: reactor, onReadable: { [unowned self] in accept(core) },
                onWritable: {})
        }
    }

    func close() {
        if let path { unlink(path) }
        // Connections that wait in the backlog are refused now, not when the reactor gets to it.
        shutdown(descriptor, Int32(SHUT_RDWR))
        guard let reactor else {
            Glibc.close(descriptor)
            return
        }
        reactor.perform { [self] in
            watch?.close()
            watch = nil
        }
    }

    private func accept(_ core: ServerCore) {
        for _ in 0..<Self.maximumAcceptsPerEvent {
            let (accepted, peer) = SocketAddress.read {
                martlet_accept4(descriptor, $0, $1, Self.acceptedFlags)
            }
            if accepted >= 0 {
                core.adopt(descriptor: accepted, isTLS: isTLS, address: peer)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return pause()
            default: return
            }
        }
    }

    private func pause() {
        watch?.setReading(false)
        _ = reactor?.schedule(after: Self.exhaustionPause) { [self] in self.watch?.setReading(true) }
    }
}

/// A `sockaddr` of any family.
struct SocketAddress {
    private var storage: [UInt8]
    private let family: Int32
    private let text: String

    /// A literal IPv4 or IPv6 address.
    init(host: String, port: UInt16) throws {
        text = "\(host):\(port)"
        var four = sockaddr_in()
        var six = sockaddr_in6()
        if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
            family = AF_INET
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            storage = withUnsafeBytes(of: four, Array.init)
        } else if inet_pton(AF_INET6, host, &six.sin6_addr) == 1 {
            family = AF_INET6
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            storage = withUnsafeBytes(of: six, Array.init)
        } else {
            throw HTTPServerError(code: .address, message: "\(host) is not an IPv4 or IPv6 address")
        }
    }

    init(path: String) throws {
        text = path
        family = AF_UNIX
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw HTTPServerError(code: .address, message: "\(path) is too long for a Unix socket, or empty")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        storage = withUnsafeBytes(of: address, Array.init)
    }

    /// Opens a non-blocking socket that listens here.
    ///
    /// - Parameter path: of a Unix socket, whose file is removed first where nobody listens on it.
    func listen(backlog: Int32, replacing path: String? = nil) throws -> Int32 {
        if let path { try removeStaleSocket(path) }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, type, 0)
        guard descriptor >= 0 else { throw failure("cannot make a socket for") }
        if family != AF_UNIX { Self.setOptions(descriptor) }
        guard bindSocket(descriptor) == 0, path.map({ chmod($0, 0o600) }) ?? 0 == 0,
            Glibc.listen(descriptor, backlog) == 0
        else {
            defer { Glibc.close(descriptor) }
            throw failure("cannot listen on")
        }
        return descriptor
    }

    private func bindSocket(_ descriptor: Int32) -> Int32 {
        withSockaddr { bind(descriptor, $0, $1) }
    }

    private func withSockaddr(_ body: (UnsafePointer<sockaddr>?, socklen_t) -> Int32) -> Int32 {
        storage.withUnsafeBytes { body($0.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t($0.count)) }
    }

    private func removeStaleSocket(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { return }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw failure("cannot make a socket for") }
        defer { Glibc.close(probe) }
        if withSockaddr({ connect(probe, $0, $1) }) == 0 {
            throw HTTPServerError(code: .address, message: "cannot listen on \(text): a server listens on it")
        }
        unlink(path)
    }

    private func failure(_ what: String) -> HTTPServerError {
        HTTPServerError(code: .address, message: "\(what) \(text): \(String(cString: strerror(errno)))")
    }

    // MARK: Of open sockets

    static func local(of descriptor: Int32) -> String { read { getsockname(descriptor, $0, $1) }.text }

    /// What a system call that fills in an address returns, and that address; an empty text where there is none, as of
    /// a Unix socket's peer.
    static func read(
        _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> (result: Int32, text: String) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let result = call(address, &length)
                return (result, result < 0 ? "" : describe(address, length))
            }
        }
    }

    private static func describe(_ address: UnsafePointer<sockaddr>, _ length: socklen_t) -> String {
        guard address.pointee.sa_family != AF_UNIX else { return "" }
        var host = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN) + Int(IF_NAMESIZE))
        var port = [CChar](repeating: 0, count: 8)
        let result = getnameinfo(
            address, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
            NI_NUMERICHOST | NI_NUMERICSERV)
        guard result == 0 else { return "" }
        let hostText = text(host)
        return (hostText.contains(":") ? "[\(hostText)]" : hostText) + ":" + text(port)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// What accepted sockets inherit (`tcp(7)`): small answers go out at once, and a peer that vanished is noticed.
    private static func setOptions(_ descriptor: Int32) {
        set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL, 15)
        set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, 4)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}
