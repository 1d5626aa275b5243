import APIMachinery
import Foundation
import HTTPTransport
import Logging
import Storage

extension APIServer {
    /// Bytes of the copy that are read and sent at a time.
    private static let backupChunkBytes = 256 << 10

    /// `GET /martlet/backup`: a copy of the store, consistent at one revision, which a server can be started from.
    ///
    /// It holds every secret there is, so it is for members of `system:masters` alone, whatever the roles say. The copy
    /// stands in the data directory while it is sent, and is then removed.
    func backup(_ context: RequestContext) async throws -> Answer {
        try requireGet(context)
        guard context.user.groups.contains(UserInfo.mastersGroup) else {
            throw APIStatus(
                code: 403, reason: .forbidden,
                message: "forbidden: a backup is for members of \(UserInfo.mastersGroup) alone", details: .init())
        }
        guard let directory = options.dataDirectory, let exchange = context.exchange else {
            throw APIStatus(
                code: 501, reason: .unknown,
                message: "this server has no data directory in which a backup could be made", details: .init())
        }
        let path = "\(directory)/backup-\(environment.random()).sqlite"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await storage.backUp(to: path)
        let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? file.close() }
        let byteCount = try file.seekToEnd()
        try file.seek(toOffset: 0)

        var headers = answerHeaders(contentType: "application/vnd.sqlite3", context)
        headers.add("content-length", String(byteCount))
        let stream = exchange.start(status: 200, headers: headers)
        do {
            while let chunk = try file.read(upToCount: Self.backupChunkBytes), !chunk.isEmpty {
                stream.write(ByteSegments(Array(chunk)))
                try await stream.drained()
            }
            stream.finish()
        } catch {
            // The client sees that the copy is not whole.
            stream.abort()
            options.logger.warning("Could not send backup", metadata: ["error": "\(error)"])
        }
        return .streaming
    }
}
