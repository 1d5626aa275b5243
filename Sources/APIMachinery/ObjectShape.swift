import JSON
import Synchronization

/// The declared fields of an object, in the order in which the API writes them.
public final class ObjectShape: Sendable {
    /// Values of which one object holds at most one (`x-kubernetes-unions`).
    public struct Union: Sendable, Hashable {
        public var discriminator: String?
        /// The discriminator's value for each member of the union.
        public var members: [String: String]

        public init(discriminator: String?, members: [String: String]) {
            self.discriminator = discriminator
            self.members = members
        }
    }

    private final class Zero: Sendable {
        let value: JSON
        init(_ value: JSON) { self.value = value }
    }

    /// The type's name: `io.k8s.api.core.v1.Pod`.
    public let name: String
    public let fields: [Field]
    public let mapType: Schema.MapType
    public let unions: [Union]
    /// Fields of a custom resource beyond those declared, where its schema describes them.
    public let additional: Schema?
    /// Whether fields that are not declared are kept (`x-kubernetes-preserve-unknown-fields`).
    public let preservesUnknownFields: Bool
    /// What protobuf knows of the type and JSON does not show.
    public let wire: WireShape

    /// Fields that are written when a document leaves them out, in order.
    let alwaysWritten: [Field]
    /// The bits of all of them.
    let alwaysWrittenBits: UInt64
    /// Open addressing over hashes of the names: the ordinal of a field, or -1.
    private let slots: [Int16]
    private let zero = AtomicLazyReference<Zero>()
    private let message = AtomicLazyReference<WireMessage>()

    /// - Precondition: fewer than 32768 fields, with distinct names, of which at most 64 are always written.
    public init(
        name: String, fields: [Field], mapType: Schema.MapType = .granular, unions: [Union] = [],
        additional: Schema? = nil, preservesUnknownFields: Bool = false, wire: WireShape = WireShape()
    ) {
        precondition(fields.count < Int16.max)
        self.name = name
        self.fields = fields
        self.mapType = mapType
        self.unions = unions
        self.additional = additional
        self.preservesUnknownFields = preservesUnknownFields
        self.wire = wire
        alwaysWritten = fields.filter(\.isWrittenWhenAbsent)
        precondition(alwaysWritten.count <= UInt64.bitWidth)
        alwaysWrittenBits = alwaysWritten.isEmpty ? 0 : UInt64.max >> UInt64(UInt64.bitWidth - alwaysWritten.count)
        for (index, field) in fields.enumerated() { field.ordinal = Int16(index) }
        for (index, field) in alwaysWritten.enumerated() { field.alwaysWrittenBit = 1 << UInt64(index) }
        slots = Self.slots(for: fields)
    }

    /// The place of a field in `fields`.
    @inline(__always)
    func ordinal(of name: String) -> Int? {
        let mask = slots.count - 1
        var slot = Self.hash(name) & mask
        while true {
            let ordinal = Int(slots[slot])
            guard ordinal >= 0 else { return nil }
            let candidate = fields[ordinal].name
            // Names are ASCII, so what has the same length and compares equal has the same bytes.
            if candidate == name, candidate.utf8.count == name.utf8.count { return ordinal }
            slot = (slot + 1) & mask
        }
    }

    public func field(named name: String) -> Field? {
        ordinal(of: name).map { fields[$0] }
    }

    /// An object of which nothing is set.
    var zeroValue: JSON {
        if let zero = zero.load() { return zero.value }
        let members = alwaysWritten.map { JSONObject.Member(key: $0.name, value: $0.zeroValue) }
        return zero.storeIfNil(Zero(.object(JSONObject(uniqueMembers: members)))).value
    }

    /// The protobuf message of the type.
    var wireMessage: WireMessage {
        if let message = message.load() { return message }
        return message.storeIfNil(WireMessage(self))
    }

    private static func slots(for fields: [Field]) -> [Int16] {
        var size = 4
        while size < fields.count * 2 { size *= 2 }
        var slots = [Int16](repeating: -1, count: size)
        for (ordinal, field) in fields.enumerated() {
            var slot = hash(field.name) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int16(ordinal)
        }
        return slots
    }

    /// A few bytes tell the names of one type apart well enough.
    @inline(__always)
    private static func hash(_ name: String) -> Int {
        let hash = name.utf8.withContiguousStorageIfAvailable { bytes -> Int in
            let count = bytes.count
            guard count > 0 else { return 0 }
            var hash = count &* 31 &+ Int(bytes[0])
            hash = hash &* 31 &+ Int(bytes[count / 2])
            hash = hash &* 31 &+ Int(bytes[count - 1])
            return hash &* 31 &+ Int(bytes[count * 3 / 4])
        }
        return hash ?? slowHash(name)
    }

    private static func slowHash(_ name: String) -> Int {
        var copy = name
        copy.makeContiguousUTF8()
        return copy.utf8.withContiguousStorageIfAvailable { _ in hash(copy) } ?? 0
    }
}

/// What protobuf needs of a type beside its fields.
public struct WireShape: Sendable {
    /// A field that exists on the wire only, or a nested message whose fields stand in the object itself in JSON.
    public struct Extra: Sendable {
        public var name: String
        public var number: Int
        public var type: String
        public var isRepeated: Bool
        public var isInline: Bool

        public init(name: String, number: Int, type: String, isRepeated: Bool, isInline: Bool) {
            self.name = name
            self.number = number
            self.type = type
            self.isRepeated = isRepeated
            self.isInline = isInline
        }
    }

    /// Whether the type has a protobuf message at all.
    public var isAvailable: Bool
    public var extras: [Extra]
    /// The list that a message of one repeated field stands for in JSON (`[]string`).
    public var alias: String?

    public init(isAvailable: Bool = true, extras: [Extra] = [], alias: String? = nil) {
        self.isAvailable = isAvailable
        self.extras = extras
        self.alias = alias
    }
}
