import Foundation
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct HTTP2ServerTests {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

    static func frame(_ type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) -> [UInt8] {
        let count = UInt32(payload.count)
        return [UInt8(count >> 16 & 0xFF), UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF), type, flags]
            + (0..<4).map { UInt8(stream >> (24 - 8 * $0) & 0xFF) } + payload
    }

    static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0x00, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }

    static func head(_ path: String, method: String = "GET") -> [UInt8] {
        literal(":method", method) + literal(":scheme", "http") + literal(":path", path) + literal(":authority", "a")
    }

    static let settings = frame(4)
    static func request(_ stream: UInt32, _ path: String) -> [UInt8] {
        frame(1, flags: 0x5, stream: stream, head(path))
    }

    /// Frames in what the server sent: type, flags, stream, payload.
    private func frames(_ bytes: [UInt8]) -> [(type: UInt8, stream: UInt32, payload: [UInt8])] {
        var rest = bytes[...]
        var frames: [(type: UInt8, stream: UInt32, payload: [UInt8])] = []
        while rest.count >= 9 {
            let header = Array(rest.prefix(9))
            let count = Int(header[0]) << 16 | Int(header[1]) << 8 | Int(header[2])
            let stream = header[5...8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            frames.append((header[3], stream, Array(rest.dropFirst(9).prefix(count))))
            rest = rest.dropFirst(9 + count)
        }
        return frames
    }

    /// The error code of the GOAWAY among what the server sent until it closed.
    private func goAwayCode(_ bytes: [UInt8]) -> UInt32? {
        frames(bytes).last { $0.type == 7 && $0.payload.count >= 8 }.map { goAway in
            goAway.payload[4..<8].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
    }

    @Test func servesPriorKnowledgeAndALPN() async throws {
        try await TestServer.run { server in
            #expect(try server.curl("--http2-prior-knowledge", server.clear + "/who") == "http2 false anonymous")
            #expect(try server.curl("--http2", server.tls + "/who") == "http2 true anonymous")
            #expect(try server.curl("--http1.1", server.tls + "/who") == "http11 true anonymous")
            #expect(try server.curl("--unix-socket", server.socketPath, "http://a/who") == "http11 false anonymous")
            let head = try server.curl("--http2", "-I", server.tls + "/hello?x")
            #expect(head.contains("content-length: 7"))
            #expect(head.hasPrefix("HTTP/2 200"))
            #expect(try server.curl("--http2", server.tls + "/elsewhere") == "elsewhere")
            do {
                let answer = try server.curl("--http2", "-w", "%{http_code}", server.tls + "/none")
                #expect(answer.hasSuffix("500"))
            }
            #expect(try server.curl("--http2", server.tls + "/count") == (0..<100).map { "\($0)\n" }.joined())
        }
    }

    @Test func takesLargeBodiesWithinTheWindow() async throws {
        try await TestServer.run { server in
            let path = server.directory + "/upload"
            let text = String(repeating: "0123456789abcdef", count: 100_000)
            try text.write(toFile: path, atomically: true, encoding: .utf8)
            for version in ["--http2", "--http1.1"] {
                #expect(try server.curl(version, "--data-binary", "@" + path, server.tls + "/echo") == text)
            }
            let chunked = try server.curl(
                "--http1.1", "-H", "Transfer-Encoding: chunked", "--data-binary", "@" + path, server.clear + "/echo")
            #expect(chunked == text)
            try String(repeating: text, count: 3).write(toFile: path, atomically: true, encoding: .utf8)
            for version in ["--http2", "--http1.1"] {
                let refused = try server.curl(
                    version, "-w", " %{http_code}", "--data-binary", "@" + path, server.tls + "/echo")
                #expect(refused.hasSuffix(" 413"), "\(version)")
            }
        }
    }

    @Test func believesOnlyCertificatesThatVerify() async throws {
        try await TestServer.run { server in
            for version in ["--http2", "--http1.1"] {
                let known = try server.curl(version, "--cert", server.directory + "/client.pem", server.tls + "/who")
                #expect(known.hasSuffix("true client"))
                let unknown = try server.curl(
                    version, "--cert", server.directory + "/stranger.pem", server.tls + "/who")
                #expect(unknown.hasSuffix("true anonymous"))
            }
        }
    }

    @Test func refusesOldTLS() async throws {
        try await TestServer.run { server in
            let refused = try server.curl("--tls-max", "1.1", server.tls + "/who")
            #expect(refused.contains("curl: (35)"))
            do {
                let answer = try server.curl("--tls-max", "1.2", server.tls + "/who")
                #expect(answer.hasSuffix("true anonymous"))
            }
        }
    }

    /// The authorities that clients are checked against were once sent along, which cost each handshake a verification.
    @Test func sendsItsOwnCertificateAlone() async throws {
        try await TestServer.run { server in
            let count = try server.curl("-o", "/dev/null", "-w", "%{num_certs}", server.tls + "/hello")
            #expect(count == "1")
        }
    }

    @Test func writesToManyStreamsInOneTurn() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.clearPort)
            var opening = Self.preface + Self.settings
            for number in 0..<100 { opening += Self.request(UInt32(2 * number + 1), "/watch") }
            client.send(opening)
            #expect(try await server.eventually { server.handler.seen.withLock { $0.streams.count } == 100 })
            let seen = server.handler.seen.withLock { $0 }
            seen.reactors[0].execute {
                for stream in seen.streams { stream.write(ByteSegments(Array("event\n".utf8))) }
            }
            var received: [UInt8] = []
            func events() -> [UInt32] {
                frames(received).filter { $0.type == 0 && $0.payload.suffix(6) == Array("event\n".utf8)[...] }.map(
                    \.stream)
            }
            while events().count < 100, let more = client.receive() { received += more }
            #expect(Set(events()).count == 100)
        }
    }

    /// Without a ticket, nothing answers the end of a handshake, and a client that collects small packets waits 40 ms.
    @Test func letsClientsResumeTheirSessions() async throws {
        try await TestServer.run { server in
            let url = server.tls + "/hello"
            let log = try server.curl("-v", "--http1.1", "-H", "Connection: close", url, url)
            #expect(log.contains("using session"))
        }
    }

    /// Reading rests after a round of events, and must not do so for ever where one follows the other.
    @Test func answersAConnectionThatIsToldMuchWithoutEnd() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.clearPort)
            let largestWindow: [UInt8] = [0x7F, 0xFF, 0xFF, 0xFF]
            var opening =
                Self.preface + Self.frame(4, [0, 4] + largestWindow) + Self.frame(8, [0x3F, 0xFF, 0xFF, 0xFF])
            for number in 0..<10 { opening += Self.request(UInt32(2 * number + 1), "/watch") }
            client.send(opening)
            #expect(try await server.eventually { server.handler.seen.withLock { $0.streams.count } == 10 })
            let seen = server.handler.seen.withLock { $0 }
            let teller = Task {
                while !Task.isCancelled {
                    seen.reactors[0].execute {
                        for stream in seen.streams { stream.write(ByteSegments(Array("event\n".utf8))) }
                    }
                    try await Task.sleep(for: .microseconds(100))
                }
            }
            defer { teller.cancel() }
            client.send(Self.request(21, "/hello"))
            var last = ""
            let deadline = ContinuousClock.now + .seconds(60)
            while !last.contains("hello -"), ContinuousClock.now < deadline, let more = client.receive() {
                last = last.suffix(16) + String(decoding: more, as: UTF8.self)
            }
            #expect(last.contains("hello -"))
        }
    }

    @Test func tellsStreamsThatTheClientIsGone() async throws {
        try await TestServer.run { server in
            var client: RawClient? = try RawClient(port: server.clearPort)
            client?.send(
                Self.preface + Self.settings + Self.request(1, "/watch") + Self.request(3, "/watch")
                    + Self.request(5, "/hang"))
            #expect(try await server.eventually { server.server.statistics.openStreams == 3 })
            client?.send(Self.frame(3, stream: 1, [0, 0, 0, 8]) + Self.frame(3, stream: 5, [0, 0, 0, 8]))
            #expect(try await server.eventually { server.handler.seen.withLock { $0.closed } == 1 })
            #expect(try await server.eventually { server.handler.seen.withLock { $0.cancelled } == 1 })
            client = nil
            #expect(try await server.eventually { server.handler.seen.withLock { $0.closed } == 2 })
            #expect(try await server.eventually { server.server.statistics.openStreams == 0 })
        }
    }

    struct Flood: Sendable, CustomTestStringConvertible {
        var remark: String
        var bytes: [UInt8]
        var testDescription: String { remark }
    }

    static let floods = [
        Flood(
            remark: "rapid reset",
            bytes: (0..<200).flatMap { number -> [UInt8] in
                let id = UInt32(2 * number + 1)
                return request(id, "/hang") + frame(3, stream: id, [0, 0, 0, 8])
            }),
        Flood(remark: "PING", bytes: (0..<500).flatMap { _ in frame(6, [UInt8](repeating: 0, count: 8)) }),
        Flood(remark: "SETTINGS", bytes: (0..<500).flatMap { _ in settings }),
        Flood(remark: "PRIORITY", bytes: (0..<500).flatMap { _ in frame(2, stream: 3, [0, 0, 0, 0, 1]) }),
        Flood(
            remark: "CONTINUATION",
            bytes: frame(1, flags: 0x1, stream: 1, head("/hello"))
                + (0..<100).flatMap { _ in frame(9, stream: 1, literal("a", "b")) }),
        Flood(
            remark: "empty DATA",
            bytes: frame(1, flags: 0x4, stream: 1, head("/echo", method: "POST"))
                + (0..<3000).flatMap { _ in frame(0, stream: 1) }),
    ]

    @Test(arguments: floods) func endsFloodsWithEnhanceYourCalm(flood: Flood) async throws {
        var limits = HTTPServerLimits()
        limits.maximumResetsPerInterval = 100
        limits.maximumControlFramesPerInterval = 100
        limits.maximumEmptyFramesPerInterval = 1000
        try await TestServer.run(limits: limits) { server in
            let client = try RawClient(port: server.clearPort)
            client.send(Self.preface + Self.settings + flood.bytes)
            #expect(goAwayCode(client.receiveToEnd()) == 11)
            #expect(try server.curl("--http2-prior-knowledge", server.clear + "/hello") == "hello -")
        }
    }

    @Test func refusesLargeHeads() async throws {
        var limits = HTTPServerLimits()
        limits.maximumHeaderBytes = 4096
        try await TestServer.run(limits: limits) { server in
            let field = "x: " + String(repeating: "y", count: 5000)
            for version in ["--http2", "--http1.1"] {
                let status = try server.curl(
                    version, "-o", "/dev/null", "-w", "%{http_code}", "-H", field, server.tls + "/hello")
                #expect(status == "431", "\(version)")
            }
        }
    }

    @Test func cutsOffASlowReader() async throws {
        var limits = HTTPServerLimits()
        limits.maximumStreamBufferBytes = 1 << 20
        try await TestServer.run(limits: limits) { server in
            let client = try RawClient(port: server.clearPort)
            // The window stays at 64 KiB: the client reads, but never opens it.
            client.send(Self.preface + Self.settings + Self.request(1, "/flood"))
            #expect(try await server.eventually { server.handler.seen.withLock { $0.closed } == 1 })
            client.send(Self.request(3, "/hello"))
            var received: [UInt8] = []
            while !frames(received).contains(where: { $0.type == 1 && $0.stream == 3 }), let more = client.receive() {
                received += more
            }
            #expect(frames(received).contains { $0.type == 3 && $0.stream == 1 })
            #expect(server.server.statistics.slowReaders == 1)
        }
    }

    @Test func givesUpAnAnswerThatIsNotTaken() async throws {
        var limits = HTTPServerLimits()
        limits.sendTimeout = .milliseconds(300)
        try await TestServer.run(limits: limits) { server in
            let client = try RawClient(port: server.clearPort)
            client.send(Self.preface + Self.settings + Self.request(1, "/big"))
            #expect(try await server.eventually { server.server.statistics.openStreams == 1 })
            #expect(try await server.eventually { server.server.statistics.openStreams == 0 })
        }
    }

    @Test func survivesMutatedFrames() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("HTTP2ServerTests seed: \(seed)")
        var random = SeededGenerator(seed: seed)
        let corpus: [[UInt8]] = [
            Self.request(1, "/hello") + Self.request(3, "/big") + Self.request(5, "/watch"),
            Self.frame(1, flags: 0x4, stream: 1, Self.head("/echo", method: "POST"))
                + Self.frame(0, flags: 1, stream: 1, [1, 2, 3]),
            Self.frame(1, flags: 0x1, stream: 1, Self.head("/hello"))
                + Self.frame(9, flags: 4, stream: 1, Self.literal("a", "b")),
            Self.request(1, "/count") + Self.frame(8, stream: 1, [0, 1, 0, 0])
                + Self.frame(3, stream: 1, [0, 0, 0, 8]),
            Self.frame(6, [1, 2, 3, 4, 5, 6, 7, 8]) + Self.frame(4, [0, 4, 0, 0, 0, 1]) + Self.request(1, "/count"),
        ]
        try await TestServer.run { server in
            for _ in 0..<300 {
                let client = try RawClient(port: server.clearPort)
                client.send(Self.preface + Self.settings + random.mutated(corpus.randomElement(using: &random) ?? []))
                if Bool.random(using: &random) { client.endSending() }
                _ = client.receive()
            }
            #expect(try server.curl("--http2-prior-knowledge", server.clear + "/hello") == "hello -")
            #expect(try await server.eventually { server.server.statistics.openConnections == 0 })
            #expect(server.server.statistics.openStreams == 0)
        }
    }

    @Test func survivesMutatedTLSRecords() async throws {
        var random = SeededGenerator(seed: 1)
        try await TestServer.run { server in
            let hello: [UInt8] = [0x16, 3, 1, 0, 40, 1, 0, 0, 36, 3, 3] + [UInt8](repeating: 7, count: 34)
            for _ in 0..<50 {
                let client = try RawClient(port: server.tlsPort)
                client.send(random.mutated(hello))
                client.endSending()
                _ = client.receiveToEnd()
            }
            #expect(try server.curl(server.tls + "/hello") == "hello -")
        }
    }
}

@Suite(.serialized) struct ShutdownTests {
    @Test func endsStreamsAndIdleConnectionsWithinTheGrace() async throws {
        try await TestServer.run { server in
            let idle = try RawClient(port: server.clearPort)
            idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = idle.receive(until: "hello -")
            let watch = try RawClient(port: server.clearPort)
            watch.send("GET /watch HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = watch.receive(until: "begin")
            let http2 = try RawClient(port: server.clearPort)
            http2.send(HTTP2ServerTests.preface + HTTP2ServerTests.settings + HTTP2ServerTests.request(1, "/watch"))
            #expect(try await server.eventually { server.handler.seen.withLock { $0.streams.count } == 2 })

            let start = ContinuousClock.now
            async let down: Void = server.server.shutDown(grace: .seconds(30))
            #expect(idle.receive() == nil)
            #expect(String(decoding: watch.receiveToEnd(), as: UTF8.self).hasSuffix("bye\n\r\n0\r\n\r\n"))
            #expect(String(decoding: http2.receiveToEnd(), as: UTF8.self).contains("bye\n"))
            _ = await down
            #expect(ContinuousClock.now - start < .seconds(10))
            #expect(server.handler.seen.withLock { $0.shutDown } == 2)
            #expect(server.server.statistics.openConnections == 0)
            #expect((try? RawClient(port: server.clearPort)) == nil)
        }
    }

    @Test func closesWhatOutlastsTheGrace() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.clearPort)
            client.send("GET /hang HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await server.eventually { server.server.statistics.openStreams == 1 })
            await server.server.shutDown(grace: .milliseconds(100))
            #expect(client.receive() == nil)
            #expect(try await server.eventually { server.handler.seen.withLock { $0.cancelled } == 1 })
        }
    }
}
