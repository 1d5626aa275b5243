import APIMachinery
import JSON

/// The columns that a `CustomResourceDefinition` asks for.
enum CustomColumn {
    /// The column of a custom resource that asks for none.
    static let age = column(
        name: "Age", type: "date", format: "", description: ColumnDescription.creationTimestamp, priority: 0,
        path: ".metadata.creationTimestamp")

    static func column(_ column: Fields) -> TableColumn {
        let path = column["jsonPath"].text
        let description = column["description"].text
        return self.column(
            name: column["name"].text, type: column["type"].text, format: column["format"].text,
            description: description.isEmpty
                ? "Custom resource definition column (in JSONPath format): \(path)" : description,
            priority: Int(column["priority"].int ?? 0), path: path)
    }

    private static func column(
        name: String, type: String, format: String, description: String, priority: Int, path: String
    ) -> TableColumn {
        let parsed = JSONPath(path)
        return TableColumn(name: name, type: type, format: format, description: description, priority: priority) {
            object, now in cell(parsed?.values(in: object) ?? [], type: type, now)
        }
    }

    /// The first of the values, as the type of the column wants it; `null` where there is none.
    private static func cell(_ values: [JSON], type: String, _ now: Int64) -> JSON {
        guard let first = values.first else { return .null }
        switch type {
        case "integer":
            switch first {
            case .int: return first
            case .double(let number): return Int64(exactly: number.rounded(.towardZero)).map { .int($0) } ?? .null
            default: return .null
            }
        case "number": return first.doubleValue == nil ? .null : first
        case "boolean": return first.boolValue == nil ? .null : first
        case "date":
            guard first.stringValue != nil else { return .null }
            let age = Age.since(first, now)
            return .string(age == "<unknown>" ? "<invalid>" : age)
        default: return .string(text(first))
        }
    }

    private static func text(_ value: JSON) -> String {
        value.stringValue ?? String(decoding: value.encoded, as: UTF8.self)
    }
}

/// A simple path of kubectl's kind: members, indices, `*`, and filters for equality: `.status.conditions[?(@.type=="Ready")].status`.
struct JSONPath: Sendable {
    private enum Step: Sendable {
        case member(String)
        case index(Int)
        case all
        case filter(path: [String], equals: JSON)
    }

    private var steps: [Step] = []

    /// - Returns: `nil` where the text is no such path.
    init?(_ text: String) {
        var rest = Substring(text)
        while let first = rest.first {
            rest = rest.dropFirst()
            switch first {
            case ".":
                let name = Self.name(&rest)
                if name == "*" { steps.append(.all) } else if !name.isEmpty { steps.append(.member(name)) }
            case "[":
                guard let end = rest.firstIndex(of: "]"), let step = Self.bracket(String(rest[..<end])) else {
                    return nil
                }
                steps.append(step)
                rest = rest[rest.index(after: end)...]
            default: return nil
            }
        }
    }

    /// The name that a path goes on with; a dot behind a backslash is part of it.
    private static func name(_ rest: inout Substring) -> String {
        var name = ""
        while let next = rest.first, next != ".", next != "[" {
            rest = rest.dropFirst()
            if next == "\\", let escaped = rest.first {
                name.append(escaped)
                rest = rest.dropFirst()
            } else {
                name.append(next)
            }
        }
        return name
    }

    private static func bracket(_ text: String) -> Step? {
        if text == "*" { return .all }
        if let index = Int(text) { return .index(index) }
        if let name = unquoted(text) { return .member(name) }
        guard text.hasPrefix("?("), text.hasSuffix(")") else { return nil }
        let parts = text.dropFirst(2).dropLast().split(separator: "==", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        let left = parts[0].filter { $0 != " " }
        guard left.hasPrefix("@.") else { return nil }
        let literal = parts[1].split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        let value: JSON
        if let text = unquoted(literal) {
            value = .string(text)
        } else if let number = Int64(literal) {
            value = .int(number)
        } else if literal == "true" || literal == "false" {
            value = .bool(literal == "true")
        } else {
            return nil
        }
        return .filter(path: left.dropFirst(2).split(separator: ".").map { String($0) }, equals: value)
    }

    private static func unquoted(_ text: String) -> String? {
        guard text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote else {
            return nil
        }
        return String(text.dropFirst().dropLast())
    }

    /// The values that the path leads to, in order.
    func values(in object: JSON) -> [JSON] {
        var values = [object]
        for step in steps { values = values.flatMap { Self.take(step, from: $0) } }
        return values.filter { !$0.isNull }
    }

    private static func take(_ step: Step, from value: JSON) -> [JSON] {
        switch step {
        case .member(let name): return value[name].map { [$0] } ?? []
        case .index(let index):
            let items = value.arrayValue ?? []
            return (index < 0 ? value[items.count + index] : value[index]).map { [$0] } ?? []
        case .all: return value.arrayValue ?? value.objectValue?.map(\.value) ?? []
        case .filter(let path, let wanted): return (value.arrayValue ?? []).filter { $0.at(path) == wanted }
        }
    }
}
