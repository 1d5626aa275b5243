/// A JSON document held as a value: what a client sent, a patch, an object of the API.
///
/// Members keep their order, integers that fit 64 bits stay exact, and copying shares storage until one copy changes.
/// Two documents are equal when they hold the same data; the order of an object's members does not count, nor does the
/// way a number was written (1 and 1.0). Strings are compared by their bytes.
public enum JSON: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    /// A number with a fraction or an exponent, or an integer beyond 64 bits.
    case double(Double)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON {
    /// The member of an object; `nil` where this is no object or has no such member.
    ///
    /// Setting a member of `null` makes an object of it; setting a member of anything else that is no object is ignored.
    /// Setting `nil` removes the member.
    @inlinable
    public subscript(name: String) -> JSON? {
        get {
            guard case .object(let object) = self else { return nil }
            return object[name]
        }
        set {
            switch self {
            case .object(var object):
                self = .null  // leaves `object` the only owner, so that it changes in place
                object[name] = newValue
                self = .object(object)
            case .null:
                guard let newValue else { return }
                self = .object([name: newValue])
            default: return
            }
        }
    }

    /// The item of an array; `nil` where this is no array or the index is out of its range.
    @inlinable
    public subscript(index: Int) -> JSON? {
        guard case .array(let items) = self, items.indices.contains(index) else { return nil }
        return items[index]
    }

    @inlinable
    public var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    @inlinable
    public var intValue: Int64? {
        if case .int(let value) = self { value } else { nil }
    }

    /// The number as floating point, whichever way it is held.
    @inlinable
    public var doubleValue: Double? {
        switch self {
        case .int(let value): Double(value)
        case .double(let value): value
        default: nil
        }
    }

    @inlinable
    public var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    @inlinable
    public var arrayValue: [JSON]? {
        if case .array(let value) = self { value } else { nil }
    }

    @inlinable
    public var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    @inlinable
    public var isNull: Bool { if case .null = self { true } else { false } }
}

// `nil` is no literal of a value: in `condition ? value : nil` it would be read as `.null` where a missing value is meant.
extension JSON: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    @inlinable public init(booleanLiteral value: Bool) { self = .bool(value) }
    @inlinable public init(integerLiteral value: Int64) { self = .int(value) }
    @inlinable public init(floatLiteral value: Double) { self = .double(value) }
    @inlinable public init(stringLiteral value: String) { self = .string(value) }
    @inlinable public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    @inlinable public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(JSONObject(uniqueMembers: elements.map { .init(key: $0.0, value: $0.1) }))
    }
}
