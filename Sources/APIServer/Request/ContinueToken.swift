import APIMachinery
import JSON
import Storage

/// Where the next page of a list begins, in the form that Kubernetes gives it (`meta.k8s.io/v1`): base64url of
/// `{"v":"meta.k8s.io/v1","rv":5,"start":"name\u0000"}`.
struct ContinueToken {
    /// The revision that all pages show; `nil` for the newest state, which an expired list may go on with.
    var revision: Revision?
    /// The path below the list's own prefix from which the page begins.
    var start: String

    private static let version = "meta.k8s.io/v1"

    /// The token for the page behind an object.
    init(revision: Revision?, after path: Substring) {
        self.revision = revision
        start = path + "\0"
    }

    /// - Throws: 400 with Kubernetes' words for what is wrong with the token.
    init(parsing text: String) throws {
        func invalid(_ why: String) -> APIStatus {
            .badRequest("invalid continue token: continue key is not valid: \(why)")
        }
        let bytes: [UInt8]
        switch Base64URL.decode(text) {
        case .success(let decoded): bytes = decoded
        case .failure(let problem): throw invalid("illegal base64 data at input byte \(problem.offset)")
        }
        let token: JSON
        do {
            token = try JSON(parsing: bytes)
        } catch {
            throw invalid(error.message)
        }
        let version = token["v"]?.stringValue ?? ""
        guard version == Self.version else {
            throw invalid("server does not recognize this encoded version \(version)")
        }
        let number = token["rv"]?.intValue ?? 0
        if number == 0 { throw invalid("incorrect encoded start resourceVersion (version \(version))") }
        var start = token["start"]?.stringValue ?? ""
        if start.isEmpty { throw invalid("encoded start key empty (version \(version))") }
        if start.split(separator: "/").contains("..") { throw invalid(start) }
        if start.first == "/" { start.removeFirst() }
        self.start = start
        revision = number < 0 ? nil : Revision(number)
    }

    var encoded: String {
        let document: JSON = [
            "v": .string(Self.version), "rv": .int(revision?.rawValue ?? -1), "start": .string(start),
        ]
        return Base64URL.encode(document.encoded)
    }
}

/// Base64 with the alphabet of URLs and without padding (RFC 4648 section 5).
enum Base64URL {
    struct Problem: Error { var offset: Int }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values: [UInt8?] = {
        var values = [UInt8?](repeating: nil, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(buffer >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> Result<[UInt8], Problem> {
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for (offset, byte) in text.utf8.enumerated() {
            guard let value = values[Int(byte)] else { return .failure(Problem(offset: offset)) }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        // One left-over character carries less than a byte.
        return bits == 6 ? .failure(Problem(offset: text.utf8.count - 1)) : .success(bytes)
    }
}
