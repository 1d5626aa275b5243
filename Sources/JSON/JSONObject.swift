/// The members of a JSON object, in the order in which they were written or added.
public struct JSONObject: Sendable {
    public struct Member: Sendable {
        public var key: String
        public var value: JSON

        @inlinable
        public init(key: String, value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// From this number of members on, an object keeps an index of its keys; below, looking through them is faster.
    static let indexedCount = 32

    /// The members; no two have the same key.
    public private(set) var members: [Member]
    /// The place of each key; `nil` while there are few.
    private var places: [JSONKey: Int]?

    public init() { members = [] }

    public init(minimumCapacity: Int) {
        members = []
        members.reserveCapacity(minimumCapacity)
    }

    /// The caller vouches that no key occurs twice.
    public init(uniqueMembers members: [Member]) { self.init(members: members, index: nil) }

    /// The index may be left out, and is then made if it is needed.
    init(members: [Member], index: [JSONKey: Int]?) {
        self.members = members
        places = index
        indexIfLarge()
    }

    /// The value under a key. A new key goes to the end; setting `nil` removes the member.
    public subscript(key: String) -> JSON? {
        get {
            guard let index = index(of: key) else { return nil }
            return members[index].value
        }
        set {
            switch (index(of: key), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): remove(at: index)
            case (nil, let value?): append(uniqueKey: key, value)
            case (nil, nil): return
            }
        }
    }

    /// The place of a key in `members`. Keys are the same when their bytes are.
    public func index(of key: String) -> Int? {
        if let places { return places[JSONKey(key)] }
        return members.withUnsafeBufferPointer { members in
            for index in members.indices where members[index].key.hasSameBytes(as: key) { return index }
            return nil
        }
    }

    public var count: Int { members.count }
    public var isEmpty: Bool { members.isEmpty }
    public var keys: some Sequence<String> { members.lazy.map(\.key) }

    @discardableResult
    public mutating func removeValue(forKey key: String) -> JSON? {
        guard let index = index(of: key) else { return nil }
        return remove(at: index)
    }

    @discardableResult
    private mutating func remove(at index: Int) -> JSON {
        let member = members.remove(at: index)
        guard places != nil else { return member.value }
        places?[JSONKey(member.key)] = nil
        if index < members.count {
            places?.shiftValues(above: index)
        }
        return member.value
    }

    /// Adds a member that the caller knows to be new, without looking for it.
    public mutating func append(uniqueKey key: String, _ value: JSON) {
        members.append(Member(key: key, value: value))
        if places != nil {
            places?[JSONKey(key)] = members.count - 1
        } else {
            indexIfLarge()
        }
    }

    /// Adds a member that the caller knows to be new before the one at an index of `members`.
    public mutating func insert(uniqueKey key: String, _ value: JSON, at index: Int) {
        guard index < members.count else { return append(uniqueKey: key, value) }
        members.insert(Member(key: key, value: value), at: index)
        places = nil
        indexIfLarge()
    }

    private mutating func indexIfLarge() {
        guard places == nil, members.count > JSONObject.indexedCount else { return }
        var index = [JSONKey: Int](minimumCapacity: members.count * 2)
        for (place, member) in members.enumerated() { index[JSONKey(member.key)] = place }
        places = index
    }

    /// Changes the value at an index of `members` in place.
    public mutating func update<Result>(at index: Int, _ change: (inout JSON) throws -> Result) rethrows -> Result {
        try change(&members[index].value)
    }
}

extension JSONObject: Sequence {
    public func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
    public var underestimatedCount: Int { members.count }
}

extension [JSONKey: Int] {
    /// Closes the gap that a removed place leaves.
    fileprivate mutating func shiftValues(above place: Int) {
        for index in values.indices where values[index] > place { values[index] -= 1 }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(uniqueMembers: elements.map { Member(key: $0.0, value: $0.1) })
    }
}
