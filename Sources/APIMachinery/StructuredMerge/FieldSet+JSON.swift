public import JSON

/// Why a value is no `fieldsV1`.
public struct FieldSetError: Error, Sendable {}

extension FieldSet {
    /// Reads `fieldsV1`. Elements of a kind that is not known are left out.
    public init(fieldsV1 value: JSON) throws(FieldSetError) {
        self = value.isNull ? FieldSet() : try Self.read(value).children
    }

    /// A value of `fieldsV1`: what is below an element, and whether the element itself is in the set.
    private static func read(_ value: JSON) throws(FieldSetError) -> (children: FieldSet, isMember: Bool) {
        guard case .object(let object) = value else { throw FieldSetError() }
        var nodes: [Node] = []
        nodes.reserveCapacity(object.count)
        var isMember = false
        for member in object.members {
            if member.key == "." {
                isMember = true
                continue
            }
            let element: PathElement?
            do {
                element = try PathElement.parse(fieldsV1Key: member.key)
            } catch {
                throw FieldSetError()
            }
            guard let element else { continue }
            let below = try read(member.value)
            nodes.append(Node(element, isMember: below.isMember, children: below.children))
        }
        return (nodes.asFieldSet, isMember || nodes.isEmpty)
    }

    /// `fieldsV1`, in the order of the elements.
    public var fieldsV1: JSON { json(withSelf: false) }

    private func json(withSelf: Bool) -> JSON {
        var members: [JSONObject.Member] = []
        members.reserveCapacity(nodes.count + 1)
        if withSelf, !nodes.isEmpty { members.append(.init(key: ".", value: [:])) }
        for node in nodes {
            members.append(.init(key: node.element.fieldsV1Key, value: node.children.json(withSelf: node.isMember)))
        }
        return .object(JSONObject(uniqueMembers: members))
    }

    // MARK: Against stored sets

    // What is stored is walked as it stands, as `fieldsV1` writes it, and not read.

    /// Whether a set has a member in common with one that is stored.
    func intersects(fieldsV1 stored: JSON) -> Bool {
        if nodes.isEmpty { return false }
        guard case .object(let object) = stored else { return false }
        var place = 0
        for node in nodes {
            guard let below = object.value(at: node.element, from: &place) else { continue }
            if node.isMember, Self.isMember(below) { return true }
            if !node.children.isEmpty, node.children.intersects(fieldsV1: below) { return true }
        }
        return false
    }

    /// Whether all members are in a stored set.
    func isSubset(ofFieldsV1 stored: JSON) -> Bool {
        if nodes.isEmpty { return true }
        guard case .object(let object) = stored else { return false }
        var place = 0
        for node in nodes {
            guard let below = object.value(at: node.element, from: &place) else { return false }
            if node.isMember, !Self.isMember(below) { return false }
            if !node.children.isSubset(ofFieldsV1: below) { return false }
        }
        return true
    }

    /// Whether all members of a stored set are in this one.
    func isSuperset(ofFieldsV1 stored: JSON) -> Bool {
        memberCount(sharedWithFieldsV1: stored) == Self.memberCount(ofFieldsV1: stored)
    }

    private func memberCount(sharedWithFieldsV1 stored: JSON) -> Int {
        guard !nodes.isEmpty, case .object(let object) = stored else { return 0 }
        var (place, count) = (0, 0)
        for node in nodes {
            guard let below = object.value(at: node.element, from: &place) else { continue }
            if node.isMember, Self.isMember(below) { count += 1 }
            count += node.children.memberCount(sharedWithFieldsV1: below)
        }
        return count
    }

    private static func memberCount(ofFieldsV1 stored: JSON) -> Int {
        guard case .object(let object) = stored else { return 0 }
        var count = 0
        for member in object.members where member.key != "." {
            count += (isMember(member.value) ? 1 : 0) + memberCount(ofFieldsV1: member.value)
        }
        return count
    }

    private static func isMember(_ value: JSON) -> Bool {
        guard case .object(let object) = value else { return false }
        return object.isEmpty || object.members[0].key == "."
    }
}

extension JSONObject {
    /// Up to this number of members, looking through them costs less than making an element's name.
    private static let searchedCount = 32

    /// What is below an element in a `fieldsV1`.
    /// - Parameter place: where to look first: elements are mostly asked for in their order.
    fileprivate func value(at element: PathElement, from place: inout Int) -> JSON? {
        guard case .field(let name) = element, count <= Self.searchedCount else { return self[element.fieldsV1Key] }
        let members = members
        for step in members.indices {
            var index = place + step
            if index >= members.count { index -= members.count }
            guard members[index].key.isFieldsV1Key(of: name) else { continue }
            place = index + 1
            return members[index].value
        }
        return nil
    }
}

extension String {
    /// Whether this is `f:` and a name.
    fileprivate func isFieldsV1Key(of name: String) -> Bool {
        let count = name.utf8.count
        guard utf8.count == count + 2 else { return false }
        let isKey = utf8.withContiguousStorageIfAvailable { key in
            name.utf8.withContiguousStorageIfAvailable { name in
                key[0] == UInt8(ascii: "f") && key[1] == UInt8(ascii: ":") && key[2...].elementsEqual(name)
            }
        }
        return (isKey ?? nil) ?? (self == "f:" + name)
    }
}
