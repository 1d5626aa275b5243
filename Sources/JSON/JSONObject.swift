/// The members of a JSON object, in the order in which they were written or added.
public struct JSONObject: Sendable {
    public struct Member: Sendable, Hashable {
        public var key: String
        public var value: JSON

        @inlinable
        public init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// The members; no two have the same key.
    public private(set) var members: [Member]

    public init() { members = [] }

    public init(minimumCapacity: Int) {
        members = []
        members.reserveCapacity(minimumCapacity)
    }

    /// The caller vouches that no key occurs twice.
    public init(uniqueMembers members: [Member]) { self.members = members }

    /// The value under a key. A new key goes to the end; setting `nil` removes the member.
    public subscript(key: String) -> JSON? {
        get {
            guard let index = index(of: key) else { return nil }
            return members[index].value
        }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(key: key, value: value))
            case (nil, nil): return
            }
        }
    }

    public func index(of key: String) -> Int? {
        for index in members.indices where members[index].key == key { return index }
        return nil
    }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    public var keys: some Sequence<String> { members.lazy.map(\.key) }

    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSON? {
        guard let index = index(of: key) else { return nil }
        return members.remove(at: index).value
    }

    /// Adds a member that the caller knows to be new, without looking for it.
    public mutating func append(uniqueKey key: String, _ value: JSON) {
        members.append(Member(key: key, value: value))
    }

    /// Changes the value at an index of `members` in place.
    public mutating func update(at index: Int, _ change: (inout JSON) throws -> Void) rethrows {
        try change(&members[index].value)
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
    public var underestimatedCount: Int { members.count }
}

extension JSONObject: Hashable {
    public static func == (lhs: JSONObject, rhs: JSONObject) -> Bool {
        guard lhs.count == rhs.count else { return false }
        // Documents that are compared were mostly written by the same hand, in the same order.
        for (index, member) in lhs.members.enumerated() {
            let other = rhs.members[index]
            if member.key == other.key {
                if member.value != other.value { return false }
            } else if rhs[member.key] != member.value {
                return false
            }
        }
        return true
    }

    public func hash(into hasher: inout Hasher) {
        var combined = 0
        for member in members { combined ^= member.hashValue }
        hasher.combine(combined)
        hasher.combine(members.count)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(uniqueMembers: elements.map { Member(key: $0.0, value: $0.1) })
    }
}
