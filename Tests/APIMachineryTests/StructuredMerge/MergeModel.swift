@testable import APIMachinery
import JSON

/// Structured merge as plainly as it can be said, for comparison: fields are paths in sets, documents are walked anew for
/// every question.
struct MergeModel {
    typealias Path = [String]

    struct Manager {
        var fields: Set<Path>
        var isApplier: Bool
    }

    struct Conflicts: Error {
        var fields: [String: Set<Path>]
    }

    var document: JSON = [:]
    /// By a name that tells appliers from others.
    var managers: [String: Manager] = [:]

    // MARK: Operations

    mutating func update(to new: JSON, by name: String) {
        let (added, modified, removed) = difference(document, new)
        for other in managers.keys { managers[other]?.fields.subtract(added.union(modified).union(removed)) }
        let own = managers[name]?.fields ?? []
        managers[name] = Manager(fields: own.union(added).union(modified), isApplier: false)
        managers = managers.filter { !$0.value.fields.isEmpty }
        document = new
    }

    mutating func apply(_ configuration: JSON, by name: String, force: Bool) throws {
        var after = managers
        let last = managers[name]?.fields ?? []
        let applied = Self.applied(configuration)
        after[name] = Manager(fields: applied, isApplier: true)
        let owned = Self.withDeclared(after.values.reduce(into: Set()) { $0.formUnion($1.fields) })
        let given = Self.withDeclared(last).subtracting(owned)
        let merged = Self.merge(document, configuration, MergeSchema.whole, nil)
        let result = Self.removing(given, from: merged, MergeSchema.whole, nil, at: []) ?? [:]
        let (added, modified, removed) = difference(document, result)
        var conflicts: [String: Set<Path>] = [:]
        for (other, manager) in after where other != name {
            let taken = manager.fields.intersection(added.union(modified))
            if !taken.isEmpty { conflicts[other] = taken }
        }
        if !force, !conflicts.isEmpty { throw Conflicts(fields: conflicts) }
        for other in after.keys where other != name {
            after[other]?.fields.subtract(added.union(modified).union(removed))
        }
        managers = after.filter { !$0.value.fields.isEmpty }
        document = result
    }

    // MARK: Comparison

    private func difference(_ old: JSON, _ new: JSON) -> (added: Set<Path>, modified: Set<Path>, removed: Set<Path>) {
        let before = Self.values(of: old)
        let after = Self.values(of: new)
        let modified = after.filter { path, value in
            guard let other = before[path], let value, let other else { return false }
            return value != other
        }
        return (
            Set(after.keys).subtracting(before.keys), Set(modified.keys), Set(before.keys).subtracting(after.keys)
        )
    }

    /// Every part of a document by its path: leaves and what is empty with their values, what is taken apart with none.
    private static func values(of document: JSON) -> [Path: JSON?] {
        var result: [Path: JSON?] = [:]
        walk(document, MergeSchema.whole, nil, at: []) { path, value, isLeaf, _ in
            // Nothing is told apart from an empty list or map.
            let isEmpty = value.objectValue?.isEmpty ?? value.arrayValue?.isEmpty ?? false
            result.updateValue(isLeaf || isEmpty ? value : Optional<JSON>.none, forKey: path)
        }
        result[[]] = nil
        return result
    }

    /// What an applier comes to own.
    private static func applied(_ configuration: JSON) -> Set<Path> {
        var result: Set<Path> = []
        walk(configuration, MergeSchema.whole, nil, at: []) { path, value, isLeaf, isDeclared in
            let isEmptyObject = value.objectValue?.isEmpty == true
            if isLeaf || isEmptyObject || !isDeclared { result.insert(path) }
        }
        result.remove([])
        return result
    }

    private static func walk(
        _ value: JSON, _ schema: Schema, _ field: Field?, at path: Path,
        isDeclared: Bool = true, _ visit: (Path, JSON, _ isLeaf: Bool, _ isDeclared: Bool) -> Void
    ) {
        let parts = parts(of: value, schema, field)
        visit(path, value, parts == nil, isDeclared)
        for part in parts ?? [] {
            walk(
                part.value, part.schema, part.field, at: path + [part.key], isDeclared: part.field != nil, visit)
        }
    }

    private struct Part {
        var key: String
        var value: JSON
        var schema: Schema
        var field: Field?
    }

    /// `nil` for what is one value.
    private static func parts(of value: JSON, _ schema: Schema, _ field: Field?) -> [Part]? {
        switch (value, schema.form) {
        case (.object(let object), .object(let shape)):
            if shape.mapType == .atomic { return nil }
            return object.members.compactMap { member in
                shape.field(named: member.key).map {
                    Part(key: "f:" + member.key, value: member.value, schema: $0.schema, field: $0)
                }
            }
        case (.object(let object), .map(let values)):
            if field?.details.mapType == .atomic { return nil }
            return object.members.map { Part(key: "f:" + $0.key, value: $0.value, schema: values) }
        case (.array(let items), .array(let of)):
            switch field?.details.listType {
            case .set?: return items.map { Part(key: "v:\($0)", value: $0, schema: of) }
            case .map?: return items.map { Part(key: key(of: $0), value: $0, schema: of) }
            case .atomic?, nil: return nil
            }
        default: return nil
        }
    }

    private static func key(of port: JSON) -> String {
        let name = port["protocol"]?.stringValue ?? "TCP"
        return "k:{\"port\":\(port["port"] ?? 0),\"protocol\":\"\(name)\"}"
    }

    // MARK: Merge and removal

    private static func merge(_ old: JSON, _ new: JSON, _ schema: Schema, _ field: Field?) -> JSON {
        guard let before = parts(of: old, schema, field), let after = parts(of: new, schema, field) else { return new }
        var merged = before.map { part in
            guard let other = after.first(where: { $0.key == part.key }) else { return part }
            var part = part
            part.value = merge(part.value, other.value, part.schema, part.field)
            return part
        }
        merged += after.filter { part in !before.contains { $0.key == part.key } }
        return whole(merged, like: new)
    }

    private static func whole(_ parts: [Part], like value: JSON) -> JSON {
        if case .array = value { return .array(parts.map(\.value)) }
        return .object(
            JSONObject(uniqueMembers: parts.map { .init(key: String($0.key.dropFirst(2)), value: $0.value) }))
    }

    private static func removing(
        _ paths: Set<Path>, from value: JSON, _ schema: Schema, _ field: Field?, at path: Path
    ) -> JSON? {
        if paths.contains(path) { return nil }
        guard let parts = parts(of: value, schema, field) else { return value }
        let kept = parts.compactMap { part -> Part? in
            guard let value = removing(paths, from: part.value, part.schema, part.field, at: path + [part.key]) else {
                return nil
            }
            var part = part
            part.value = value
            return part
        }
        return kept.isEmpty && !parts.isEmpty ? JSON.null : whole(kept, like: value)
    }

    /// Paths with all declared fields that lead to them.
    private static func withDeclared(_ paths: Set<Path>) -> Set<Path> {
        var result = paths
        for path in paths {
            for count in path.indices.dropFirst() where isDeclared(Array(path[..<count])) {
                result.insert(Array(path[..<count]))
            }
        }
        return result
    }

    private static func isDeclared(_ path: Path) -> Bool {
        var schema = MergeSchema.whole
        var isDeclared = false
        for key in path {
            let field = key.hasPrefix("f:") ? schema.field(String(key.dropFirst(2))) : nil
            isDeclared = field != nil
            schema = field?.schema ?? schema.items ?? .any
        }
        return isDeclared
    }
}
