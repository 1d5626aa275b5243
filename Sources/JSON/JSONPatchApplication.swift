/// A document on its way through the operations of a patch.
struct JSONPatchApplication {
    private(set) var document: JSON
    private let maximumDepth: Int
    private var copiedBytes = 0
    /// No less than the depth of the document; `nil` before someone asks. Walking through the whole document for every
    /// value that is moved would take too long.
    private var depthBound: Int?

    init(document: JSON, maximumDepth: Int) {
        self.document = document
        self.maximumDepth = maximumDepth
    }

    mutating func apply(_ operation: JSONPatch.Operation) throws(JSONPatchError) {
        switch operation.op {
        case "add": try add(operation)
        case "remove": try remove(at: try path(operation), verb: "remove")
        case "replace": try replace(operation)
        case "move": try move(operation)
        case "copy": try copy(operation)
        case "test": try test(operation)
        default: throw Self.failure("Unexpected kind: \(operation.op)")
        }
    }

    // MARK: Operations

    private mutating func add(_ operation: JSONPatch.Operation) throws(JSONPatchError) {
        let path = try path(operation)
        let value = operation.value ?? .null
        try checkDepth(value.depth, at: path, verb: "add")
        try insert(value, at: path, verb: "add")
    }

    private mutating func replace(_ operation: JSONPatch.Operation) throws(JSONPatchError) {
        let path = try path(operation)
        let value = operation.value ?? .null
        try checkDepth(value.depth, at: path, verb: "replace")
        if path.isEmpty {
            guard value.objectValue != nil || value.arrayValue != nil else {
                throw Self.failure("replace operation value must be object or array")
            }
            document = value
            return
        }
        guard let tokens = Self.tokens(path), let key = tokens.last, hasContainer(at: tokens.dropLast()) else {
            throw Self.failure("replace operation does not apply: doc is missing path: \(path): missing value")
        }
        try change(tokens.dropLast()) { container throws(JSONPatchError) in
            if case .array(let items) = container, !Self.isIndex(key, of: items) {
                throw Self.failure("replace operation does not apply: doc is missing key: \(path): missing value")
            }
            Self.set(&container, key, value)
        }
    }

    private mutating func move(_ operation: JSONPatch.Operation) throws(JSONPatchError) {
        let from = try from(operation)
        let value = try existing(at: from, verb: "move")
        let path = try path(operation)
        try checkDepth(of: value, from: from, to: path, verb: "move")
        try remove(at: from, verb: "move")
        try insert(value, at: path, verb: "move")
    }

    private mutating func copy(_ operation: JSONPatch.Operation) throws(JSONPatchError) {
        let from = try from(operation)
        let value = try existing(at: from, verb: "copy")
        copiedBytes += value.encoded.count
        if copiedBytes > JSONPatch.maximumCopiedBytes {
            throw JSONPatchError(
                kind: .copiedTooMuch,
                message: "Unable to complete the copy, the accumulated size increase of copy is \(copiedBytes), "
                    + "exceeding the limit \(JSONPatch.maximumCopiedBytes)")
        }
        let path = try path(operation)
        try checkDepth(of: value, from: from, to: path, verb: "copy")
        try insert(value, at: path, verb: "copy")
    }

    private func test(_ operation: JSONPatch.Operation) throws(JSONPatchError) {
        let path = try path(operation)
        let expected = operation.value ?? .null
        if path.isEmpty {
            if document == expected { return }
            throw JSONPatchError(kind: .testFailed, message: "testing path \(path) failed: test failed")
        }
        guard let tokens = Self.tokens(path), let parent = value(at: tokens.dropLast()), let key = tokens.last,
            parent.isContainer
        else { throw Self.failure("test operation does not apply: is missing path: \(path): missing value") }
        if case .array(let items) = parent, !Self.isIndex(key, of: items) {
            throw Self.failure("error in test for path: '\(path)': \(Self.indexProblem(key))")
        }
        // A member that is not there equals null, as it does in Kubernetes.
        if Self.child(parent, key) ?? .null != expected {
            throw JSONPatchError(kind: .testFailed, message: "testing value \(path) failed: test failed")
        }
    }

    // MARK: Depth

    /// Levels of a document above what a pointer names.
    private static func level(of path: String) -> Int { path.utf8.count { $0 == UInt8(ascii: "/") } }

    private mutating func checkDepth(_ depth: Int, at path: String, verb: String) throws(JSONPatchError) {
        let reached = Self.level(of: path) + depth
        guard reached <= maximumDepth else {
            throw Self.failure("\(verb) operation does not apply: doc exceeded max depth")
        }
        depthBound = depthBound.map { max($0, reached) }
    }

    /// - Parameter value: what the document has at `from`.
    private mutating func checkDepth(
        of value: JSON, from: String, to path: String, verb: String
    ) throws(JSONPatchError) {
        let bound = depthBound ?? document.depth
        depthBound = bound
        let estimate = max(bound - Self.level(of: from), 0)
        if Self.level(of: path) + estimate <= maximumDepth { return try checkDepth(estimate, at: path, verb: verb) }
        depthBound = document.depth
        try checkDepth(value.depth, at: path, verb: verb)
    }

    // MARK: Parts of operations

    private mutating func insert(_ value: JSON, at path: String, verb: String) throws(JSONPatchError) {
        guard let tokens = Self.tokens(path), let key = tokens.last, hasContainer(at: tokens.dropLast()) else {
            let missing = verb == "add" ? "path: \"\(path)\"" : "destination path: \(path)"
            throw Self.failure("\(verb) operation does not apply: doc is missing \(missing): missing value")
        }
        try change(tokens.dropLast()) { container throws(JSONPatchError) in
            guard case .array(var items) = container else { return Self.set(&container, key, value) }
            container = .null  // leaves `items` the only owner, so that it changes in place
            defer { container = .array(items) }
            if key == "-" { return items.append(value) }
            guard let index = Self.index(key, count: items.count + 1), index <= items.count else {
                throw Self.failure("error in \(verb) for path: '\(path)': \(Self.indexProblem(key))")
            }
            items.insert(value, at: index)
        }
    }

    private mutating func remove(at path: String, verb: String) throws(JSONPatchError) {
        guard let tokens = Self.tokens(path), let key = tokens.last, hasContainer(at: tokens.dropLast()) else {
            throw Self.failure("\(verb) operation does not apply: doc is missing path: \"\(path)\": missing value")
        }
        try change(tokens.dropLast()) { container throws(JSONPatchError) in
            if case .array(var items) = container {
                container = .null
                defer { container = .array(items) }
                guard let index = Self.index(key, count: items.count), items.indices.contains(index) else {
                    throw Self.failure("error in \(verb) for path: '\(path)': \(Self.indexProblem(key))")
                }
                items.remove(at: index)
                return
            }
            guard Self.child(container, key) != nil else {
                throw Self.failure(
                    "error in \(verb) for path: '\(path)': Unable to remove nonexistent key: \(key): missing value")
            }
            container[key] = nil
        }
    }

    private func existing(at path: String, verb: String) throws(JSONPatchError) -> JSON {
        guard let tokens = Self.tokens(path), let parent = value(at: tokens.dropLast()), parent.isContainer,
            let key = tokens.last
        else {
            throw Self.failure("\(verb) operation does not apply: doc is missing from path: \(path): missing value")
        }
        if let value = Self.child(parent, key) { return value }
        guard case .array = parent else { return .null }
        throw Self.failure("error in \(verb) for path: '\(key)': \(Self.indexProblem(key))")
    }

    private func path(_ operation: JSONPatch.Operation) throws(JSONPatchError) -> String {
        guard let path = operation.path else {
            throw Self.failure("\(operation.op) operation failed to decode path: missing value")
        }
        return path
    }

    private func from(_ operation: JSONPatch.Operation) throws(JSONPatchError) -> String {
        guard let from = operation.from else {
            throw Self.failure("\(operation.op) operation failed to decode from: missing value")
        }
        return from
    }

    private static func failure(_ message: String) -> JSONPatchError {
        JSONPatchError(kind: .application, message: message)
    }

    // MARK: Places

    private static func tokens(_ path: String) -> [String]? {
        guard let tokens = JSONPointer(parsing: path)?.tokens, !tokens.isEmpty else { return nil }
        return tokens
    }

    private func value(at tokens: ArraySlice<String>) -> JSON? {
        var value = document
        for token in tokens {
            guard let child = Self.child(value, token) else { return nil }
            value = child
        }
        return value
    }

    /// Asks without keeping a copy, which would make the change after it copy the container.
    private func hasContainer(at tokens: ArraySlice<String>) -> Bool { value(at: tokens)?.isContainer ?? false }

    private static func isIndex(_ token: String, of items: [JSON]) -> Bool {
        index(token, count: items.count).map(items.indices.contains) ?? false
    }

    private static func child(_ container: JSON, _ key: String) -> JSON? {
        switch container {
        case .object(let object): object[key]
        case .array(let items): index(key, count: items.count).flatMap { items.indices.contains($0) ? items[$0] : nil }
        default: nil
        }
    }

    private static func set(_ container: inout JSON, _ key: String, _ value: JSON) {
        guard case .array(var items) = container else {
            container[key] = value
            return
        }
        guard let index = index(key, count: items.count), items.indices.contains(index) else { return }
        container = .null
        items[index] = value
        container = .array(items)
    }

    /// The index that a token names, counted from the end where it is negative; it may lie beyond the end.
    private static func index(_ token: String, count: Int) -> Int? {
        guard let index = Int(token) else { return nil }
        if index >= 0 { return index }
        return index >= -count ? index + count : nil
    }

    private static func indexProblem(_ token: String) -> String {
        Int(token).map { "Unable to access invalid index: \($0): invalid index referenced" }
            ?? "value was not a proper array index: '\(token)'"
    }

    /// Changes the container at a place that is known to exist.
    private mutating func change(
        _ tokens: ArraySlice<String>, _ body: (inout JSON) throws(JSONPatchError) -> Void
    ) throws(JSONPatchError) {
        // The containers on the way are taken out, so that each has one owner and changes in place.
        var outer: [JSON] = []
        var current = document
        document = .null
        for token in tokens {
            let child = Self.child(current, token) ?? .null
            Self.set(&current, token, .null)
            outer.append(current)
            current = child
        }
        defer {
            for (token, container) in zip(tokens, outer).reversed() {
                var container = container
                Self.set(&container, token, current)
                current = container
            }
            document = current
        }
        try body(&current)
    }
}

extension JSON {
    /// Whether this is an array or an object.
    var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}
