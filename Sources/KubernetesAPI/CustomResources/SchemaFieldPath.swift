import JSON

/// A path that leads to a field by a schema: `.spec.size`, `.spec.labels['a.b']`.
enum SchemaFieldPath {
    struct Resolved {
        /// Names of members, from the object down.
        var names: [String]
        /// The schema of the field.
        var schema: JSON
    }

    /// Why a path leads nowhere, in Kubernetes' words.
    struct Problem: Error {
        var message: String
    }

    static func resolve(
        _ path: String, in schema: JSON, allowsBrackets: Bool = true
    ) -> Result<Resolved, Problem> {
        Result { () throws(Problem) in
            var tokens = tokens(of: path)[...]
            var resolved = Resolved(names: [], schema: schema)
            while let token = tokens.popFirst() {
                var name: String
                switch token {
                case "[" where !allowsBrackets: throw Problem(message: "array notation is not allowed")
                case "[":
                    guard let quoted = tokens.popFirst() else { throw Problem(message: "unexpected end of JSON path") }
                    guard quoted.utf8.count >= 2, quoted.hasPrefix("'"), quoted.hasSuffix("'") else {
                        throw Problem(message: "expected single quoted string but got \(quoted)")
                    }
                    name = unescaped(String(quoted.dropFirst().dropLast()))
                    try follow(name, &resolved)
                    guard let end = tokens.popFirst() else { throw Problem(message: "unexpected end of JSON path") }
                    if end != "]" { throw Problem(message: "expected ] but got \(end)") }
                case ".":
                    guard let next = tokens.popFirst() else { throw Problem(message: "unexpected end of JSON path") }
                    try follow(next, &resolved)
                default: throw Problem(message: "expected [ or . but got: \(token)")
                }
            }
            return resolved
        }
    }

    private static func follow(_ name: String, _ resolved: inout Resolved) throws(Problem) {
        let properties = resolved.schema["properties"]?.objectValue ?? [:]
        let next = properties.isEmpty ? resolved.schema["additionalProperties"] : properties[name]
        guard let next, !next.isNull else { throw Problem(message: "does not refer to a valid field") }
        resolved.names.append(name)
        resolved.schema = next
    }

    /// Delimiters, and what stands between them; a quoted text is one.
    private static func tokens(of path: String) -> [String] {
        var tokens: [String] = []
        var token = ""
        var previous: Character?
        for character in path {
            if token.hasPrefix("'") {
                token.append(character)
                if character == "'", previous != "\\" {
                    tokens.append(token)
                    token = ""
                }
            } else if [".", "[", "]"].contains(character) {
                if !token.isEmpty { tokens.append(token) }
                tokens.append(String(character))
                token = ""
            } else {
                token.append(character)
            }
            previous = character
        }
        if !token.isEmpty { tokens.append(token) }
        return tokens
    }

    private static func unescaped(_ text: String) -> String {
        var result = ""
        var isEscaped = false
        for character in text {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                result.append(character)
                isEscaped = false
            }
        }
        return result
    }
}
