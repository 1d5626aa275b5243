extension JSON {
    /// Whether both are copies of one list or one object that neither has changed since, and so equal without a look at
    /// what they hold. `false` says nothing.
    public func sharesStorage(with other: JSON) -> Bool {
        switch (self, other) {
        case (.array(let left), .array(let right)): left.sharesStorage(with: right)
        case (.object(let left), .object(let right)): left.members.sharesStorage(with: right.members)
        default: false
        }
    }
}

extension Array {
    @inline(__always)
    fileprivate func sharesStorage(with other: [Element]) -> Bool {
        withUnsafeBufferPointer { left in
            other.withUnsafeBufferPointer { right in
                left.baseAddress == right.baseAddress && left.count == right.count
            }
        }
    }
}

extension JSON: Hashable {
    public static func == (lhs: JSON, rhs: JSON) -> Bool {
        var pending: [(JSON, JSON)] = []
        guard isShallowlyEqual(lhs, rhs, &pending) else { return false }
        // Containers within wait here, so that depth costs no stack.
        while let (left, right) = pending.popLast() {
            guard isShallowlyEqual(left, right, &pending) else { return false }
        }
        return true
    }

    /// Compares scalars, and leaves what two containers hold to be compared.
    fileprivate static func isShallowlyEqual(_ lhs: JSON, _ rhs: JSON, _ pending: inout [(JSON, JSON)]) -> Bool {
        switch (lhs, rhs) {
        case (.null, .null): return true
        case (.bool(let lhs), .bool(let rhs)): return lhs == rhs
        case (.int(let lhs), .int(let rhs)): return lhs == rhs
        case (.double(let lhs), .double(let rhs)): return lhs == rhs
        case (.int(let int), .double(let double)), (.double(let double), .int(let int)):
            return Int64(exactly: double) == int
        case (.string(let lhs), .string(let rhs)): return lhs.hasSameBytes(as: rhs)
        case (.array(let lhs), .array(let rhs)):
            guard lhs.count == rhs.count else { return false }
            if lhs.sharesStorage(with: rhs) { return true }
            for (left, right) in zip(lhs, rhs) where !compare(left, right, &pending) { return false }
            return true
        case (.object(let lhs), .object(let rhs)): return JSONObject.isShallowlyEqual(lhs, rhs, &pending)
        default: return false
        }
    }

    fileprivate static func compare(_ lhs: JSON, _ rhs: JSON, _ pending: inout [(JSON, JSON)]) -> Bool {
        if lhs.isContainer, rhs.isContainer {
            pending.append((lhs, rhs))
            return true
        }
        return isShallowlyEqual(lhs, rhs, &pending)
    }

    public func hash(into hasher: inout Hasher) { hash(into: &hasher, levels: Self.hashedLevels) }

    /// Documents that differ only below this many levels hash alike.
    private static let hashedLevels = 16

    fileprivate func hash(into hasher: inout Hasher, levels: Int) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .double(let value):
            // Equal numbers hash alike, whichever way they are held.
            if let int = Int64(exactly: value) { hasher.combine(int) } else { hasher.combine(value) }
        case .string(let value): hasher.combine(value)
        case .array(let items):
            hasher.combine(items.count)
            if levels > 0 { for item in items { item.hash(into: &hasher, levels: levels - 1) } }
        case .object(let object): object.hash(into: &hasher, levels: levels)
        }
    }
}

extension JSONObject.Member: Hashable {
    public static func == (lhs: JSONObject.Member, rhs: JSONObject.Member) -> Bool {
        lhs.key.hasSameBytes(as: rhs.key) && lhs.value == rhs.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(value)
    }
}

extension JSONObject: Hashable {
    public static func == (lhs: JSONObject, rhs: JSONObject) -> Bool { JSON.object(lhs) == JSON.object(rhs) }

    fileprivate static func isShallowlyEqual(
        _ lhs: JSONObject, _ rhs: JSONObject, _ pending: inout [(JSON, JSON)]
    ) -> Bool {
        guard lhs.count == rhs.count else { return false }
        if lhs.members.sharesStorage(with: rhs.members) { return true }
        // Documents that are compared were mostly written by the same hand, in the same order.
        for (index, member) in lhs.members.enumerated() {
            let other = rhs.members[index]
            if member.key.hasSameBytes(as: other.key) {
                guard JSON.compare(member.value, other.value, &pending) else { return false }
            } else {
                guard let value = rhs[member.key], JSON.compare(member.value, value, &pending) else { return false }
            }
        }
        return true
    }

    public func hash(into hasher: inout Hasher) { JSON.object(self).hash(into: &hasher) }

    fileprivate func hash(into hasher: inout Hasher, levels: Int) {
        // The order of members does not count.
        var combined = 0
        if levels > 0 {
            for member in members {
                var own = Hasher()
                own.combine(member.key)
                member.value.hash(into: &own, levels: levels - 1)
                combined ^= own.finalize()
            }
        }
        hasher.combine(combined)
        hasher.combine(members.count)
    }
}
