public import APIMachinery

/// What a request is about, read from its method, path and query by Kubernetes' rules (`RequestInfoFactory`).
public struct RequestInfo: Sendable {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; for a path outside the
    /// resources the method in small letters.
    public var verb: String
    public var isResourceRequest: Bool
    public var groupVersion = GroupVersion(group: "", version: "")
    public var namespace: String?
    /// The plural name as given in the path.
    public var resource = ""
    public var name: String?
    /// The one name that a list or watch selects by `metadata.name`, which authorization takes for the object's.
    public var selectedName: String?
    public var subresource: String?
    /// What comes after the subresource, as `pods/x/proxy/a/b` has `a/b`.
    public var remainder: String?

    /// A request that is only asked about, by an access review.
    init(verb: String) {
        self.verb = verb
        isResourceRequest = false
    }

    /// A creation by the server itself.
    init(creationOf served: ServedResource, in namespace: String?) {
        verb = Verb.create.rawValue
        isResourceRequest = true
        groupVersion = served.groupVersion
        resource = served.definition.names.plural
        self.namespace = namespace
    }

    /// - Returns: `nil` where the path's escapes are broken.
    public init?(method: String, path: String, query: QueryParameters) {
        verb = method.lowercased()
        isResourceRequest = false
        // Escapes are undone before the path is taken apart: `%2F` separates as `/` does, as in Kubernetes.
        guard let decoded = PercentEncoding.decode(path[...].utf8, plusIsSpace: false) else { return nil }
        let segments = Self.segments(of: decoded)
        guard var rest = Self.afterGroupVersion(segments, into: &groupVersion), !rest.isEmpty else { return }

        isResourceRequest = true
        var isOldWatch = false
        if rest.first == "watch", rest.count > 1 {
            isOldWatch = true
            rest = rest.dropFirst()
        }
        readNames(rest)
        verb = Self.verb(method: method, hasName: name != nil, isOldWatch: isOldWatch, query: query)
        if name == nil, let text = query["fieldSelector"], ["list", "watch", "deletecollection"].contains(verb) {
            selectedName = (try? FieldSelector(parsing: text))?.requiredValue(of: "metadata.name")
        }
    }

    /// The parts between the slashes; those at both ends do not count, those in between do, even with nothing in them.
    private static func segments(of path: String) -> [String] {
        var path = path
        return path.withUTF8 { bytes in
            let slash = UInt8(ascii: "/")
            var (start, end) = (0, bytes.count)
            while start < end, bytes[start] == slash { start += 1 }
            while end > start, bytes[end - 1] == slash { end -= 1 }
            var segments: [String] = []
            segments.reserveCapacity(8)
            for index in start..<end where bytes[index] == slash {
                segments.append(String(decoding: bytes[start..<index], as: UTF8.self))
                start = index + 1
            }
            segments.append(String(decoding: bytes[start..<end], as: UTF8.self))
            return segments
        }
    }

    /// The segments behind `/api/v1` or `/apis/group/version`; `nil` where the path is neither.
    private static func afterGroupVersion(
        _ segments: [String], into groupVersion: inout GroupVersion
    ) -> ArraySlice<String>? {
        switch segments.first {
        case "api" where segments.count >= 3:
            groupVersion = GroupVersion(group: "", version: segments[1])
            return segments[2...]
        case "apis" where segments.count >= 4:
            groupVersion = GroupVersion(group: segments[1], version: segments[2])
            return segments[3...]
        default: return nil
        }
    }

    private mutating func readNames(_ segments: ArraySlice<String>) {
        var rest = segments
        if rest.first == "namespaces" {
            // `namespaces/x` is the namespace x itself, and so are its two subresources.
            let third = rest.dropFirst(2).first
            if rest.count > 2, third != "status", third != "finalize" {
                namespace = rest.dropFirst().first
                rest = rest.dropFirst(2)
            } else if rest.count > 1 {
                namespace = rest.dropFirst().first
            }
        }
        if namespace?.isEmpty == true { namespace = nil }
        resource = rest.popFirst() ?? ""
        name = rest.popFirst()
        subresource = rest.popFirst()
        remainder = rest.isEmpty ? nil : rest.joined(separator: "/")
    }

    private static func verb(method: String, hasName: Bool, isOldWatch: Bool, query: QueryParameters) -> String {
        // The old watch paths are for watching alone.
        if isOldWatch, method != "GET" { return method.lowercased() }
        return switch method {
        case "POST": "create"
        case "GET", "HEAD":
            if isOldWatch {
                "watch"
            } else if hasName {
                "get"
            } else {
                query.flag("watch") ? "watch" : "list"
            }
        case "PUT": "update"
        case "PATCH": "patch"
        case "DELETE": hasName ? "delete" : "deletecollection"
        default: method.lowercased()
        }
    }
}
