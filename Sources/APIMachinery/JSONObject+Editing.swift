package import JSON

// Reading and changing documents member by member, in place: a change deep inside copies nothing on the way.

extension JSON {
    /// Changes the members of an object where they are; does nothing to other values.
    package mutating func edit(_ change: (inout JSONObject) -> Void) {
        guard case .object(var object) = self else { return }
        self = .null  // leaves `object` the only owner
        change(&object)
        self = .object(object)
    }
}

extension JSONObject {
    /// Whether the member is there and not `null`.
    package func has(_ key: String) -> Bool {
        guard let value = self[key] else { return false }
        return !value.isNull
    }

    package func string(_ key: String) -> String? { self[key]?.stringValue }
    package func int(_ key: String) -> Int64? { self[key]?.intValue }
    package func bool(_ key: String) -> Bool? { self[key]?.boolValue }
    package func object(_ key: String) -> JSONObject? { self[key]?.objectValue }
    package func items(_ key: String) -> [JSON] { self[key]?.arrayValue ?? [] }

    /// Whether the member is missing, `null` or the empty text, as Go's zero value of a text is.
    package func isBlank(_ key: String) -> Bool {
        switch self[key] {
        case nil, .null?: true
        case .string(let text)?: text.isEmpty
        default: false
        }
    }

    /// The value at a path of members; `nil` where any of them is missing.
    package func value(at path: [String]) -> JSON? {
        guard let first = path.first, var value = self[first] else { return nil }
        for name in path.dropFirst() {
            guard let next = value[name] else { return nil }
            value = next
        }
        return value
    }

    /// Changes a member that is an object, in place.
    package mutating func edit(_ key: String, _ change: (inout JSONObject) -> Void) {
        guard let index = index(of: key) else { return }
        update(at: index) { $0.edit(change) }
    }

    /// Changes a member in place, making it an empty object first where it is missing or `null`.
    package mutating func editCreating(_ key: String, _ change: (inout JSONObject) -> Void) {
        if !has(key) { self[key] = .object([:]) }
        edit(key, change)
    }

    /// Changes each object of a list, in place.
    package mutating func editItems(of key: String, _ change: (inout JSONObject) -> Void) {
        guard let index = index(of: key) else { return }
        update(at: index) { value in
            guard case .array(var items) = value else { return }
            value = .null
            for index in items.indices { items[index].edit(change) }
            value = .array(items)
        }
    }

    /// Sets a member that is missing or `null`.
    package mutating func setDefault(_ key: String, _ value: @autoclosure () -> JSON) {
        if !has(key) { self[key] = value() }
    }

    /// Sets a member that is missing, `null` or the empty text.
    package mutating func setDefaultIfBlank(_ key: String, _ value: @autoclosure () -> JSON) {
        if isBlank(key) { self[key] = value() }
    }

    /// Sets a number that is missing or 0.
    package mutating func setDefaultIfZero(_ key: String, _ value: Int64) {
        if (int(key) ?? 0) == 0 { self[key] = .int(value) }
    }

    /// Makes a member what it is in `other`: set or missing.
    package mutating func take(_ key: String, from other: JSONObject?) {
        self[key] = other?[key]
    }
}
