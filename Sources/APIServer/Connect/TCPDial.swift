import APIMachinery
import Foundation

/// An attempt to open a TCP connection, for the one thing that is asked of it so far: whether anybody is there.
struct TCPDial {
    /// Why nobody is, in Go's words: `dial tcp 10.0.0.1:10250: connect: connection refused`.
    struct Problem: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    /// How long a host may take to answer (client-go's number).
    static let timeout = Duration.seconds(30)
    private static let pollInterval = Duration.milliseconds(5)

    var host: String
    var port: String

    /// `HOST:PORT`, an IPv6 address in brackets.
    var address: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Returns where the connection was made, which is closed at once.
    func check() async throws {
        guard IPAddress(host) != nil else { throw Problem(description: "dial tcp: lookup \(host): no such host") }
        let socket = try open()
        defer { close(socket) }
        let deadline = ContinuousClock.now + Self.timeout
        while true {
            var poll = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
            if Glibc.poll(&poll, 1, 0) > 0 { return try checkConnected(socket) }
            guard ContinuousClock.now < deadline else { throw problem("i/o timeout") }
            try await Task.sleep(for: Self.pollInterval)
        }
    }

    /// A socket whose connection is on its way.
    private func open() throws -> Int32 {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0, let found else {
            throw Problem(description: "dial tcp: address \(port): invalid port")
        }
        defer { freeaddrinfo(found) }
        let socket = Glibc.socket(
            found.pointee.ai_family, found.pointee.ai_socktype | Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue),
            found.pointee.ai_protocol)
        guard socket >= 0 else { throw problem("socket: " + Self.text(of: errno)) }
        if connect(socket, found.pointee.ai_addr, found.pointee.ai_addrlen) != 0, errno != EINPROGRESS {
            let code = errno
            close(socket)
            throw problem("connect: " + Self.text(of: code))
        }
        return socket
    }

    private func checkConnected(_ socket: Int32) throws {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket, SOL_SOCKET, SO_ERROR, &code, &length)
        if code == ETIMEDOUT { throw problem("connect: connection timed out") }
        if code != 0 { throw problem("connect: " + Self.text(of: code)) }
    }

    private func problem(_ why: String) -> Problem { Problem(description: "dial tcp \(address): \(why)") }

    /// The system's text, as Go has it: in small letters.
    private static func text(of code: Int32) -> String { String(cString: strerror(code)).lowercased() }
}
