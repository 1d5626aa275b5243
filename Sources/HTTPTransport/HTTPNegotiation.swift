/// What a client accepts.
enum HTTPNegotiation {
    /// Whether `accept-encoding` names gzip and does not refuse it by `q=0` (RFC 9110 section 12.5.3).
    static func acceptsGzip(_ acceptEncoding: String?) -> Bool {
        guard let acceptEncoding else { return false }
        for item in acceptEncoding.lowercased().split(separator: ",") {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard parts.first == "gzip" else { continue }
            guard let quality = parts.dropFirst().first(where: { $0.hasPrefix("q=") }) else { return true }
            return quality.dropFirst(2).contains { ("1"..."9").contains($0) }
        }
        return false
    }
}
