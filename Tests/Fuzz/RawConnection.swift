import Foundation

struct RawAnswer {
    var status: Int
    var contentType: String
    var body: [UInt8]
    var isKeptAlive: Bool
}

/// A plain connection that sends whatever it is given, and reads answers of HTTP/1.1.
final class RawConnection {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    private static let patienceSeconds = 12

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = timeval(tv_sec: Self.patienceSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        let code = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if code != 0 { throw FuzzFailure("the server takes no connection") }
    }

    deinit { close(descriptor) }

    /// - Returns: whether all was sent.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// - Parameter isStream: whether the body may go on, and only the head is waited for.
    /// - Returns: `nil` where the connection ends without an answer.
    /// - Throws: where nothing comes for a long time, or what comes is no HTTP.
    func readAnswer(isHead: Bool, isStream: Bool) throws -> RawAnswer? {
        while true {
            guard let head = try readHead() else { return nil }
            let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
            let words = lines[0].split(separator: " ")
            guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
                throw FuzzFailure("no status line: \(lines[0])")
            }
            if status == 100 { continue }
            func value(_ name: String) -> String {
                let line = lines.dropFirst().first { $0.lowercased().hasPrefix(name + ":") }
                return line.map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) } ?? ""
            }
            var answer = RawAnswer(
                status: status, contentType: value("content-type"), body: [],
                isKeptAlive: value("connection").lowercased() != "close")
            if isHead || isStream || status == 101 || status == 204 || status == 304 { return answer }
            if value("transfer-encoding") == "chunked" {
                answer.body = try readChunks()
            } else if let count = Int(value("content-length")) {
                answer.body = try read(count)
            } else {
                while try fill() {}
                answer.body = buffer
                answer.isKeptAlive = false
            }
            return answer
        }
    }

    private func readHead() throws -> [UInt8]? {
        var searched = 0
        while true {
            let end = Array("\r\n\r\n".utf8)
            if buffer.count >= 4 {
                for place in searched...(buffer.count - 4) where buffer[place..<place + 4].elementsEqual(end) {
                    let head = Array(buffer[..<place])
                    buffer.removeFirst(place + 4)
                    return head
                }
                searched = buffer.count - 3
            }
            if try !fill() { return nil }
        }
    }

    private func readChunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try readLine()
            guard let count = Int(line, radix: 16) else { throw FuzzFailure("no size of a chunk: \(line)") }
            body += try read(count)
            if try !read(2).elementsEqual([13, 10]) { throw FuzzFailure("a chunk without its end") }
            if count == 0 { return body }
        }
    }

    private func readLine() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = String(decoding: buffer[..<max(end - 1, 0)], as: UTF8.self)
                buffer.removeFirst(end + 1)
                return line
            }
            if try !fill() { throw FuzzFailure("an answer was cut off") }
        }
    }

    private func read(_ count: Int) throws -> [UInt8] {
        while buffer.count < count {
            if try !fill() { throw FuzzFailure("an answer was cut off") }
        }
        let bytes = Array(buffer[..<count])
        buffer.removeFirst(count)
        return bytes
    }

    /// - Returns: `false` at the end of the connection.
    private func fill() throws -> Bool {
        var piece = [UInt8](repeating: 0, count: 32 * 1024)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count < 0, errno == EAGAIN { throw FuzzFailure("nothing came in \(Self.patienceSeconds) s") }
        if count <= 0 { return false }
        buffer += piece[..<count]
        return true
    }
}
