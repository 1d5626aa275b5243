public import JSON

/// A field of an object: its name, its schema, and the rules that hold for it there.
public final class Field: Sendable {
    /// When a field is left out of what the API writes.
    public enum Omission: Sendable, Hashable {
        /// Never (no `omitempty`).
        case never
        /// When empty; an object, a time, a quantity that is no pointer never is (`omitempty`).
        case whenEmpty
        /// When zero, objects and times too (`omitzero`).
        case whenZero
    }

    /// `x-kubernetes-list-type`.
    public enum ListType: String, Sendable, Hashable {
        case atomic, set, map
    }

    /// What a strategic merge patch does with a field (`x-kubernetes-patch-strategy`).
    public struct PatchStrategy: OptionSet, Sendable, Hashable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }
        public static let merge = PatchStrategy(rawValue: 1)
        public static let retainKeys = PatchStrategy(rawValue: 2)
        public static let replace = PatchStrategy(rawValue: 4)
    }

    /// How protobuf writes a field.
    public struct Wire: Sendable, Hashable {
        public var number: Int
        /// Where it differs from the JSON name.
        public var name: String?
        /// The message, scalar or map type, where it does not follow from the schema.
        public var type: String?
        /// The nested message that holds the field; `a.b` is two levels.
        public var via: String?
        /// A message with one repeated field that wraps the value.
        public var wrapper: String?

        public init(number: Int, name: String? = nil, type: String? = nil, via: String? = nil, wrapper: String? = nil) {
            self.number = number
            self.name = name
            self.type = type
            self.via = via
            self.wrapper = wrapper
        }
    }

    /// Everything beside what the decoder needs at every step.
    public struct Details: Sendable {
        public var isRequired = false
        /// As the published schema has it; `""`, `0`, `false`, `{}` say no more than the zero value does.
        public var defaultValue: JSON?
        /// The only values there are.
        public var enumeration: [String] = []
        /// Values with a name, where others are allowed too.
        public var knownValues: [String] = []
        public var itemEnumeration: [String] = []
        public var listType: ListType?
        public var listMapKeys: [String] = []
        public var mapType: Schema.MapType?
        public var patchStrategy: PatchStrategy = []
        public var patchMergeKey: String?
        /// Feature gates that the field depends on.
        public var gates: [String] = []
        /// Whether a gate is off by default, so that writes lose the field.
        public var isDisabled = false
        public var oneOf: String?
        public var isDiscriminator = false
        /// Declarative validation tags.
        public var rules: [String] = []
        public var wire: Wire?
        /// What Go calls the field's type, where the schema does not tell.
        public var goType: String?

        public init() {}
    }

    public let name: String
    public let schema: Schema
    public let omission: Omission
    /// Whether presence is told apart from the zero value.
    public let isPointer: Bool
    public let details: Details

    /// Whether an empty value is left out.
    let omitsEmpty: Bool
    let isWrittenWhenAbsent: Bool
    // Set once by the shape that takes the field in, before anything else sees it.
    nonisolated(unsafe) var ordinal: Int16 = -1
    nonisolated(unsafe) var alwaysWrittenBit: UInt64 = 0

    public init(
        _ name: String, _ schema: Schema, omission: Omission = .whenEmpty, isPointer: Bool = false,
        details: Details = Details()
    ) {
        self.name = name
        self.schema = schema
        self.omission = omission
        self.isPointer = isPointer
        self.details = details
        omitsEmpty = omission != .never && !isPointer && !schema.isGoStruct
        isWrittenWhenAbsent =
            switch omission {
            case .never: true
            case .whenEmpty: !isPointer && schema.isGoStruct
            case .whenZero: false
            }
    }

    /// What is written for the field where a document does not have it and it is always written.
    var zeroValue: JSON { isPointer ? .null : schema.zeroValue }
}

extension Schema {
    /// What Go's encoder writes for a value that was never set.
    var zeroValue: JSON {
        switch form {
        case .string: .string("")
        case .int32, .int64, .number, .intOrString: .int(0)
        case .boolean: .bool(false)
        case .quantity: .string("0")
        case .duration: .string("0s")
        case .bytes, .time, .microTime, .any, .rawExtension, .fieldsV1, .array, .map, .schema, .structural: .null
        case .object(let shape): shape.zeroValue
        }
    }
}
