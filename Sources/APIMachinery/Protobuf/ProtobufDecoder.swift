public import JSON

/// Reads Kubernetes' protobuf messages of one type into documents, in the form in which the API writes them.
///
/// Fields that the type does not have are skipped, as Kubernetes skips them. Where a field that is no list occurs more
/// than once, its last value counts. What cannot be read is an error, whatever the bytes: lengths beyond the end,
/// numbers beyond 64 bits, text that is no UTF-8, messages nested too deep.
public struct ProtobufDecoder: Sendable {
    /// Messages within one another.
    ///
    /// Only the schemas in a `CustomResourceDefinition` nest without an end, and JSON bodies of them are limited alike.
    public static let maximumDepth = 128
    /// Arrays and objects within one another in the JSON text that a message carries.
    public static let maximumJSONDepth = 256

    public let schema: Schema

    public init(_ schema: Schema) { self.schema = schema }

    /// Whether the type has a protobuf message.
    public var isAvailable: Bool { schema.shape?.isOnWire ?? false }

    /// The document of a message.
    /// - Parameters:
    ///   - apiVersion: as the envelope has it; left out of the document where it is empty.
    ///   - kind: likewise.
    public func document(
        _ message: ArraySlice<UInt8>, apiVersion: String = "", kind: String = ""
    ) throws(ProtobufError) -> JSON {
        guard let shape = schema.shape, shape.isOnWire else {
            throw ProtobufError(message: "\(schema.name ?? "a value without a type") has no protobuf message")
        }
        return try message.readProtobuf { (reader, _) throws(ProtobufError) in
            var object = ProtobufObjectReader(shape)
            object.set("kind", kind)
            object.set("apiVersion", apiVersion)
            try object.read(&reader, shape.wireMessage, depth: 1)
            return object.finish()
        }
    }

    /// The document in an envelope.
    public func document(_ envelope: ProtobufEnvelope) throws(ProtobufError) -> JSON {
        try document(envelope.raw, apiVersion: envelope.apiVersion, kind: envelope.kind)
    }
}

/// The members of one object while its message is read.
private struct ProtobufObjectReader {
    private let shape: ObjectShape
    private var members: [JSONObject.Member] = []
    /// The ordinal of each member's field, ascending.
    private var ordinals: [Int] = []
    /// Fields whose maps did not come in the order of their keys.
    private var unsorted: [Int] = []

    init(_ shape: ObjectShape) { self.shape = shape }

    mutating func set(_ name: String, _ text: String) {
        guard !text.isEmpty, let ordinal = shape.ordinal(of: name) else { return }
        set(.string(text), of: shape.fields[ordinal], ordinal)
    }

    /// The place of a field's member; where there is none, the place for it.
    private func place(of ordinal: Int) -> (place: Int, isThere: Bool) {
        var place = ordinals.count
        while place > 0, ordinals[place - 1] > ordinal { place -= 1 }
        if place > 0, ordinals[place - 1] == ordinal { return (place - 1, true) }
        return (place, false)
    }

    private mutating func insert(_ value: JSON, _ name: String, _ ordinal: Int, at place: Int) {
        if place == members.count {
            members.append(.init(key: name, value: value))
            ordinals.append(ordinal)
        } else {
            members.insert(.init(key: name, value: value), at: place)
            ordinals.insert(ordinal, at: place)
        }
    }

    private mutating func set(_ value: JSON, of field: Field, _ ordinal: Int) {
        let (place, isThere) = place(of: ordinal)
        let isOmitted = value.isNull || field.omits(value) || field.omitsZero(value)
        switch (isThere, isOmitted) {
        case (true, true):
            members.remove(at: place)
            ordinals.remove(at: place)
        case (true, false): members[place].value = value
        case (false, true): return
        case (false, false): insert(value, field.name, ordinal, at: place)
        }
    }

    // MARK: Reading

    mutating func read(_ reader: inout ProtobufReader, _ message: WireMessage, depth: Int) throws(ProtobufError) {
        guard depth <= ProtobufDecoder.maximumDepth else { throw .tooDeep }
        while let key = try reader.nextKey() {
            guard let entry = message.entry(numbered: key.number) else {
                try reader.skip(key)
                continue
            }
            if let nested = entry.nested {
                var inner = try reader.message(key)
                try read(&inner, nested, depth: depth + 1)
            } else if let field = entry.field {
                try read(&reader, key, entry, field, depth: depth)
            }
        }
    }

    @inline(__always)
    private mutating func read(
        _ reader: inout ProtobufReader, _ key: ProtobufReader.Key, _ entry: WireMessage.Entry, _ field: Field,
        depth: Int
    ) throws(ProtobufError) {
        switch entry.form {
        case .array(let items):
            if entry.isWrapped {
                set(try reader.wrappedList(key, items.form, depth: depth), of: field, entry.ordinal)
            } else {
                try readItem(&reader, key, items.form, field, entry.ordinal, depth: depth)
            }
        case .map(let values): try readMapEntry(&reader, key, values.form, field, entry.ordinal, depth: depth)
        default: set(try reader.value(key, entry.form, depth: depth), of: field, entry.ordinal)
        }
    }

    /// The place of a list's or map's member, which is made where it is not there.
    private mutating func container(_ empty: JSON, _ field: Field, _ ordinal: Int) -> Int {
        let (place, isThere) = place(of: ordinal)
        if !isThere { insert(empty, field.name, ordinal, at: place) }
        return place
    }

    private mutating func readItem(
        _ reader: inout ProtobufReader, _ key: ProtobufReader.Key, _ form: Schema.Form, _ field: Field, _ ordinal: Int,
        depth: Int
    ) throws(ProtobufError) {
        if key.type == .lengthDelimited, form.isPackable {
            var packed = try reader.message(key)
            let packedKey = ProtobufReader.Key(number: key.number, type: form.scalarWireType)
            while !packed.isAtEnd {
                let item = try packed.value(packedKey, form, depth: depth)
                members[container(.array([]), field, ordinal)].value.append(item)
            }
            return
        }
        let item = try reader.value(key, form, depth: depth)
        members[container(.array([]), field, ordinal)].value.append(item)
    }

    private mutating func readMapEntry(
        _ reader: inout ProtobufReader, _ key: ProtobufReader.Key, _ form: Schema.Form, _ field: Field, _ ordinal: Int,
        depth: Int
    ) throws(ProtobufError) {
        var entry = try reader.message(key)
        var name = ""
        var value: JSON?
        while let key = try entry.nextKey() {
            switch key.number {
            case 1: name = try entry.text(key)
            case 2:
                if case .array(let items) = form {
                    let list = try entry.wrappedList(key, items.form, depth: depth)
                    // As in Go, a list without items is one that was never made.
                    value = list == [] ? nil : list
                } else {
                    value = try entry.value(key, form, depth: depth)
                }
            default: try entry.skip(key)
            }
        }
        let place = container(.object(JSONObject()), field, ordinal)
        let isInOrder = !unsorted.contains(ordinal)
        if !members[place].value.add(name, value ?? form.zeroMapValue, isInOrder: isInOrder), isInOrder {
            unsorted.append(ordinal)
        }
    }

    // MARK: The end

    /// The object, with the members that are always written.
    mutating func finish() -> JSON {
        for ordinal in unsorted {
            let (place, isThere) = place(of: ordinal)
            guard isThere, case .object(let object) = members[place].value else { continue }
            let sorted = object.members.sorted { $0.key.precedesInBytes($1.key) }
            members[place].value = .object(JSONObject(uniqueMembers: sorted))
        }
        if members.isEmpty { return shape.zeroValue }
        for field in shape.alwaysWritten {
            let (place, isThere) = place(of: Int(field.ordinal))
            if !isThere { insert(field.zeroValue, field.name, Int(field.ordinal), at: place) }
        }
        return .object(JSONObject(uniqueMembers: members))
    }
}

extension JSON {
    /// Adds an item to an array, in place.
    fileprivate mutating func append(_ item: JSON) {
        guard case .array(var items) = self else { return }
        self = .null  // leaves `items` the only owner
        items.append(item)
        self = .array(items)
    }

    /// Adds a member to an object, in place.
    /// - Parameter isInOrder: whether the members so far are in the order of their keys.
    /// - Returns: whether they still are, as far as this member shows.
    fileprivate mutating func add(_ name: String, _ value: JSON, isInOrder: Bool) -> Bool {
        guard case .object(var object) = self else { return true }
        self = .null
        defer { self = .object(object) }
        if isInOrder, object.members.last?.key.precedesInBytes(name) ?? true {
            object.append(uniqueKey: name, value)
            return true
        }
        object[name] = value
        return false
    }
}

extension Field {
    /// Whether an object that is left out when zero is (`omitzero`).
    fileprivate func omitsZero(_ value: JSON) -> Bool {
        omission == .whenZero && !isPointer && schema.isGoStruct && value == schema.zeroValue
    }
}

extension Schema.Form {
    /// Whether a list of such values may come as one field (protobuf's encoding guide, "Packed Repeated Fields").
    fileprivate var isPackable: Bool {
        switch self {
        case .int32, .int64, .boolean, .number: true
        default: false
        }
    }

    fileprivate var scalarWireType: WireType {
        if case .number = self { .fixed64 } else { .varint }
    }

    /// A map's value that its entry leaves out.
    fileprivate var zeroMapValue: JSON {
        if case .bytes = self { return .string("") }
        return Schema(self).zeroValue
    }
}

// MARK: - Values

extension ProtobufReader {
    /// Reads one value; `null` is a zero time, or JSON that is not there.
    @inline(__always)
    fileprivate mutating func value(_ key: Key, _ form: Schema.Form, depth: Int) throws(ProtobufError) -> JSON {
        switch form {
        case .string: .string(try text(key))
        case .int32: .int(Int64(Int32(truncatingIfNeeded: try integer(key))))
        case .int64: .int(try integer(key))
        case .boolean: .bool(try integer(key) != 0)
        case .object(let shape): try object(key, shape, depth: depth)
        default: try otherValue(key, form, depth: depth)
        }
    }

    private mutating func object(_ key: Key, _ shape: ObjectShape, depth: Int) throws(ProtobufError) -> JSON {
        var inner = try message(key)
        // Shared, so that a body of nothing but empty messages does not grow.
        if inner.isAtEnd { return shape.zeroValue }
        var object = ProtobufObjectReader(shape)
        try object.read(&inner, shape.wireMessage, depth: depth + 1)
        return object.finish()
    }

    private mutating func otherValue(_ key: Key, _ form: Schema.Form, depth: Int) throws(ProtobufError) -> JSON {
        switch form {
        case .number:
            let value = try double(key)
            guard value.isFinite else { throw ProtobufError(message: "json: unsupported value: \(value)") }
            if let integer = Int64(exactly: value), integer.magnitude < 1 << 53 { return .int(integer) }
            return .double(value)
        case .bytes:
            let range = try lengthDelimited(key)
            return .string(Base64Text.encode(Array(bytes[range])))
        case .quantity: return try quantity(key)
        case .time: return try time(key, .seconds)
        case .microTime: return try time(key, .microseconds)
        case .duration:
            var inner = try message(key)
            var nanoseconds: Int64 = 0
            while let key = try inner.nextKey() {
                if key.number == 1 { nanoseconds = try inner.integer(key) } else { try inner.skip(key) }
            }
            return .string(DurationText.format(nanoseconds))
        case .intOrString: return try intOrString(key)
        case .any, .rawExtension, .fieldsV1: return try json(key)
        case .schema(let schema, let alternative): return try self.schema(key, schema, alternative, depth: depth)
        case .array, .map, .string, .int32, .int64, .boolean, .object, .structural:
            // Lists and maps stand in fields; none of the types has one directly in another.
            throw ProtobufError(message: "proto: field \(key.number) has a type without a wire form")
        }
    }

    private mutating func quantity(_ key: Key) throws(ProtobufError) -> JSON {
        var inner = try message(key)
        var text = ""
        while let key = try inner.nextKey() {
            if key.number == 1 { text = try inner.text(key) } else { try inner.skip(key) }
        }
        if QuantityText.isCanonical(text) { return .string(text) }
        if text.isEmpty { return "0" }
        switch QuantityText.canonical(text) {
        case .success(let canonical): return .string(canonical)
        case .failure(let error): throw ProtobufError(message: error.message)
        }
    }

    /// The seconds of the years that a time's text has: 0 to 9999.
    private static let writableSeconds: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    private mutating func time(_ key: Key, _ layout: KubernetesTime.Layout) throws(ProtobufError) -> JSON {
        var inner = try message(key)
        if inner.isAtEnd { return .null }
        var seconds: Int64 = 0
        var nanoseconds: Int64 = 0
        while let key = try inner.nextKey() {
            switch key.number {
            case 1: seconds = try inner.integer(key)
            case 2: nanoseconds = try inner.integer(key)
            default: try inner.skip(key)
            }
        }
        guard Self.writableSeconds.contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else {
            throw ProtobufError(message: "Time: year outside of range [0,9999]")
        }
        let time = KubernetesTime(epochSeconds: seconds, nanoseconds: Int32(nanoseconds))
        switch layout {
        case .seconds: return time.wholeSeconds == TimeText.zero ? .null : .string(time.description)
        case .microseconds: return time == TimeText.zero ? .null : .string(time.microTime)
        }
    }

    private mutating func intOrString(_ key: Key) throws(ProtobufError) -> JSON {
        var inner = try message(key)
        var type: Int64 = 0
        var integer: Int64 = 0
        var text = ""
        while let key = try inner.nextKey() {
            switch key.number {
            case 1: type = try inner.integer(key)
            case 2: integer = Int64(Int32(truncatingIfNeeded: try inner.integer(key)))
            case 3: text = try inner.text(key)
            default: try inner.skip(key)
            }
        }
        switch type {
        case 0: return .int(integer)
        case 1: return .string(text)
        default: throw ProtobufError(message: "impossible IntOrString.Type")
        }
    }

    /// JSON text that a message carries as bytes.
    private mutating func json(_ key: Key) throws(ProtobufError) -> JSON {
        var inner = try message(key)
        var raw = 0..<0
        while let key = try inner.nextKey() {
            if key.number == 1 { raw = try inner.lengthDelimited(key) } else { try inner.skip(key) }
        }
        if raw.isEmpty { return .null }
        var options = JSONParseOptions()
        options.maximumDepth = ProtobufDecoder.maximumJSONDepth
        do throws(JSONParseError) {
            return try JSON(parsing: UnsafeRawBufferPointer(rebasing: bytes[raw]), options: options)
        } catch {
            throw ProtobufError(message: error.message)
        }
    }

    private mutating func schema(
        _ key: Key, _ schema: Schema, _ alternative: Schema.Alternative, depth: Int
    ) throws(ProtobufError) -> JSON {
        var inner = try message(key)
        var object: JSON?
        var items: [JSON] = []
        var allows = false
        while let key = try inner.nextKey() {
            switch (alternative, key.number) {
            case (.boolean, 1): allows = try inner.integer(key) != 0
            case (.boolean, 2), (.schemas, 1), (.strings, 1):
                object = try inner.value(key, schema.form, depth: depth + 1)
            case (.schemas, 2): items.append(try inner.value(key, schema.form, depth: depth + 1))
            case (.strings, 2): items.append(.string(try inner.text(key)))
            default: try inner.skip(key)
            }
        }
        if !items.isEmpty { return .array(items) }
        if let object { return object }
        return alternative == .boolean ? .bool(allows) : .null
    }

    /// The list that is the one field of a message.
    fileprivate mutating func wrappedList(
        _ key: Key, _ form: Schema.Form, depth: Int
    ) throws(ProtobufError) -> JSON {
        var inner = try message(key)
        var items: [JSON] = []
        while let key = try inner.nextKey() {
            if key.number == 1 {
                items.append(try inner.value(key, form, depth: depth + 1))
            } else {
                try inner.skip(key)
            }
        }
        return .array(items)
    }
}
