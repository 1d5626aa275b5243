import Glibc

/// Reading of small files, such as keys.
enum SystemFile {
    static let maximumBytes = 16 * 1024 * 1024

    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = Glibc.read(descriptor, &part, part.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            bytes.append(contentsOf: part[..<count])
            guard bytes.count <= maximumBytes else {
                throw HTTPServerError(code: .file, message: "\(path) is larger than \(maximumBytes) bytes")
            }
        }
    }

    private static func failure(_ path: String) -> HTTPServerError {
        HTTPServerError(code: .file, message: "cannot read \(path): \(String(cString: strerror(errno)))")
    }
}
