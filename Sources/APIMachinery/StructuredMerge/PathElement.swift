public import JSON

/// One step of the path to a field: a member of an object, or an item of a list (KEP-555, `fieldsV1`).
///
/// The order, and with it that of `fieldsV1`: members by the bytes of their names, then keyed items by their keys, then
/// items of sets by their values, then indices.
public enum PathElement: Sendable {
    /// A field that tells the items of a list apart, and its value in one of them.
    public struct KeyField: Sendable {
        public var name: String
        public var value: JSON

        public init(name: String, value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// `f:NAME`
    case field(String)
    /// `k:{"name":"c"}`; the fields are in the order of their names.
    case key([KeyField])
    /// `v:"x"`, an item of a set.
    case value(JSON)
    /// `i:3`
    case index(Int64)
}

extension PathElement: Comparable {
    public static func == (lhs: PathElement, rhs: PathElement) -> Bool { lhs.compare(to: rhs) == 0 }
    public static func < (lhs: PathElement, rhs: PathElement) -> Bool { lhs.compare(to: rhs) < 0 }

    /// Negative, zero or positive, as the element comes before, is the same, or comes after another.
    func compare(to other: PathElement) -> Int {
        switch (self, other) {
        case (.field(let name), .field(let otherName)): name.compareBytes(to: otherName)
        case (.key(let fields), .key(let otherFields)): Self.compare(fields, otherFields)
        case (.value(let value), .value(let otherValue)): value.compareAsElement(to: otherValue)
        case (.index(let index), .index(let otherIndex)): index.compare(to: otherIndex)
        default: rank - other.rank
        }
    }

    private var rank: Int {
        switch self {
        case .field: 0
        case .key: 1
        case .value: 2
        case .index: 3
        }
    }

    private static func compare(_ lhs: [KeyField], _ rhs: [KeyField]) -> Int {
        for (left, right) in zip(lhs, rhs) {
            let names = left.name.compareBytes(to: right.name)
            if names != 0 { return names }
            let values = left.value.compareAsElement(to: right.value)
            if values != 0 { return values }
        }
        return lhs.count - rhs.count
    }
}

// MARK: - Text

extension PathElement: CustomStringConvertible {
    /// As messages about fields have it: `.spec`, `[name="c"]`, `[="x"]`, `[3]`.
    public var description: String {
        switch self {
        case .field(let name): "." + name
        case .key(let fields):
            "[" + fields.map { $0.name + "=" + $0.value.elementText }.joined(separator: ",") + "]"
        case .value(let value): "[=" + value.elementText + "]"
        case .index(let index): "[\(index)]"
        }
    }

    /// The name of the member that stands for the element in `fieldsV1`.
    var fieldsV1Key: String {
        switch self {
        case .field(let name): return "f:" + name
        case .key(let fields):
            let members = fields.map { JSONObject.Member(key: $0.name, value: $0.value) }
            return "k:" + JSON.object(JSONObject(uniqueMembers: members)).description
        case .value(let value): return "v:" + value.description
        case .index(let index): return "i:\(index)"
        }
    }

    /// Why a member of `fieldsV1` stands for no element.
    struct InvalidKey: Error {}

    /// Reads the name of a member of `fieldsV1`.
    /// - Returns: `nil` for an element of a kind that is not known, which readers leave out.
    static func parse(fieldsV1Key key: String) throws(InvalidKey) -> PathElement? {
        var bytes = key.utf8[...]
        guard let kind = bytes.popFirst(), bytes.popFirst() == UInt8(ascii: ":") else { throw InvalidKey() }
        switch kind {
        case UInt8(ascii: "f"): return .field(String(Substring(bytes)))
        case UInt8(ascii: "k"):
            guard case .object(let object)? = try? JSON(parsing: Array(bytes)) else { throw InvalidKey() }
            return .key(sorted: object.members.map { KeyField(name: $0.key, value: $0.value) })
        case UInt8(ascii: "v"):
            guard let value = try? JSON(parsing: Array(bytes)) else { throw InvalidKey() }
            return .value(value)
        case UInt8(ascii: "i"):
            guard let index = Int64(Substring(bytes)) else { throw InvalidKey() }
            return .index(index)
        default: return nil
        }
    }

    /// A keyed item, whatever the order in which its key's fields are given.
    static func key(sorted fields: [KeyField]) -> PathElement {
        fields.count < 2 ? .key(fields) : .key(fields.sorted { $0.name.compareBytes(to: $1.name) < 0 })
    }
}

// MARK: - Order of values

extension String {
    /// The order of the strings' bytes, which is that of Go's strings: negative, zero or positive.
    func compareBytes(to other: String) -> Int {
        let fast = utf8.withContiguousStorageIfAvailable { bytes in
            other.utf8.withContiguousStorageIfAvailable { otherBytes in bytes.compare(to: otherBytes) }
        }
        if let fast, let fast { return fast }
        return utf8.elementsEqual(other.utf8) ? 0 : utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
    }
}

extension UnsafeBufferPointer<UInt8> {
    fileprivate func compare(to other: UnsafeBufferPointer<UInt8>) -> Int {
        for index in 0..<Swift.min(count, other.count) where self[index] != other[index] {
            return Int(self[index]) - Int(other[index])
        }
        return count - other.count
    }
}

extension Comparable {
    fileprivate func compare(to other: Self) -> Int { self < other ? -1 : self == other ? 0 : 1 }
}

extension JSON {
    /// The order of values in sets and keys: numbers, strings, booleans, lists, objects, `null`.
    fileprivate func compareAsElement(to other: JSON) -> Int {
        switch (self, other) {
        case (.int(let value), .int(let otherValue)): return value.compare(to: otherValue)
        case (.string(let text), .string(let otherText)): return text.compareBytes(to: otherText)
        case (.bool(let flag), .bool(let otherFlag)): return (flag ? 1 : 0) - (otherFlag ? 1 : 0)
        case (.null, .null): return 0
        case (.array, .array), (.object, .object):
            // Nothing that a schema takes for an element; any fixed order will do.
            return self == other ? 0 : description.compareBytes(to: other.description)
        default:
            if let number = doubleValue, let otherNumber = other.doubleValue {
                return number.compare(to: otherNumber)
            }
            return elementRank - other.elementRank
        }
    }

    private var elementRank: Int {
        switch self {
        case .int, .double: 0
        case .string: 1
        case .bool: 2
        case .array: 3
        case .object: 4
        case .null: 5
        }
    }

    /// A value in the text of a path: strings quoted as Go quotes them.
    fileprivate var elementText: String {
        if case .string(let text) = self { FieldError.quoted(text) } else { description }
    }
}
