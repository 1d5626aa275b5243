public import APIMachinery
import JSON

/// One event of a watch.
public enum WatchEvent: Sendable {
    case added(KubernetesObject)
    case modified(KubernetesObject)
    case deleted(KubernetesObject)
    /// Carries no object, only how far the watch has come (`resourceVersion`) and annotations.
    case bookmark(KubernetesObject)
    /// The watch failed on the server's side and ends: 410 asks to list again.
    case error(APIStatus)
}

/// The events of a watch in the order of their versions.
///
/// Ends without an error where the server closed the watch (after its timeout); throws `TransportError` where the
/// connection broke, and `CancellationError` on cancellation. To be read once, by one task; dropping the stream ends
/// the watch. A reader that falls behind holds back the server, which may cut it off.
public struct WatchStream: AsyncSequence, Sendable {
    /// The longest event that is taken in.
    public static let maximumEventBytes = 64 << 20

    private let body: TransportBody

    init(body: TransportBody) { self.body = body }

    public func makeAsyncIterator() -> Iterator { Iterator(body: body.makeAsyncIterator()) }

    public struct Iterator: AsyncIteratorProtocol {
        private var body: TransportBody.Iterator
        private var lines = LineBuffer(maximumLineBytes: WatchStream.maximumEventBytes)

        fileprivate init(body: TransportBody.Iterator) { self.body = body }

        public mutating func next() async throws -> WatchEvent? {
            while true {
                while let line = try lines.next() {
                    if line.isEmpty { continue }
                    return try WatchEvent(parsing: line)
                }
                guard let piece = try await body.next() else {
                    guard lines.isEmpty else {
                        throw TransportError(.connectionLost, "the watch ended in the middle of an event")
                    }
                    return nil
                }
                lines.append(piece)
            }
        }
    }
}

extension WatchEvent {
    /// Reads an event as the API sends it.
    /// - Throws: `TransportError` where it is none.
    init(parsing line: ArraySlice<UInt8>) throws {
        let json: JSON
        do throws(JSONParseError) {
            json = try JSON(parsing: line)
        } catch {
            throw TransportError(.invalidAnswer, "a watch event is not JSON: \(error.message)")
        }
        guard let object = json["object"] else {
            throw TransportError(.invalidAnswer, "a watch event has no object")
        }
        switch json["type"]?.stringValue {
        case "ADDED": self = .added(KubernetesObject(object))
        case "MODIFIED": self = .modified(KubernetesObject(object))
        case "DELETED": self = .deleted(KubernetesObject(object))
        case "BOOKMARK": self = .bookmark(KubernetesObject(object))
        case "ERROR":
            self = .error(
                StatusDecoding.status(object)
                    ?? APIStatus(code: 500, reason: .internalError, message: "the watch failed: \(object)"))
        case let type: throw TransportError(.invalidAnswer, "a watch event is of the unknown type \(type ?? "")")
        }
    }
}

/// Cuts pieces of a stream into lines; a line in one piece is not copied.
struct LineBuffer {
    private let maximumLineBytes: Int
    private var current: ArraySlice<UInt8> = []
    /// Where the search for the line's end goes on.
    private var scanned = 0

    init(maximumLineBytes: Int) { self.maximumLineBytes = maximumLineBytes }

    /// Whether nothing but whole lines has come.
    var isEmpty: Bool { current.isEmpty }

    mutating func append(_ piece: [UInt8]) {
        if current.isEmpty {
            current = piece[...]
            scanned = current.startIndex
        } else if current.startIndex == 0 {
            current += piece
        } else {
            let offset = scanned - current.startIndex
            current = (Array(current) + piece)[...]
            scanned = offset
        }
    }

    /// The next whole line, without its end.
    mutating func next() throws -> ArraySlice<UInt8>? {
        guard let end = current[scanned...].firstIndex(of: UInt8(ascii: "\n")) else {
            scanned = current.endIndex
            guard current.count <= maximumLineBytes else {
                throw TransportError(.tooLarge, "a watch event is longer than \(maximumLineBytes) bytes")
            }
            return nil
        }
        let line = current[..<end]
        current = current[(end + 1)...]
        scanned = current.startIndex
        return line
    }
}
