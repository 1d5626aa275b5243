public import JSON

/// Why a strategic merge patch cannot be applied, in Kubernetes' words.
public struct StrategicMergePatchError: Error, Sendable, Equatable {
    public enum Kind: Sendable, Hashable {
        /// The patch is not well formed: 400.
        case badRequest
        /// The patch does not fit the object: 500, as Kubernetes answers.
        case `internal`
        /// The patch asks for something that there is not: 422.
        case unprocessable
    }

    public var kind: Kind
    public var message: String

    public init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}

extension Schema {
    /// Applies a strategic merge patch, as `application/strategic-merge-patch+json` means it.
    ///
    /// Objects are merged member by member and `null` deletes; lists are replaced, unless the type gives them a merge
    /// key (or makes them sets), and then items merge with those of the same key. The directives are `$patch` (`replace`,
    /// `delete`), `$retainKeys`, `$setElementOrder/FIELD` and `$deleteFromPrimitiveList/FIELD` (API concepts, strategic
    /// merge patch; KEP-level design in `community/contributors/devel/sig-api-machinery/strategic-merge-patch.md`).
    ///
    /// - Returns: the patched object; members are in no special order until it is canonicalized.
    public func applyStrategicMergePatch(
        _ patch: JSON, to original: JSON
    ) throws(StrategicMergePatchError) -> JSON {
        guard case .object(let patch) = patch, case .object(let original) = original else {
            throw StrategicMergePatchError(.badRequest, "invalid JSON document")
        }
        return .object(try StrategicMerge.merge(original, patch, self))
    }
}

/// The rules of strategic merging.
private enum StrategicMerge {
    typealias Failure = StrategicMergePatchError

    static let directive = "$patch"
    static let retainKeys = "$retainKeys"
    static let elementOrder = "$setElementOrder"
    static let primitiveDeletion = "$deleteFromPrimitiveList"

    // MARK: Objects

    static func merge(
        _ original: JSONObject, _ patch: JSONObject, _ schema: Schema
    ) throws(Failure) -> JSONObject {
        var patch = patch
        if let directive = patch.removeValue(forKey: directive) { return try obey(directive, patch) }
        var result = original
        try retainKeys(&result, &patch)
        try mergeOrderedLists(&result, &patch, schema)
        for member in patch {
            try merge(member, into: &result, schema)
        }
        return result
    }

    /// What `$patch` in an object asks for.
    private static func obey(_ directive: JSON, _ patch: JSONObject) throws(Failure) -> JSONObject {
        switch directive {
        case "replace": return patch
        case "delete": return [:]
        default:
            var whole = patch
            whole[self.directive] = directive
            throw Failure(.internal, "unknown patch type: \(goText(directive)) in map: \(goText(.object(whole)))")
        }
    }

    private static func retainKeys(_ original: inout JSONObject, _ patch: inout JSONObject) throws(Failure) {
        guard let list = patch.removeValue(forKey: retainKeys) else { return }
        let invalid = Failure(.badRequest, "invalid patch format of retainKeys")
        guard let names = list.arrayValue else { throw invalid }
        let kept = Set(names.compactMap(\.stringValue))
        for member in patch where !member.value.isNull && !isParallelList(member.key) && !kept.contains(member.key) {
            throw invalid
        }
        for name in Array(original.keys) where !kept.contains(name) { original[name] = nil }
    }

    private static func isParallelList(_ name: String) -> Bool {
        name.hasPrefix(elementOrder) || name.hasPrefix(primitiveDeletion)
    }

    private static func merge(
        _ member: JSONObject.Member, into result: inout JSONObject, _ schema: Schema
    ) throws(Failure) {
        if member.key.hasPrefix(primitiveDeletion) {
            let name = try listName(in: member.key, after: primitiveDeletion)
            guard let list = result[name]?.arrayValue, let deleted = member.value.arrayValue else { return }
            result[name] = .array(list.filter { !deleted.contains($0) })
            return
        }
        let name = member.key
        guard !member.value.isNull else {
            result[name] = nil
            return
        }
        let field = schema.field(name)
        let inner = field?.schema ?? schema.items ?? .any
        switch (result[name], member.value) {
        case (.object(let old)?, .object(let new)):
            if field?.details.patchStrategy.contains(.replace) == true {
                result[name] = member.value
            } else {
                result[name] = .object(try merge(old, new, inner))
            }
        case (.array(let old)?, .array(let new)):
            result[name] = .array(try merge(old, new, field, inner))
        default:
            result[name] = added(member.value)
        }
    }

    /// A value that the original does not have: its nulls and what it would delete mean nothing there.
    private static func added(_ value: JSON) -> JSON? {
        switch value {
        case .object(let object):
            guard object[directive] == nil else { return nil }
            var kept = JSONObject(minimumCapacity: object.count)
            for member in object where !member.value.isNull {
                if let value = added(member.value) { kept.append(uniqueKey: member.key, value) }
            }
            return .object(kept)
        case .array(let items): return .array(items.compactMap(added))
        default: return value
        }
    }

    // MARK: Lists

    private static func merge(
        _ original: [JSON], _ patch: [JSON], _ field: Field?, _ schema: Schema
    ) throws(Failure) -> [JSON] {
        guard let field, field.details.patchStrategy.contains(.merge) else { return patch }
        if original.isEmpty, patch.isEmpty { return original }
        let items = original + patch
        guard items.contains(where: { $0.objectValue != nil }) else {
            var merged: [JSON] = []
            for item in items where !merged.contains(item) { merged.append(item) }
            return try ordered(merged, by: patch, server: original, key: nil)
        }
        guard let key = field.details.patchMergeKey else {
            throw Failure(.internal, "cannot merge lists without merge key for \(schema.goType)")
        }
        return try mergeObjects(original, patch, key, schema.items ?? .any)
    }

    private static func mergeObjects(
        _ original: [JSON], _ patch: [JSON], _ key: String, _ schema: Schema
    ) throws(Failure) -> [JSON] {
        let (base, changes) = try obeyItems(original, patch, key)
        var merged = base
        for change in changes {
            guard case .object(let object) = change else {
                throw Failure(
                    .internal, "expected a map[string]interface {}, but received a \(change.goDynamicTypeName)")
            }
            let value = try keyValue(of: change, key)
            if let place = merged.firstIndex(where: { $0[key] == value }), case .object(let old) = merged[place] {
                merged[place] = .object(try merge(old, object, schema))
            } else if let new = added(change) {
                merged.append(new)
            }
        }
        return try ordered(merged, by: changes, server: base, key: key)
    }

    /// Takes the items with a `$patch` out of a patch and does what they say.
    private static func obeyItems(
        _ original: [JSON], _ patch: [JSON], _ key: String
    ) throws(Failure) -> (original: [JSON], patch: [JSON]) {
        var kept = original
        var changes: [JSON] = []
        var replaces = false
        for item in patch {
            guard let directive = item[directive] else {
                changes.append(item)
                continue
            }
            switch directive {
            case "delete":
                let value = try keyValue(of: item, key)
                kept.removeAll { $0[key] == value }
            case "replace": replaces = true
            case "merge": throw Failure(.internal, "merging lists cannot yet be specified in the patch")
            default: throw Failure(.internal, "unknown patch type: \(goText(directive)) in map: \(goText(item))")
            }
        }
        return (replaces ? [] : kept, changes)
    }

    private static func keyValue(of item: JSON, _ key: String) throws(Failure) -> JSON {
        guard let value = item[key] else {
            throw Failure(.internal, "map: \(goText(item)) does not contain declared merge key: \(key)")
        }
        return value
    }

    // MARK: Order

    /// Lists that come with a `$setElementOrder` are merged here and taken out of the patch.
    private static func mergeOrderedLists(
        _ original: inout JSONObject, _ patch: inout JSONObject, _ schema: Schema
    ) throws(Failure) {
        for member in patch where member.key.hasPrefix(elementOrder) {
            patch[member.key] = nil
            let name = try listName(in: member.key, after: elementOrder)
            guard let order = member.value.arrayValue else {
                throw Failure(.badRequest, "invalid patch format of setElementOrder list")
            }
            let field = schema.field(name)
            let key = field?.details.patchMergeKey
            let changes = patch[name]
            if let changes { try check(changes, against: order, key) }
            let old = original[name]?.arrayValue
            let new = changes?.arrayValue
            let merged: [JSON]
            switch (old, new) {
            case (let old?, let new?): merged = try merge(old, new, field, field?.schema ?? .any)
            case (let old?, nil): merged = old
            case (nil, let new?): merged = added(.array(new))?.arrayValue ?? []
            case (nil, nil): continue
            }
            original[name] = .array(try ordered(merged, by: order, server: old ?? [], key: key))
            patch[name] = nil
        }
    }

    /// The items of a patch must come in the order that it gives.
    private static func check(_ patch: JSON, against order: [JSON], _ key: String?) throws(Failure) {
        guard let items = patch.arrayValue else {
            if patch.isNull { return }
            throw Failure(.badRequest, "invalid patch format of setElementOrder list")
        }
        let kept = key == nil ? items : items.filter { $0[directive] == nil }
        var next = 0
        for element in order where next < kept.count {
            if try identity(of: kept[next], key) == identity(of: element, key) { next += 1 }
        }
        guard next == kept.count else {
            throw Failure(
                .internal,
                "The order in patch list:\n\(goText(patch))\n doesn't match \(elementOrder) list:\n"
                    + "\(goText(.array(order)))\n")
        }
    }

    private static func identity(of item: JSON, _ key: String?) throws(Failure) -> JSON {
        guard let key else { return item }
        return try keyValue(of: item, key)
    }

    /// Brings the items that `order` names into its order, and sorts those only the server has in between where both
    /// stood in an order to each other before; an item that is new to the server comes first.
    private static func ordered(
        _ items: [JSON], by order: [JSON], server: [JSON], key: String?
    ) throws(Failure) -> [JSON] {
        let wanted = try places(of: order, key)
        let known = try places(of: server, key)
        var named: [(item: JSON, identity: JSON)] = []
        var others: [(item: JSON, identity: JSON)] = []
        for item in items {
            let identity = try identity(of: item, key)
            if wanted[identity] != nil { named.append((item, identity)) } else { others.append((item, identity)) }
        }
        // Both sorts are stable: neither list has two items in the same place.
        named.sort { wanted[$0.identity, default: 0] < wanted[$1.identity, default: 0] }
        others.sort { known[$0.identity, default: .max] < known[$1.identity, default: .max] }
        var result: [JSON] = []
        result.reserveCapacity(items.count)
        var next = 0
        for other in others {
            while next < named.count {
                if let mine = known[other.identity], let its = known[named[next].identity], mine < its { break }
                result.append(named[next].item)
                next += 1
            }
            result.append(other.item)
        }
        result += named[next...].map(\.item)
        return result
    }

    private static func places(of items: [JSON], _ key: String?) throws(Failure) -> [JSON: Int] {
        var places: [JSON: Int] = [:]
        for (place, item) in items.enumerated() {
            let identity = try identity(of: item, key)
            if places[identity] == nil { places[identity] = place }
        }
        return places
    }

    private static func listName(in directive: String, after prefix: String) throws(Failure) -> String {
        let name = directive.dropFirst(prefix.count)
        guard name.first == "/", name.count > 1 else {
            let what = prefix == elementOrder ? "setElementOrder" : "primitive"
            throw Failure(.badRequest, "invalid patch format of \(what) list")
        }
        return String(name.dropFirst())
    }

    // MARK: Texts

    /// A value as Go's `%v` prints it: `map[image:x ports:[80 81]]`.
    private static func goText(_ value: JSON) -> String {
        switch value {
        case .null: return "<nil>"
        case .string(let text): return text
        case .array(let items): return "[" + items.map(goText).joined(separator: " ") + "]"
        case .object(let object):
            let sorted = object.members.sorted { $0.key.precedesInBytes($1.key) }
            return "map[" + sorted.map { "\($0.key):\(goText($0.value))" }.joined(separator: " ") + "]"
        case .bool, .int, .double: return String(decoding: value.encoded, as: UTF8.self)
        }
    }
}
