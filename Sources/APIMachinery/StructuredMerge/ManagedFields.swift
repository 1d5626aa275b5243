public import JSON

/// `metadata.managedFields`: which manager is the owner of which fields, and by which operation.
public struct ManagedFields: Sendable {
    public enum Operation: String, Sendable, Hashable {
        case apply = "Apply"
        case update = "Update"
    }

    /// What makes an entry one of its own. An applier has one entry whatever the versions in which it applied.
    public struct Identity: Sendable, Hashable {
        public var manager: String
        public var operation: Operation
        /// Empty for an applier.
        public var version: String
        /// Empty for the object as a whole.
        public var subresource: String

        public init(manager: String, operation: Operation, apiVersion: String, subresource: String) {
            self.manager = manager
            self.operation = operation
            version = operation == .apply ? "" : apiVersion
            self.subresource = subresource
        }
    }

    public struct Entry: Sendable {
        public var identity: Identity
        /// The version that the fields are in.
        public var apiVersion: String
        /// RFC 3339 in whole seconds; `nil` where nothing tells when.
        public var time: String?
        fileprivate(set) var contents: Contents

        public init(_ identity: Identity, apiVersion: String, time: String? = nil, fields: FieldSet) {
            self.identity = identity
            self.apiVersion = apiVersion
            self.time = time
            contents = .read(fields)
        }

        /// The fields. Those of an entry that nothing has touched are read from what is stored.
        public var fields: FieldSet {
            get {
                switch contents {
                case .read(let fields): fields
                // What is stored was written here.
                case .stored(let value): (try? FieldSet(fieldsV1: value)) ?? FieldSet()
                }
            }
            set { contents = .read(newValue) }
        }

        /// Whether a set has a member in common with the fields.
        func intersects(_ set: FieldSet) -> Bool {
            switch contents {
            case .read(let fields): !set.intersection(fields).isEmpty
            case .stored(let value): set.intersects(fieldsV1: value)
            }
        }

        /// Takes what a write changes from the fields, and adds what of that comes to belong to the manager. Where that is
        /// what is stored already, nothing is read.
        mutating func renew(removing removed: FieldSet, written: FieldSet, adding taken: FieldSet) {
            if case .stored(let value) = contents, taken == written, !removed.intersects(fieldsV1: value),
                taken.isSubset(ofFieldsV1: value)
            {
                return
            }
            if intersects(written) { fields = fields.subtracting(written) }
            if intersects(removed) { fields = fields.subtracting(removed) }
            if !taken.isEmpty { fields = fields.union(taken) }
        }

        /// Whether a set has all the fields.
        func isSubset(of set: FieldSet) -> Bool {
            switch contents {
            case .read(let fields): fields.subtracting(set).isEmpty
            case .stored(let value): set.isSuperset(ofFieldsV1: value)
            }
        }

        /// Takes over the stored form of another entry, where it is that of the same fields.
        mutating func share(_ other: Entry) {
            guard case .stored(let value) = other.contents, case .read(let fields) = contents,
                fields.isSubset(ofFieldsV1: value), fields.isSuperset(ofFieldsV1: value)
            else { return }
            contents = other.contents
        }

        var isEmpty: Bool {
            switch contents {
            case .read(let fields): fields.isEmpty
            case .stored(.object(let object)): object.isEmpty
            case .stored: true
            }
        }
    }

    enum Contents: Sendable {
        /// `fieldsV1` as it stands in the object, in its canonical order.
        case stored(JSON)
        case read(FieldSet)
    }

    public private(set) var entries: [Entry] = []

    public init() {}

    public var isEmpty: Bool { entries.isEmpty }

    public subscript(identity: Identity) -> Entry? {
        get { entries.first { $0.identity == identity } }
        set {
            let index = entries.firstIndex { $0.identity == identity }
            switch (index, newValue) {
            case (let index?, let entry?): entries[index] = entry
            case (let index?, nil): entries.remove(at: index)
            case (nil, let entry?): entries.append(entry)
            case (nil, nil): return
            }
        }
    }

    /// Changes each entry, and drops those that then own nothing.
    mutating func updateAll(_ change: (inout Entry) throws -> Void) rethrows {
        for index in entries.indices { try change(&entries[index]) }
        entries.removeAll(where: \.isEmpty)
    }

    mutating func removeAll(where isRemoved: (Entry) -> Bool) { entries.removeAll(where: isRemoved) }
}

// MARK: - JSON

extension ManagedFields {
    /// Reads `metadata.managedFields`.
    /// - Parameter isStored: whether the server itself wrote it, so that fields need not be read before they are needed.
    /// - Returns: `nil` where an entry is none.
    public init?(_ value: JSON?, isStored: Bool) {
        guard let value, !value.isNull else { return }
        guard case .array(let array) = value else { return nil }
        entries.reserveCapacity(array.count)
        for item in array {
            guard let entry = Entry(item, isStored: isStored) else { return nil }
            if isStored { entries.append(entry) } else { self[entry.identity] = entry }
        }
    }

    /// Whether a client asks for all managers to be forgotten: by no entries, or by one that says nothing.
    public static func isReset(_ value: JSON?) -> Bool {
        guard case .array(let array)? = value else { return false }
        guard let first = array.first else { return true }
        guard array.count == 1, case .object(let entry) = first else { return false }
        return entry.members.allSatisfy { $0.value.isNull || $0.value == "" }
    }

    /// `metadata.managedFields`; `nil` where nobody owns anything. Appliers come first, then older entries before newer
    /// ones, then by name.
    public var json: JSON? {
        if entries.isEmpty { return nil }
        return .array(entries.sorted { $0.precedes($1) }.map(\.json))
    }
}

extension ManagedFields.Entry {
    fileprivate init?(_ value: JSON, isStored: Bool) {
        guard case .object(let object) = value,
            let operation = ManagedFields.Operation(rawValue: object["operation"]?.stringValue ?? ""),
            object["fieldsType"]?.stringValue == "FieldsV1"
        else { return nil }
        apiVersion = object["apiVersion"]?.stringValue ?? ""
        if apiVersion.isEmpty { return nil }
        identity = ManagedFields.Identity(
            manager: object["manager"]?.stringValue ?? "", operation: operation, apiVersion: apiVersion,
            subresource: object["subresource"]?.stringValue ?? "")
        time = object["time"]?.stringValue
        let fields = object["fieldsV1"] ?? .null
        if isStored {
            contents = .stored(fields)
        } else {
            guard let set = try? FieldSet(fieldsV1: fields) else { return nil }
            contents = .read(set)
        }
    }

    fileprivate var json: JSON {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(7)
        if !identity.manager.isEmpty { members.append(.init(key: "manager", value: .string(identity.manager))) }
        members.append(.init(key: "operation", value: .string(identity.operation.rawValue)))
        members.append(.init(key: "apiVersion", value: .string(apiVersion)))
        if let time { members.append(.init(key: "time", value: .string(time))) }
        members.append(.init(key: "fieldsType", value: "FieldsV1"))
        members.append(.init(key: "fieldsV1", value: fieldsV1))
        if !identity.subresource.isEmpty {
            members.append(.init(key: "subresource", value: .string(identity.subresource)))
        }
        return .object(JSONObject(uniqueMembers: members))
    }

    private var fieldsV1: JSON {
        switch contents {
        case .stored(let value): value
        case .read(let fields): fields.fieldsV1
        }
    }

    fileprivate func precedes(_ other: ManagedFields.Entry) -> Bool {
        if identity.operation != other.identity.operation { return identity.operation == .apply }
        // Times are all of one form, in which the order of the text is that of time; none is before any.
        if time != other.time { return (time ?? "") < (other.time ?? "") }
        for (left, right) in [
            (identity.manager, other.identity.manager), (apiVersion, other.apiVersion),
            (identity.subresource, other.identity.subresource),
        ] where left != right {
            return left.compareBytes(to: right) < 0
        }
        return false
    }
}
