import Foundation
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@Suite(.serialized) struct HTTP1ServerTests {
    @Test func keepsConnectionsAndAnswersPipelinedRequestsInOrder() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.clearPort)
            client.send("GET /hello?0 HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(client.receive(until: "hello 0").contains("content-length: 7"))
            client.send((1...50).map { "GET /hello?\($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined())
            let text = client.receive(until: "hello 50")
            let places = (1...49).compactMap { text.range(of: "hello \($0)H")?.lowerBound }
            #expect(places.count == 49)
            #expect(places == places.sorted())
            #expect(server.server.statistics.acceptedConnections == 1)
        }
    }

    @Test func pipelinesPastBodiesAndSlowHandlers() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.clearPort)
            client.send(
                "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\nGET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\nPOST /early HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbodyGET /hello?end HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            let text = client.receive(until: "hello end")
            #expect(text.contains("\r\n\r\nabcHTTP/1.1 200"))
            #expect(text.contains("elsewhereHTTP/1.1 403"))
            #expect(text.contains("earlyHTTP/1.1 200"))
        }
    }

    @Test func sendsContinueOnlyWhenTheBodyIsWanted() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.clearPort)
            client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            #expect(client.receive(until: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            client.send("abc")
            #expect(client.receive(until: "\r\n\r\nabc").hasPrefix("HTTP/1.1 200"))
            client.send("POST /early HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
            let refused = String(decoding: client.receiveToEnd(), as: UTF8.self)
            #expect(refused.hasPrefix("HTTP/1.1 403"))
            #expect(refused.contains("connection: close"))
        }
    }

    @Test func answersHeadWithoutBody() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.clearPort)
            client.send(
                "HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nHEAD /count HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let text = String(decoding: client.receiveToEnd(), as: UTF8.self)
            #expect(text.contains("content-length: 7\r\n"))
            #expect(text.contains("transfer-encoding: chunked\r\n"))
            #expect(text.hasSuffix("\r\n\r\n"))
            #expect(!text.contains("hello"))
        }
    }

    @Test func streamsInChunksAndToTheEndForHTTP1_0() async throws {
        try await TestServer.run { server in
            let numbers = (0..<100).map { "\($0)\n" }.joined()
            #expect(try server.curl("--http1.1", server.clear + "/count") == numbers)
            #expect(try server.curl("--http1.0", server.clear + "/count") == numbers)
            let client = try RawClient(port: server.clearPort)
            client.send("GET /count HTTP/1.0\r\n\r\n")
            let text = String(decoding: client.receiveToEnd(), as: UTF8.self)
            #expect(!text.contains("chunked"))
            #expect(text.hasSuffix("\r\n\r\n" + numbers))
        }
    }

    @Test func answersAHalfClosedClient() async throws {
        try await TestServer.run { server in
            let client = try RawClient(port: server.clearPort)
            client.send("GET /elsewhere HTTP/1.1\r\nHost: a\r\n\r\n")
            client.endSending()
            #expect(String(decoding: client.receiveToEnd(), as: UTF8.self).hasSuffix("elsewhere"))
        }
    }

    @Test func answers500WhereTheHandlerDoesNot() async throws {
        try await TestServer.run { server in
            do {
                let answer = try server.curl("-w", "%{http_code}", server.clear + "/none")
                #expect(answer.hasSuffix("500"))
            }
        }
    }

    @Test func cancelsTheHandlerAndTellsTheStreamWhenTheClientLeaves() async throws {
        var limits = HTTPServerLimits()
        limits.halfClosedTimeout = .milliseconds(100)
        try await TestServer.run(limits: limits) { server in
            for path in ["/hang", "/watch"] {
                var client: RawClient? = try RawClient(port: server.clearPort)
                client?.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                #expect(try await server.eventually { server.server.statistics.openStreams == 1 })
                if path == "/watch" { _ = client?.receive(until: "begin") }
                client = nil
                #expect(try await server.eventually { server.server.statistics.openStreams == 0 })
            }
            #expect(try await server.eventually { server.handler.seen.withLock { $0.closed } == 1 })
            #expect(try await server.eventually { server.handler.seen.withLock { $0.cancelled } == 1 })
        }
    }

    @Test func compressesLargeAnswersForThoseWhoAccept() async throws {
        try await TestServer.run { server in
            let sizes = try server.curl(
                "-o", "/dev/null", "-w", "%{size_download} %header{content-encoding}", "-H", "Accept-Encoding: gzip",
                server.clear + "/big")
            let words = sizes.split(separator: " ")
            #expect(words.last == "gzip")
            #expect((Int(words.first ?? "") ?? .max) < 100_000)
            #expect(try server.curl("--compressed", server.tls + "/big").utf8.count == 1_000_000)
            #expect(try server.curl(server.clear + "/big").utf8.count == 1_000_000)
            let refused = try server.curl("-H", "Accept-Encoding: gzip;q=0", server.clear + "/big")
            #expect(refused.utf8.count == 1_000_000)
        }
    }

    @Test func closesAfterAMalformedRequestAndServesOn() async throws {
        try await TestServer.run { server in
            for row in HTTP1ParserTests.refused {
                let client = try RawClient(port: server.clearPort)
                client.send(row.input)
                client.endSending()
                let answer = String(decoding: client.receiveToEnd(), as: UTF8.self)
                #expect(answer.hasPrefix("HTTP/1.1 \(row.status) "), "\(row.remark): \(answer.prefix(80))")
                #expect(answer.contains("connection: close"), "\(row.remark)")
            }
            #expect(try server.curl(server.clear + "/hello") == "hello -")
        }
    }

    @Test func survivesMutatedRequests() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("HTTP1ServerTests seed: \(seed)")
        var random = SeededGenerator(seed: seed)
        let corpus = HTTP1ParserTests.accepted.map(\.input) + HTTP1ParserTests.refused.map(\.input)
        try await TestServer.run { server in
            for _ in 0..<300 {
                let client = try RawClient(port: server.clearPort)
                client.send(random.mutated(Array((corpus.randomElement(using: &random) ?? "").utf8)))
                if Bool.random(using: &random) {
                    client.endSending()
                    _ = client.receiveToEnd()
                }
            }
            #expect(try server.curl(server.clear + "/hello") == "hello -")
            #expect(try await server.eventually { server.server.statistics.openConnections == 0 })
        }
    }

    @Test func closesIdleAndSlowConnections() async throws {
        var limits = HTTPServerLimits()
        limits.idleTimeout = .milliseconds(200)
        limits.headerTimeout = .milliseconds(200)
        limits.tlsHandshakeTimeout = .milliseconds(200)
        limits.bodyTimeout = .milliseconds(200)
        try await TestServer.run(limits: limits) { server in
            let silent = try RawClient(port: server.clearPort)
            let silentTLS = try RawClient(port: server.tlsPort)
            let slow = try RawClient(port: server.clearPort)
            slow.send("GET /hello HTTP/1.1\r\n")
            let idle = try RawClient(port: server.clearPort)
            idle.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            let bodiless = try RawClient(port: server.clearPort)
            bodiless.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na")
            #expect(silent.receive() == nil)
            #expect(silentTLS.receive() == nil)
            #expect(slow.receive() == nil)
            #expect(String(decoding: idle.receiveToEnd(), as: UTF8.self).hasSuffix("hello -"))
            #expect(bodiless.receiveToEnd().isEmpty)
            #expect(try await server.eventually { server.server.statistics.openConnections == 0 })
        }
    }

    @Test func cutsOffASlowReader() async throws {
        var limits = HTTPServerLimits()
        limits.maximumStreamBufferBytes = 1 << 20
        try await TestServer.run(limits: limits) { server in
            let client = try RawClient(port: server.clearPort, receiveBufferBytes: 4096)
            client.send("GET /flood HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await server.eventually { server.handler.seen.withLock { $0.closed } == 1 })
            #expect(server.server.statistics.slowReaders == 1)
            #expect(try server.curl(server.clear + "/hello") == "hello -")
        }
    }

    @Test func closesForAClientThatTakesNothing() async throws {
        var limits = HTTPServerLimits()
        limits.sendTimeout = .milliseconds(300)
        try await TestServer.run(limits: limits) { server in
            let client = try RawClient(port: server.clearPort, receiveBufferBytes: 4096)
            client.send(String(repeating: "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", count: 20))
            #expect(try await server.eventually { server.server.statistics.openConnections == 1 })
            #expect(try await server.eventually { server.server.statistics.openConnections == 0 })
        }
    }

    @Test func refusesConnectionsOverTheLimit() async throws {
        var limits = HTTPServerLimits()
        limits.maximumConnections = 2
        try await TestServer.run(limits: limits) { server in
            let first = try RawClient(port: server.clearPort)
            let second = try RawClient(port: server.clearPort)
            #expect(try await server.eventually { server.server.statistics.openConnections == 2 })
            let third = try RawClient(port: server.clearPort)
            #expect(third.receive() == nil)
            first.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(first.receive(until: "hello").contains("200"))
            withExtendedLifetime(second) {}
        }
    }
}
