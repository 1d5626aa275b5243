/// The heads of HTTP/1 answers.
enum HTTP1Encoder {
    static let continueHead = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    static let lastChunk = Array("0\r\n\r\n".utf8)
    static let lineEnd = Array("\r\n".utf8)

    /// How the client learns where the body ends.
    enum Framing: Equatable {
        case length(Int)
        case chunked
        /// At the connection's end, or by a length that the handler set.
        case asGiven
        /// 1xx, 204, 304.
        case none
    }

    static func head(
        status: Int, headers: HTTPHeaders, framing: Framing, closes: Bool, version: HTTPRequest.Version, date: String
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(192 + headers.fields.count * 48)
        bytes.append(contentsOf: "HTTP/1.1 \(status) ".utf8)
        bytes.append(contentsOf: HTTPStatus.reason(status).utf8)
        bytes.append(contentsOf: lineEnd)
        var hasDate = false
        for field in headers.fields {
            switch field.name {
            // The connection's own.
            case "connection", "transfer-encoding", "keep-alive": continue
            case "content-length" where framing != .asGiven: continue
            case "date": hasDate = true
            default: break
            }
            append(field.name, field.value, to: &bytes)
        }
        if !hasDate { append("date", date, to: &bytes) }
        switch framing {
        case .length(let count): append("content-length", String(count), to: &bytes)
        case .chunked: append("transfer-encoding", "chunked", to: &bytes)
        case .asGiven, .none: break
        }
        if closes {
            append("connection", "close", to: &bytes)
        } else if version == .http10 {
            append("connection", "keep-alive", to: &bytes)
        }
        bytes.append(contentsOf: lineEnd)
        return bytes
    }

    /// A chunk's size line.
    static func chunkHead(_ count: Int) -> [UInt8] { Array(String(count, radix: 16).utf8) + lineEnd }

    private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(0x3A)
        bytes.append(0x20)
        // A line's end within a value would let its author write the rest of the answer.
        for byte in value.utf8 { bytes.append(HTTPCharacters.isFieldValueByte(byte) ? byte : 0x20) }
        bytes.append(contentsOf: lineEnd)
    }
}
