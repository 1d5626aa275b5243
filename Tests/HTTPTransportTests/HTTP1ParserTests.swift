import TestSupport
import Testing

@testable import HTTPTransport

@Suite struct HTTP1ParserTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var remark: String
        var input: String
        var status = 0
        var testDescription: String { remark }
    }

    /// Feeds `text` in pieces; what came out, and how it failed.
    private func parse(
        _ text: String, piece: Int = .max, limits: HTTP1Parser.Limits = .init()
    ) -> (events: [HTTP1Parser.Event], failure: HTTP1Parser.Failure?) {
        var parser = HTTP1Parser(limits: limits)
        var events: [HTTP1Parser.Event] = []
        var rest = Array(text.utf8)[...]
        do throws(HTTP1Parser.Failure) {
            while !rest.isEmpty {
                let part = Array(rest.prefix(piece))
                rest = rest.dropFirst(part.count)
                part.withUnsafeBytes { parser.append($0) }
                while let event = try parser.next() { events.append(event) }
            }
        } catch {
            return (events, error)
        }
        return (events, nil)
    }

    /// Body pieces depend on how bytes arrived; this joins them.
    private func bodies(_ events: [HTTP1Parser.Event]) -> [String] {
        var bodies: [String] = []
        for event in events {
            switch event {
            case .head: bodies.append("")
            case .body(let bytes): bodies[bodies.count - 1] += String(decoding: bytes, as: UTF8.self)
            case .end: bodies[bodies.count - 1] += "."
            }
        }
        return bodies
    }

    static let accepted: [(remark: String, input: String, bodies: [String])] = [
        ("no body", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["."]),
        ("one empty line before it", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ["."]),
        ("a length", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", ["abc."]),
        ("a length of 0", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", ["."]),
        (
            "chunks",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
            ["abc0123456789."]
        ),
        (
            "trailers are dropped",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nx: y\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
            ["a.", "."]
        ),
        (
            "pipelined",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nabGET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n\r\n",
            ["ab.", ".", "."]
        ),
        ("HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n", ["."]),
        ("not ended", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", ["ab"]),
    ]

    @Test(arguments: accepted.indices) func readsRequestsHoweverTheyArrive(row: Int) {
        let (remark, input, expected) = Self.accepted[row]
        for piece in [Int.max, 1, 2, 3, 7, 16] {
            let (events, failure) = parse(input, piece: piece)
            #expect(failure == nil, "\(remark)")
            #expect(bodies(events) == expected, "\(remark), in pieces of \(piece)")
        }
    }

    static let refused: [Row] = [
        Row(remark: "bare LF", input: "GET / HTTP/1.1\nHost: a\n\n", status: 400),
        Row(remark: "bare LF in a field", input: "GET / HTTP/1.1\r\nHost: a\nb: c\r\n\r\n", status: 400),
        Row(remark: "bare CR in a value", input: "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", status: 400),
        Row(remark: "NUL in a value", input: "GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", status: 400),
        Row(remark: "DEL in a value", input: "GET / HTTP/1.1\r\nHost: a\u{7F}\r\n\r\n", status: 400),
        Row(remark: "folded line", input: "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", status: 400),
        Row(remark: "space before the colon", input: "GET / HTTP/1.1\r\nHost : a\r\n\r\n", status: 400),
        Row(remark: "no field name", input: "GET / HTTP/1.1\r\n: a\r\n\r\n", status: 400),
        Row(remark: "no colon", input: "GET / HTTP/1.1\r\nHost\r\n\r\n", status: 400),
        Row(remark: "field name is not a token", input: "GET / HTTP/1.1\r\nHost: a\r\nb(c: d\r\n\r\n", status: 400),
        Row(remark: "no host", input: "GET / HTTP/1.1\r\n\r\n", status: 400),
        Row(remark: "two hosts", input: "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", status: 400),
        Row(remark: "two words", input: "GET /\r\n\r\n", status: 400),
        Row(remark: "four words", input: "GET / a HTTP/1.1\r\n\r\n", status: 400),
        Row(remark: "two spaces", input: "GET  / HTTP/1.1\r\n\r\n", status: 400),
        Row(remark: "two empty lines before", input: "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Row(remark: "relative target", input: "GET a HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Row(remark: "fragment", input: "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Row(remark: "tab in the target", input: "GET /a\tb HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Row(remark: "star for GET", input: "GET * HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Row(remark: "method is not a token", input: "G@T / HTTP/1.1\r\nHost: a\r\n\r\n", status: 400),
        Row(remark: "CONNECT", input: "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", status: 501),
        Row(remark: "HTTP/2.0", input: "GET / HTTP/2.0\r\nHost: a\r\n\r\n", status: 505),
        Row(remark: "HTTP/1.2", input: "GET / HTTP/1.2\r\nHost: a\r\n\r\n", status: 505),
        Row(remark: "lower-case http", input: "GET / http/1.1\r\nHost: a\r\n\r\n", status: 400),
        Row(remark: "not a version", input: "GET / HTTP/1.10\r\nHost: a\r\n\r\n", status: 400),
        Row(
            remark: "length and chunks",
            input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            status: 400),
        Row(
            remark: "two lengths",
            input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", status: 400),
        Row(
            remark: "two equal lengths",
            input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", status: 400),
        Row(
            remark: "a list of lengths", input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n",
            status: 400),
        Row(remark: "signed length", input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", status: 400),
        Row(remark: "negative length", input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", status: 400),
        Row(remark: "empty length", input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \r\n\r\n", status: 400),
        Row(
            remark: "huge length", input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            status: 413),
        Row(
            remark: "length over the limit", input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 67108865\r\n\r\n",
            status: 413),
        Row(
            remark: "unknown coding", input: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
            status: 501),
        Row(
            remark: "coding before chunked",
            input: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", status: 501),
        Row(
            remark: "chunked twice",
            input: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            status: 400),
        Row(
            remark: "hidden chunked", input: "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{B}chunked\r\n\r\n",
            status: 400),
        Row(remark: "chunks in HTTP/1.0", input: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", status: 400),
        Row(remark: "unknown expectation", input: "POST / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n", status: 417),
        Row(remark: "chunk size is no number", input: chunked("x\r\n"), status: 400),
        Row(remark: "chunk size with 0x", input: chunked("0x1\r\na\r\n0\r\n\r\n"), status: 400),
        Row(remark: "chunk size with a space", input: chunked("1 \r\na\r\n0\r\n\r\n"), status: 400),
        Row(remark: "empty chunk size", input: chunked("\r\n"), status: 400),
        Row(remark: "negative chunk size", input: chunked("-1\r\n"), status: 400),
        Row(remark: "huge chunk size", input: chunked("ffffffffffffffff\r\n"), status: 413),
        Row(remark: "chunk line ends in LF", input: chunked("1\na\r\n0\r\n\r\n"), status: 400),
        Row(remark: "chunk longer than said", input: chunked("1\r\nab\r\n0\r\n\r\n"), status: 400),
        Row(remark: "chunk extension too long", input: chunked("1;" + String(repeating: "x", count: 300)), status: 400),
        Row(remark: "trailer is no field", input: chunked("0\r\nx\r\n\r\n"), status: 400),
    ]

    private static func chunked(_ body: String) -> String {
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    }

    @Test(arguments: refused) func refusesMalformedRequests(row: Row) {
        for piece in [Int.max, 1, 5] {
            let (_, failure) = parse(row.input, piece: piece)
            #expect(
                failure?.status == row.status, "\(row.remark), in pieces of \(piece): \(failure?.reason ?? "accepted")")
        }
    }

    @Test func limitsHeads() {
        let limits = HTTP1Parser.Limits(maximumHeaderBytes: 1000, maximumHeaderCount: 5, maximumTargetBytes: 100)
        let long = String(repeating: "a", count: 200)
        #expect(parse("GET /\(long)", limits: limits).failure?.status == 414)
        #expect(parse("GET /\(long.prefix(120)) HTTP/1.1\r\nHost: a\r\n\r\n", limits: limits).failure?.status == 414)
        let fields = String(repeating: "b: \(long)\r\n", count: 5)
        #expect(parse("GET / HTTP/1.1\r\n\(fields)", limits: limits).failure?.status == 431)
        let many = String(repeating: "b: c\r\n", count: 6)
        #expect(parse("GET / HTTP/1.1\r\n\(many)\r\n", limits: limits).failure?.status == 431)
    }

    @Test func limitsTrailersAndExtensions() {
        let limits = HTTP1Parser.Limits(maximumHeaderBytes: 1000)
        let extensions = String(repeating: "1;\(String(repeating: "x", count: 100))\r\na\r\n", count: 20)
        #expect(parse(Self.chunked(extensions), limits: limits).failure?.status == 431)
        let trailers = String(repeating: "x: \(String(repeating: "x", count: 100))\r\n", count: 20)
        #expect(parse(Self.chunked("0\r\n" + trailers), limits: limits).failure?.status == 431)
    }

    @Test func interpretsHeads() throws {
        let text =
            "PUT http://h:1/a%20b?c=d?e HTTP/1.1\r\nHost: h\r\nX-Y:  z \r\nConnection: Upgrade, close\r\nUpgrade: SPDY/3.1\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"
        guard case .head(let head) = try #require(parse(text).events.first) else { return }
        #expect(head.method == "PUT")
        #expect(head.path == "/a%20b")
        #expect(head.query == "c=d?e")
        #expect(head.headers["x-y"] == "z")
        #expect(!head.keepsAlive)
        #expect(head.upgrade == "SPDY/3.1")
        #expect(head.expectsContinue)
        #expect(head.framing == .length(1))
    }

    @Test func survivesMutations() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("HTTP1ParserTests seed: \(seed)")
        var random = SeededGenerator(seed: seed)
        let corpus = Self.accepted.map(\.input) + Self.refused.map(\.input)
        for _ in 0..<3000 {
            let bytes = random.mutated(Array((corpus.randomElement(using: &random) ?? "").utf8))
            _ = parse(String(decoding: bytes, as: UTF8.self), piece: Int.random(in: 1...64, using: &random))
        }
    }
}
