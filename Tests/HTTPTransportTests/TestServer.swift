import Foundation
import Glibc
import HTTPTransport
import PKI
import Synchronization
import TestTraits

/// A server with the handler below, on a free loopback port in clear text, one over TLS, and a Unix socket.
struct TestServer {
    let server: HTTPServer
    let handler: TestHandler
    let clearPort: UInt16
    let tlsPort: UInt16
    let directory: String

    var socketPath: String { directory + "/server.sock" }

    /// Runs `body` against a server, then shuts it down.
    static func run(
        limits: HTTPServerLimits = HTTPServerLimits(), _ body: (TestServer) async throws -> Void
    ) async throws {
        let server = try TestServer(limits: limits)
        do { try await withTaskExecutorPreference(BlockingExecutor.shared) { try await body(server) } } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private init(limits: HTTPServerLimits) throws {
        directory = NSTemporaryDirectory() + "martlet-transport-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let authority = try CertificateAuthority(commonName: "test-ca")
        let stranger = try CertificateAuthority(commonName: "stranger-ca")
        let identity = try authority.issue(
            CertificateSubject(commonName: "server"), for: .server(names: ["localhost"], addresses: ["127.0.0.1"]))
        for (name, signer) in [("client", authority), ("stranger", stranger)] {
            let issued = try signer.issue(
                CertificateSubject(commonName: name, organizations: ["testers"]), for: .client)
            try Data(issued.certificate.pem() + issued.key.pem()).write(
                to: URL(fileURLWithPath: "\(directory)/\(name).pem"))
        }
        try Data(authority.certificate.pem()).write(to: URL(fileURLWithPath: directory + "/ca.pem"))
        handler = TestHandler()
        server = HTTPServer(
            configuration: HTTPServerConfiguration(
                listeners: [
                    .http(host: "127.0.0.1", port: 0), .https(host: "127.0.0.1", port: 0),
                    .unix(path: directory + "/server.sock"),
                ],
                tls: TLSConfiguration(
                    certificateChain: try identity.certificate.pem(), privateKey: try identity.key.pem(),
                    clientAuthorities: try authority.certificate.pem()),
                reactorCount: 2, limits: limits),
            handler: handler)
        let ports = try server.start().map { UInt16($0.split(separator: ":").last ?? "") ?? 0 }
        clearPort = ports[0]
        tlsPort = ports[1]
    }

    private func stop() async {
        await server.shutDown(grace: .milliseconds(50))
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Runs curl; what it printed on standard output.
    func curl(_ arguments: String...) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
        process.arguments = ["-sS", "--max-time", "10", "--cacert", directory + "/ca.pem"] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    var clear: String { "http://127.0.0.1:\(clearPort)" }
    var tls: String { "https://localhost:\(tlsPort)" }

    /// Waits until `condition` holds; tells whether it did in time.
    func eventually(within seconds: Double = 60, _ condition: () -> Bool) async throws -> Bool {
        let deadline = Date().addingTimeInterval(seconds)
        while !condition() {
            guard Date() < deadline else { return false }
            try await Task.sleep(for: .milliseconds(5))
        }
        return true
    }
}

/// Answers by path.
final class TestHandler: HTTPHandler {
    struct Seen: Sendable {
        var cancelled = 0
        var closed = 0
        var shutDown = 0
        var streams: [HTTPResponseStream] = []
        var reactors: [Reactor] = []
    }
    let seen = Mutex(Seen())

    func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) async {
        switch request.path {
        case "/hello": answer(exchange, "hello \(request.query ?? "-")")
        case "/who":
            let subject = request.peer.verifiedCertificate.flatMap { try? CertificateSubject(der: $0) }
            answer(exchange, "\(request.version) \(request.peer.isTLS) \(subject?.commonName ?? "anonymous")")
        case "/echo": await echo(request, exchange)
        case "/early": answer(exchange, "early", status: 403)
        case "/big":
            exchange.respond(
                status: 200, headers: ["content-type": "text/plain"],
                body: ByteSegments([UInt8](repeating: 0x61, count: 1_000_000)), compression: .gzipWhenLarge)
        case "/none": return
        case "/elsewhere":
            await withCheckedContinuation { continuation in
                DispatchQueue.global().async {
                    self.answer(exchange, "elsewhere")
                    continuation.resume()
                }
            }
        case "/hang":
            try? await Task.sleep(for: .seconds(60))
            seen.withLock { $0.cancelled += Task.isCancelled ? 1 : 0 }
        case "/count":
            let stream = exchange.start(status: 200, headers: ["content-type": "text/plain"])
            for number in 0..<100 {
                stream.write(ByteSegments(Array("\(number)\n".utf8)))
                if number % 10 == 0 { await Task.yield() }
            }
            stream.finish()
        case "/watch": watch(exchange)
        case "/flood": await flood(exchange)
        default: answer(exchange, "no such path", status: 404)
        }
    }

    private func answer(_ exchange: HTTPExchange, _ text: String, status: Int = 200) {
        exchange.respond(
            status: status, headers: ["content-type": "text/plain"], body: ByteSegments(Array(text.utf8)))
    }

    private func echo(_ request: HTTPRequest, _ exchange: HTTPExchange) async {
        do throws(HTTPBodyError) {
            let body = try await request.body.collect(upTo: 3 << 20)
            exchange.respond(status: 200, headers: [:], body: ByteSegments(body))
        } catch {
            answer(exchange, "\(error)", status: 413)
        }
    }

    private func watch(_ exchange: HTTPExchange) {
        let stream = exchange.start(status: 200, headers: ["content-type": "text/plain"])
        stream.onClose = { self.seen.withLock { $0.closed += 1 } }
        stream.onShutdown = {
            self.seen.withLock { $0.shutDown += 1 }
            stream.write(ByteSegments(Array("bye\n".utf8)))
            stream.finish()
        }
        stream.write(ByteSegments(Array("begin\n".utf8)))
        seen.withLock {
            $0.streams.append(stream)
            $0.reactors.append(exchange.reactor)
        }
    }

    /// Writes for ever, without regard to the reader.
    private func flood(_ exchange: HTTPExchange) async {
        let stream = exchange.start(status: 200, headers: [:])
        stream.onClose = { self.seen.withLock { $0.closed += 1 } }
        let part = ByteSegments([UInt8](repeating: 0x61, count: 64 * 1024))
        while !stream.isClosed {
            stream.write(part)
            await Task.yield()
        }
    }
}

/// A blocking socket for bytes that no client library would send.
final class RawClient {
    private let descriptor: Int32

    init(port: UInt16, receiveBufferBytes: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBufferBytes { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            Glibc.close(descriptor)
            throw POSIXError(.ECONNREFUSED)
        }
    }

    deinit { Glibc.close(descriptor) }

    func send(_ text: String) { send(Array(text.utf8)) }

    /// What the peer no longer takes is lost.
    func send(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return }
            rest = rest.dropFirst(sent)
        }
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next bytes; `nil` at the end, or where none come for 5 seconds.
    func receive(upTo count: Int = 65536) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        let received = recv(descriptor, &buffer, count, 0)
        return received > 0 ? Array(buffer[..<received]) : nil
    }

    /// Reads until the text has `ending`, or to the end.
    func receive(until ending: String) -> String {
        var text = ""
        while !text.contains(ending), let bytes = receive() { text += String(decoding: bytes, as: UTF8.self) }
        return text
    }

    func receiveToEnd() -> [UInt8] {
        var all: [UInt8] = []
        while let bytes = receive() { all += bytes }
        return all
    }
}
