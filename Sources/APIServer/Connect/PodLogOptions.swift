import APIMachinery
import JSON

/// What a request for a container's log asks for.
struct PodLogOptions {
    var container = ""
    /// What the node's agent is told, in the order of the alphabet.
    var query = ""

    /// - Throws: 400 for what cannot be read, 422 for what cannot be asked.
    init(_ parameters: QueryParameters, pod name: String) throws(APIStatus) {
        container = parameters["container"] ?? ""
        var errors = FieldErrors()
        let lines = try Self.number("tailLines", parameters)
        let bytes = try Self.number("limitBytes", parameters)
        let seconds = try Self.number("sinceSeconds", parameters)
        let time = parameters["sinceTime"] ?? ""
        if let lines, lines < 0 {
            errors.add(.invalid(FieldPath("tailLines"), .int(lines), "must be greater than or equal to 0"))
        }
        if let bytes, bytes < 1 {
            errors.add(.invalid(FieldPath("limitBytes"), .int(bytes), "must be greater than 0"))
        }
        if seconds != nil, !time.isEmpty {
            errors.add(.forbidden(.root, "at most one of `sinceTime` or `sinceSeconds` may be specified"))
        } else if let seconds, seconds < 1 {
            errors.add(.invalid(FieldPath("sinceSeconds"), .int(seconds), "must be greater than 0"))
        }
        if !errors.list.isEmpty {
            throw .invalid(GroupKind(group: "", kind: "PodLogOptions"), name: name, errors.list)
        }
        var parts: [String] = []
        if parameters.flag("follow") { parts.append("follow=true") }
        if let bytes { parts.append("limitBytes=\(bytes)") }
        if parameters.flag("previous") { parts.append("previous=true") }
        if let seconds { parts.append("sinceSeconds=\(seconds)") }
        if let lines { parts.append("tailLines=\(lines)") }
        if parameters.flag("timestamps") { parts.append("timestamps=true") }
        query = parts.joined(separator: "&")
    }

    private static func number(_ name: String, _ parameters: QueryParameters) throws(APIStatus) -> Int64? {
        guard let text = parameters[name], !text.isEmpty else { return nil }
        guard let number = Int64(text) else {
            throw .badRequest("strconv.ParseInt: parsing \(JSON.string(text)): invalid syntax")
        }
        return number
    }
}
