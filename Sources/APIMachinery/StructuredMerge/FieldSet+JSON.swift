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

    /// Whether a set has a member in common with one that is stored, which is walked as it stands and not read.
    /// - Parameter stored: as `fieldsV1` writes it.
    func intersects(fieldsV1 stored: JSON) -> Bool {
        if nodes.isEmpty { return false }
        guard case .object(let object) = stored else { return false }
        for node in nodes {
            guard let below = object[node.element.fieldsV1Key] else { continue }
            if node.isMember, Self.isMember(below) { return true }
            if !node.children.isEmpty, node.children.intersects(fieldsV1: below) { return true }
        }
        return false
    }

    private static func isMember(_ value: JSON) -> Bool {
        guard case .object(let object) = value else { return false }
        return object.isEmpty || object.members[0].key == "."
    }
}
