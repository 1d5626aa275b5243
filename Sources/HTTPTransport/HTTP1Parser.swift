import Glibc

/// HTTP/1 requests out of bytes: a value that does no I/O.
///
///     parser.append(bytes)
///     while let event = try parser.next() { ... }
///
/// A request is `head`, any number of `body`, `end`. The rules are RFC 9112's, read strictly wherever leniency has let
/// requests be smuggled past proxies: lines end in CRLF, no folded lines, no space before a colon, one
/// `content-length` or `transfer-encoding: chunked` and never both. After a failure the parser is not used again.
struct HTTP1Parser {
    struct Limits {
        var maximumHeaderBytes = 256 * 1024
        var maximumHeaderCount = 256
        var maximumTargetBytes = 64 * 1024
        var maximumContentLength = 64 * 1024 * 1024
        var maximumChunkLineBytes = 256
    }

    enum Event: Equatable {
        case head(HTTP1RequestHead)
        case body([UInt8])
        case end
    }

    /// Why a request cannot be answered, and with which status the connection ends.
    struct Failure: Error, Equatable {
        var status: Int
        var reason: String
    }

    private enum State {
        case head
        case body(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        /// The CRLF after a chunk's bytes.
        case chunkEnd
        case trailers
        /// All was read; `end` is the next event.
        case end
    }

    let limits: Limits
    private var state = State.head
    private var buffer: [UInt8] = []
    private var position = 0
    /// How far `buffer` was searched for the end of the head or line.
    private var searched = 0
    /// Where the head's current line starts, and where its complete lines are.
    private var lineStart = 0
    private var lines: [Range<Int>] = []
    private var skippedLeadingLine = false
    /// What chunk extensions and trailers of this body have cost.
    private var overheadBytes = 0

    init(limits: Limits) { self.limits = limits }

    /// Bytes that were given and not yet returned.
    var bufferedByteCount: Int { buffer.count - position }

    /// Whether a request has begun and not ended.
    var isMidRequest: Bool {
        if case .head = state { return bufferedByteCount > 0 }
        return true
    }

    /// Bytes of the request's body that no event has given yet; `nil` where it has not said how many there are.
    var remainingBodyBytes: Int? {
        switch state {
        case .body(let remaining): remaining
        case .end, .head: 0
        case .chunkSize, .chunk, .chunkEnd, .trailers: nil
        }
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) { buffer.append(contentsOf: bytes) }

    /// The next event; `nil` where more bytes are needed.
    mutating func next() throws(Failure) -> Event? {
        while true {
            switch state {
            case .head:
                guard let head = try nextHead() else { return nil }
                return .head(head)
            case .body(let remaining):
                guard let bytes = takeBody(upTo: remaining) else { return nil }
                state = bytes.count == remaining ? .end : .body(remaining: remaining - bytes.count)
                return .body(bytes)
            case .chunkSize:
                guard let size = try nextChunkSize() else { return nil }
                state = size == 0 ? .trailers : .chunk(remaining: size)
            case .chunk(let remaining):
                guard let bytes = takeBody(upTo: remaining) else { return nil }
                state = bytes.count == remaining ? .chunkEnd : .chunk(remaining: remaining - bytes.count)
                return .body(bytes)
            case .chunkEnd:
                guard let line = try nextLine(limit: 0, status: 400) else { return nil }
                guard line.isEmpty else { throw Failure(status: 400, reason: "chunk does not end in CRLF") }
                state = .chunkSize
            case .trailers:
                guard try skipTrailerLine() else { return nil }
            case .end:
                state = .head
                overheadBytes = 0
                return .end
            }
        }
    }

    // MARK: Bytes

    private static let maximumBodyPiece = 64 * 1024

    private mutating func takeBody(upTo remaining: Int) -> [UInt8]? {
        let count = min(remaining, bufferedByteCount, Self.maximumBodyPiece)
        guard count > 0 else { return nil }
        let bytes = Array(buffer[position..<position + count])
        advance(to: position + count)
        return bytes
    }

    private mutating func advance(to newPosition: Int) {
        position = newPosition
        if position == buffer.count {
            // An idle connection keeps no storage but a little.
            buffer.removeAll(keepingCapacity: buffer.capacity <= 4096)
            position = 0
        } else if position > Self.maximumBodyPiece {
            buffer.removeFirst(position)
            position = 0
        }
        searched = position
        lineStart = position
    }

    /// The offset of the next LF that ends a line; a bare one fails.
    private mutating func nextLineEnd() throws(Failure) -> Int? {
        let found = buffer.withUnsafeBytes { bytes -> Int? in
            guard let start = bytes.baseAddress, searched < bytes.count,
                let hit = memchr(start + searched, 0x0A, bytes.count - searched)
            else { return nil }
            return UnsafeRawPointer(hit) - start
        }
        guard let found else {
            searched = buffer.count
            return nil
        }
        guard found > lineStart, buffer[found - 1] == 0x0D else {
            throw Failure(status: 400, reason: "line does not end in CRLF")
        }
        searched = found + 1
        return found
    }

    /// A line of a chunked body without its CRLF, taken from the buffer.
    private mutating func nextLine(limit: Int, status: Int) throws(Failure) -> ArraySlice<UInt8>? {
        guard let end = try nextLineEnd() else {
            // One for a CR that waits for its LF.
            guard bufferedByteCount <= limit + 1 else { throw Failure(status: status, reason: "line is too long") }
            return nil
        }
        guard end - 1 - position <= limit else { throw Failure(status: status, reason: "line is too long") }
        let line = buffer[position..<end - 1]
        advance(to: end + 1)
        return line
    }

    // MARK: Head

    private mutating func nextHead() throws(Failure) -> HTTP1RequestHead? {
        while let end = try nextLineEnd() {
            let line = lineStart..<end - 1
            lineStart = end + 1
            guard line.isEmpty else {
                lines.append(line)
                guard lines.count <= limits.maximumHeaderCount + 1 else {
                    throw Failure(status: 431, reason: "too many header fields")
                }
                continue
            }
            if lines.isEmpty {
                try skipLeadingLine()
                continue
            }
            try checkHeadSize(end - position)
            let head = try parseHead()
            lines.removeAll(keepingCapacity: true)
            skippedLeadingLine = false
            advance(to: end + 1)
            begin(head.framing)
            return head
        }
        try checkHeadSize(bufferedByteCount)
        return nil
    }

    /// RFC 9112 section 2.2: an empty line before a request is ignored.
    private mutating func skipLeadingLine() throws(Failure) {
        guard !skippedLeadingLine else { throw Failure(status: 400, reason: "request begins with empty lines") }
        skippedLeadingLine = true
        let next = lineStart
        position = next
        searched = next
    }

    private func checkHeadSize(_ count: Int) throws(Failure) {
        if lines.isEmpty, count > limits.maximumTargetBytes + 64 {
            throw Failure(status: 414, reason: "request target is too long")
        }
        if count > limits.maximumHeaderBytes { throw Failure(status: 431, reason: "request head is too large") }
    }

    private func parseHead() throws(Failure) -> HTTP1RequestHead {
        guard let first = lines.first else { throw Failure(status: 400, reason: "no request line") }
        var head = try HTTP1RequestHead(requestLine: buffer[first], maximumTargetBytes: limits.maximumTargetBytes)
        head.headers.fields.reserveCapacity(lines.count - 1)
        for line in lines.dropFirst() { head.headers.fields.append(try HTTP1RequestHead.field(in: buffer[line])) }
        try head.interpretFields(maximumContentLength: limits.maximumContentLength)
        return head
    }

    private mutating func begin(_ framing: HTTP1RequestHead.Framing) {
        switch framing {
        case .none, .length(0): state = .end
        case .length(let count): state = .body(remaining: count)
        case .chunked: state = .chunkSize
        }
    }

    // MARK: Chunks

    private mutating func nextChunkSize() throws(Failure) -> Int? {
        guard let line = try nextLine(limit: limits.maximumChunkLineBytes, status: 400) else { return nil }
        let size = try Self.chunkSize(of: line)
        let digits = line.prefix { $0 != 0x3B && $0 != 0x20 && $0 != 0x09 }.count
        try countOverhead(line.count - digits)
        return size
    }

    /// A chunk's size line: hexadecimal digits, then perhaps `;` and extensions, which mean nothing to us.
    static func chunkSize(of line: ArraySlice<UInt8>) throws(Failure) -> Int {
        var size = 0
        var digits = 0
        var rest = line
        while let byte = rest.first, let digit = hexadecimalValue(of: byte) {
            guard digits < 15 else { throw Failure(status: 413, reason: "chunk is too large") }
            size = size * 16 + digit
            digits += 1
            rest = rest.dropFirst()
        }
        guard digits > 0 else { throw Failure(status: 400, reason: "chunk size is not a number") }
        guard let next = rest.first else { return size }
        guard next == 0x3B, rest.allSatisfy(HTTPCharacters.isFieldValueByte) else {
            throw Failure(status: 400, reason: "chunk size is not a number")
        }
        return size
    }

    private static func hexadecimalValue(of byte: UInt8) -> Int? {
        switch byte {
        case 0x30...0x39: Int(byte) - 0x30
        case 0x41...0x46: Int(byte) - 0x41 + 10
        case 0x61...0x66: Int(byte) - 0x61 + 10
        default: nil
        }
    }

    /// Reads a trailer field and forgets it; tells whether there was a line.
    private mutating func skipTrailerLine() throws(Failure) -> Bool {
        guard let line = try nextLine(limit: limits.maximumHeaderBytes, status: 431) else { return false }
        if line.isEmpty {
            state = .end
        } else {
            _ = try HTTP1RequestHead.field(in: line)
            try countOverhead(line.count)
        }
        return true
    }

    private mutating func countOverhead(_ count: Int) throws(Failure) {
        overheadBytes += count
        guard overheadBytes <= limits.maximumHeaderBytes else {
            throw Failure(status: 431, reason: "trailers or chunk extensions are too large")
        }
    }
}
