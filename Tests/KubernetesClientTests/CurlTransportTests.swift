import Foundation
import KubernetesClient
import Synchronization
import TestTraits
import Testing

/// libcurl over real sockets, against Python's HTTP server.
@Suite(.ownThreads) struct CurlTransportTests {
    private static func get(_ target: String, timeout: Duration? = .seconds(20)) -> TransportRequest {
        TransportRequest(method: .get, target: target, timeout: timeout)
    }

    @Test func sendsAndReceives() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        for method in [TransportRequest.Method.post, .put, .patch, .delete] {
            let request = TransportRequest(
                method: method, target: "/echo?a=b", headers: [TransportHeader("X-Test", "one")],
                body: Array("hello".utf8), timeout: .seconds(20))
            let response = try await transport.send(request)
            #expect(response.status == 200)
            #expect(response.header("x-method") == method.rawValue)
            #expect(response.header("x-path") == "/echo?a=b")
            #expect(response.header("x-seen") == "one")
            #expect(try await response.body.collect(limit: 100) == Array("hello".utf8))
        }
        let response = try await transport.send(Self.get("/status/404"))
        #expect(response.status == 404)
    }

    @Test func usesAConnectionAgain() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        var ports: Set<String> = []
        for _ in 0..<5 {
            let response = try await transport.send(Self.get("/echo"))
            ports.insert(response.header("x-client-port") ?? "")
            _ = try await response.body.collect(limit: 100)
        }
        #expect(ports.count == 1)
    }

    @Test func streamsWhileTheAnswerArrives() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        let response = try await transport.send(Self.get("/stream/s1"))
        var body = response.body.makeAsyncIterator()
        for word in ["one", "two", "three"] {
            // The server sends a word only when it is told to: what came before has been read by then.
            _ = try await transport.send(Self.get("/push/s1/" + word)).body.collect(limit: 100)
            #expect(try await body.next() == Array(word.utf8))
        }
        _ = try await transport.send(Self.get("/push/s1/END")).body.collect(limit: 100)
        #expect(try await body.next() == nil)
    }

    @Test func endsAWaitingReadOnCancellation() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        let hasHead = Mutex(false)
        let task = Task {
            let response = try await transport.send(Self.get("/stream/s2"))
            hasHead.withLock { $0 = true }
            return try await response.body.collect(limit: 100)
        }
        await eventually("the head arrives") { hasHead.withLock { $0 } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        // The server notices: the connection of the cancelled transfer is closed.
        await eventually("the server sees the end of the stream") {
            let answer = try? await transport.send(Self.get("/push/s2/x")).body.collect(limit: 100)
            return answer == Array("gone".utf8)
        }
    }

    @Test func endsAWaitForAnAnswerOnCancellation() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        let task = Task { try await transport.send(Self.get("/never")) }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test func endsATransferWhenItsBodyIsDropped() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        func open() async throws { _ = try await transport.send(Self.get("/stream/s3")) }
        try await open()
        await eventually("the server sees the end of the stream") {
            let answer = try? await transport.send(Self.get("/push/s3/x")).body.collect(limit: 100)
            return answer == Array("gone".utf8)
        }
    }

    @Test func keepsToItsTimeout() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        let error = await #expect(throws: TransportError.self) {
            _ = try await transport.send(Self.get("/never", timeout: .milliseconds(100)))
        }
        #expect(error?.code == .timeout)
    }

    @Test func tellsWhatWentWrong() async throws {
        let nobody = try CurlTransport(ClientConfiguration(server: "http://127.0.0.1:1"))
        var error = await #expect(throws: TransportError.self) { _ = try await nobody.send(Self.get("/")) }
        #expect(error?.code == .cannotConnect)
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        error = await #expect(throws: TransportError.self) {
            _ = try await transport.send(Self.get("/broken")).body.collect(limit: 1000)
        }
        #expect(error?.code == .connectionLost)
        error = await #expect(throws: TransportError.self) {
            _ = try await transport.send(Self.get("/bytes/1000")).body.collect(limit: 999)
        }
        #expect(error?.code == .tooLarge)
        let injected = TransportRequest(method: .get, target: "/echo", headers: [TransportHeader("A", "b\r\nC: d")])
        error = await #expect(throws: TransportError.self) { _ = try await transport.send(injected) }
        #expect(error?.code == .invalidRequest)
    }

    @Test func sendsAgainWhatChangesNothing() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        #expect(try await transport.send(Self.get("/flaky/a")).status == 200)
        let fresh = try CurlTransport(ClientConfiguration(server: server.address))
        let error = await #expect(throws: TransportError.self) {
            _ = try await fresh.send(TransportRequest(method: .post, target: "/flaky/b", timeout: .seconds(20)))
        }
        #expect(error?.code == .connectionLost)
    }

    @Test func carriesManyTransfersAtOnce() async throws {
        let server = try await PythonServer.start()
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        let lengths = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 1...100 {
                group.addTask {
                    try await transport.send(Self.get("/bytes/\(number * 100)")).body.collect(limit: 1 << 20).count
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(lengths.sorted() == (1...100).map { $0 * 100 })
    }

    @Test func holdsTheServerBackWhenTheReaderIsSlow() async throws {
        let server = try await PythonServer.start()
        var limits = CurlTransport.Limits()
        limits.maximumBufferedBytes = 64 << 10
        let transport = try CurlTransport(ClientConfiguration(server: server.address), limits: limits)
        let size = 64 << 20
        let response = try await transport.send(Self.get("/bytes/\(size)?progress=p1", timeout: nil))
        var body = response.body.makeAsyncIterator()
        var received = try await body.next()?.count ?? 0
        func sent() async throws -> Int {
            let bytes = try await transport.send(Self.get("/progress/p1")).body.collect(limit: 100)
            return Int(String(decoding: bytes, as: UTF8.self)) ?? 0
        }
        // Stands still well before the end: the sockets' buffers are full and nobody reads.
        var last = -1
        await eventually("the server stands still") {
            try? await Task.sleep(for: .milliseconds(50))
            guard let now = try? await sent(), now > 0 else { return false }
            defer { last = now }
            return now == last
        }
        #expect(last < size / 2)
        while let piece = try await body.next() {
            #expect(piece.count <= 2 * limits.maximumBufferedBytes)
            received += piece.count
        }
        #expect(received == size)
    }

    @Test func outlivesItsOwnerWhileAnAnswerIsRead() async throws {
        let server = try await PythonServer.start()
        func open() async throws -> TransportResponse {
            try await CurlTransport(ClientConfiguration(server: server.address)).send(Self.get("/bytes/5000000"))
        }
        #expect(try await open().body.collect(limit: 5_000_000).count == 5_000_000)
    }

    @Test func reachesAUnixSocket() async throws {
        let directory = try TemporaryDirectory()
        let server = try await PythonServer.start(socket: directory.path + "/s")
        let transport = try CurlTransport(ClientConfiguration(server: server.address))
        #expect(try await transport.send(Self.get("/echo")).status == 200)
    }

    @Test(arguments: ["ftp://x", "http://", "http://h:x", "http://h:0", "https+unix://relative", "http://u@h"])
    func refusesAddresses(server: String) {
        #expect(throws: TransportError.self) { try CurlTransport(ClientConfiguration(server: server)) }
    }

    @Test func trustsWhatItIsToldTo() async throws {
        let directory = try TemporaryDirectory()
        try PythonServer.makeCertificate(in: directory, name: "server.test")
        let server = try await PythonServer.start(certificate: directory.path)
        let authority = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory.path + "/cert.pem")))
        func status(_ tls: ClientConfiguration.TLS) async throws -> Int {
            try await CurlTransport(ClientConfiguration(server: server.address, tls: tls)).send(Self.get("/echo"))
                .status
        }
        #expect(try await status(.init(certificateAuthorities: authority, serverName: "server.test")) == 200)
        #expect(try await status(.init(skipsVerification: true)) == 200)
        for tls in [
            ClientConfiguration.TLS(), .init(certificateAuthorities: authority),
            .init(certificateAuthorities: authority, serverName: "other.test"),
        ] {
            let error = await #expect(throws: TransportError.self) { try await status(tls) }
            #expect(error?.code == .insecure)
        }
    }
}

/// A Python HTTP server for the length of a test.
final class PythonServer: Sendable {
    private final class Child: @unchecked Sendable {
        // Touched by `start` and, when the last reference is gone, by `deinit`.
        let process = Process()
        /// The server ends when this is closed, however the test ends.
        let input = Pipe()

        deinit { try? input.fileHandleForWriting.close() }
    }

    let address: String
    private let child: Child

    private init(address: String, child: Child) {
        self.address = address
        self.child = child
    }

    static func start(socket: String = "", certificate: String = "") async throws -> PythonServer {
        let child = Child()
        let output = Pipe()
        child.process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        child.process.arguments = ["python3", "-u", "-c", script, socket, certificate]
        child.process.standardInput = child.input
        child.process.standardOutput = output
        // A test run waits for all that holds its error stream.
        child.process.standardError = FileHandle.nullDevice
        try child.process.run()
        // One line, as soon as the server listens.
        var line: [UInt8] = []
        while line.last != UInt8(ascii: "\n"), let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        let port = String(decoding: line.dropLast(), as: UTF8.self)
        let scheme = certificate.isEmpty ? "http" : "https"
        return PythonServer(
            address: socket.isEmpty ? "\(scheme)://127.0.0.1:\(port)" : "http+unix://\(socket)", child: child)
    }

    static func makeCertificate(in directory: TemporaryDirectory, name: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "1",
            "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:\(name)", "-keyout", directory.path + "/key.pem",
            "-out",
            directory.path + "/cert.pem",
        ]
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }

    private static let script = #"""
        import os, queue, socketserver, ssl, sys, threading, time
        from collections import defaultdict
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        pushes = defaultdict(queue.Queue)
        gone = set()
        progress = defaultdict(int)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, *arguments): pass
            def address_string(self): return ""

            def answer(self, body, status=200, headers=()):
                self.send_response(status)
                for name, value in headers: self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def chunk(self, data): self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                path, _, query = self.path.partition("?")
                parts = path.strip("/").split("/")
                if parts[0] == "echo":
                    port = self.client_address[1] if len(self.client_address) > 1 else ""
                    self.answer(body, headers=[("X-Method", self.command), ("X-Path", self.path),
                        ("X-Seen", self.headers.get("X-Test", "")), ("X-Client-Port", str(port))])
                elif parts[0] == "status": self.answer(b"", int(parts[1]))
                elif parts[0] == "never": time.sleep(3600)
                elif parts[0] == "flaky":
                    # Ends the connection without an answer, once.
                    if parts[1] in gone: return self.answer(b"ok")
                    gone.add(parts[1])
                    self.close_connection = True
                elif parts[0] == "broken":
                    self.send_response(200)
                    self.send_header("Content-Length", "1000")
                    self.end_headers()
                    self.wfile.write(b"abc")
                    self.close_connection = True
                elif parts[0] == "bytes": self.send_bytes(int(parts[1]), query.partition("=")[2])
                elif parts[0] == "progress": self.answer(str(progress[parts[1]]).encode())
                elif parts[0] == "push":
                    if parts[1] in gone: return self.answer(b"gone")
                    pushes[parts[1]].put(parts[2].encode())
                    self.answer(b"ok")
                elif parts[0] == "stream": self.stream(parts[1])

            def send_bytes(self, count, name):
                self.send_response(200)
                self.send_header("Content-Length", str(count))
                self.end_headers()
                while count:
                    size = min(count, 1 << 16)
                    self.wfile.write(b"x" * size)
                    progress[name] += size
                    count -= size

            def stream(self, name):
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                try:
                    while True:
                        word = pushes[name].get()
                        if word == b"END": break
                        self.chunk(word)
                    self.wfile.write(b"0\r\n\r\n")
                except OSError:
                    gone.add(name)
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def end_with_the_test():
            sys.stdin.read()
            os._exit(0)

        threading.Thread(target=end_with_the_test, daemon=True).start()

        class UnixHandler(Handler):
            disable_nagle_algorithm = False

        class UnixServer(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        ThreadingHTTPServer.request_queue_size = 256
        if sys.argv[1]:
            server = UnixServer(sys.argv[1], UnixHandler)
            print(0)
        else:
            server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            if sys.argv[2]:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(sys.argv[2] + "/cert.pem", sys.argv[2] + "/key.pem")
                server.socket = context.wrap_socket(server.socket, server_side=True)
            print(server.server_address[1])
        server.serve_forever()
        """#
}
