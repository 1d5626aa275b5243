public import JSON

/// Writes documents of one type as Kubernetes' protobuf messages, byte for byte as its own encoder does.
///
/// Fields go in ascending order of their numbers; scalars, structs and times that are no pointers are always written,
/// pointers, lists, maps and bytes where they are set; maps in the order of their keys (`generated.proto` of
/// kubernetes/api and the generated marshallers). A document is expected in canonical form (`Schema.canonicalize`);
/// members that the type does not have are left out, as are `kind` and `apiVersion`, which the envelope carries.
public struct ProtobufEncoder: Sendable {
    public let schema: Schema

    public init(_ schema: Schema) { self.schema = schema }

    /// Whether the type has a protobuf message: built-in kinds do, except for tables; custom resources do not.
    public var isAvailable: Bool { schema.shape?.isOnWire ?? false }

    /// The message of a document, without an envelope.
    /// - Throws: where the type has no message, or a value is not of its type.
    public func message(_ document: JSON) throws(ProtobufError) -> [UInt8] {
        var writer = ProtobufWriter()
        try write(document, into: &writer)
        return writer.bytes
    }

    /// The message as a field of another one: key, length and message.
    /// - Parameter number: the field's number there.
    public func field(_ number: Int, _ document: JSON) throws(ProtobufError) -> [UInt8] {
        var writer = ProtobufWriter()
        try write(document, into: &writer)
        writer.finishMessage(UInt32(clamping: number), since: 0)
        return writer.bytes
    }

    /// A document as clients and servers send it: in an envelope with its `apiVersion` and `kind`.
    public func envelope(_ document: JSON) throws(ProtobufError) -> [UInt8] {
        var writer = ProtobufWriter()
        ProtobufEnvelope.writeEnd(into: &writer)
        let before = writer.count
        try write(document, into: &writer)
        ProtobufEnvelope.writeStart(
            apiVersion: document["apiVersion"]?.stringValue ?? "", kind: document["kind"]?.stringValue ?? "",
            rawByteCount: writer.count - before, into: &writer)
        return writer.bytes
    }

    private func write(_ document: JSON, into writer: inout ProtobufWriter) throws(ProtobufError) {
        guard let shape = schema.shape, shape.isOnWire else {
            throw ProtobufError(message: "\(schema.name ?? "a value without a type") has no protobuf message")
        }
        guard case .object(let object) = document else {
            throw ProtobufError(message: "a document that is no object has no protobuf message")
        }
        writer.writeFields(of: object.members, shape)
        if let failure = writer.failure { throw failure }
    }
}

extension ObjectShape {
    /// Whether there is a message of the type. The schemas of custom resources have no field numbers.
    var isOnWire: Bool { wire.isAvailable && (fields.isEmpty || !wireMessage.entries.isEmpty) }
}

// MARK: - Messages

extension ProtobufWriter {
    /// Writes the fields of an object in front of what is there.
    mutating func writeFields(of members: [JSONObject.Member], _ shape: ObjectShape) {
        let message = shape.wireMessage
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: shape.fields.count + 1) { places in
            places.initialize(repeating: -1)
            for (place, member) in members.enumerated() {
                if let ordinal = shape.ordinal(of: member.key) { places[ordinal] = Int32(truncatingIfNeeded: place) }
            }
            write(message, members, places)
        }
    }

    private mutating func write(
        _ message: WireMessage, _ members: [JSONObject.Member], _ places: UnsafeMutableBufferPointer<Int32>
    ) {
        for index in stride(from: message.entries.count - 1, through: 0, by: -1) {
            let entry = message.entries[index]
            if let nested = entry.nested {
                let before = count
                write(nested, members, places)
                finishMessage(entry.number, since: before)
                continue
            }
            let place = Int(places[entry.ordinal])
            if place >= 0, !members[place].value.isNull {
                write(members[place].value, of: entry)
            } else if !entry.isOptional {
                writeZero(entry.form, entry.number)
            }
        }
    }

    private mutating func write(_ value: JSON, of entry: WireMessage.Entry) {
        switch (entry.form, value) {
        case (.array(let items), .array(let list)):
            if entry.isWrapped {
                writeWrapped(list, items.form, entry.number)
            } else {
                writeItems(list, items.form, entry.number)
            }
        case (.map(let values), .object(let object)): writeMap(object, values.form, entry.number)
        default: write(value, as: entry.form, entry.number)
        }
    }

    private mutating func writeItems(_ list: [JSON], _ form: Schema.Form, _ number: UInt32) {
        for index in stride(from: list.count - 1, through: 0, by: -1) { write(list[index], as: form, number) }
    }

    private mutating func writeWrapped(_ list: [JSON], _ form: Schema.Form, _ number: UInt32) {
        let before = count
        writeItems(list, form, 1)
        finishMessage(number, since: before)
    }

    /// An entry is a message of key and value, both always written.
    private mutating func writeMap(_ object: JSONObject, _ form: Schema.Form, _ number: UInt32) {
        let members = object.members
        var isSorted = true
        for index in members.indices.dropFirst() where !members[index - 1].key.precedesInBytes(members[index].key) {
            isSorted = false
            break
        }
        let ordered = isSorted ? members : members.sorted { $0.key.precedesInBytes($1.key) }
        for index in stride(from: ordered.count - 1, through: 0, by: -1) {
            let before = count
            if case .array(let items) = form, case .array(let list) = ordered[index].value {
                writeWrapped(list, items.form, 2)
            } else {
                write(ordered[index].value, as: form, 2)
            }
            write(1, text: ordered[index].key)
            finishMessage(number, since: before)
        }
    }
}

// MARK: - Values

extension ProtobufWriter {
    /// Writes one value as a field. `null` is the zero value: it stands where something must.
    private mutating func write(_ value: JSON, as form: Schema.Form, _ number: UInt32) {
        switch (form, value) {
        case (.string, .string(let text)): write(number, text: text)
        case (.int32, .int(let integer)), (.int64, .int(let integer)): write(number, integer: integer)
        case (.boolean, .bool(let flag)): write(number, integer: flag ? 1 : 0)
        case (.object(let shape), .object(let object)):
            let before = count
            writeFields(of: object.members, shape)
            finishMessage(number, since: before)
        case (.quantity, .string(let text)):
            let before = count
            write(1, text: text)
            finishMessage(number, since: before)
        case (.time, .string(let text)): writeTime(text, .seconds, number)
        case (.microTime, .string(let text)): writeTime(text, .microseconds, number)
        case (.intOrString, .int(let integer)): writeIntOrString(type: 0, integer, "", number)
        case (.intOrString, .string(let text)): writeIntOrString(type: 1, 0, text, number)
        case (.number, .int), (.number, .double): writeNumber(value.doubleValue ?? 0, number)
        case (.bytes, .string(let text)): writeBytes(text, number)
        case (.duration, .string(let text)): writeDuration(text, number)
        case (_, .null): writeZero(form, number)
        case (.any, _), (.rawExtension, _), (.fieldsV1, _): writeJSON(value, number)
        case (.schema(let schema, let alternative), _): write(value, schema, or: alternative, number)
        default: fail("a value of the document is not of its field's type: \(value.description.prefix(60))")
        }
    }

    /// What Go's encoder writes for a value that was never set and is no pointer.
    private mutating func writeZero(_ form: Schema.Form, _ number: UInt32) {
        let before = count
        switch form {
        case .string, .bytes: return write(number, text: "")
        case .int32, .int64, .boolean: return write(number, integer: 0)
        case .number: return writeNumber(0, number)
        case .quantity: write(1, text: "0")
        case .intOrString: return writeIntOrString(type: 0, 0, "", number)
        case .duration: write(1, integer: 0)
        case .object(let shape): writeFields(of: [], shape)
        case .schema(_, or: .boolean): write(1, integer: 0)
        case .time, .microTime, .any, .rawExtension, .fieldsV1, .array, .map, .schema, .structural: break
        }
        finishMessage(number, since: before)
    }

    private mutating func writeNumber(_ value: Double, _ number: UInt32) {
        write(fixed64: value.bitPattern)
        write(key: number, .fixed64)
    }

    private mutating func writeIntOrString(type: Int64, _ integer: Int64, _ text: String, _ number: UInt32) {
        let before = count
        write(3, text: text)
        write(2, integer: integer)
        write(1, integer: type)
        finishMessage(number, since: before)
    }

    /// Seconds, and nanoseconds, which a time in whole seconds has none of.
    private mutating func writeTime(_ text: String, _ layout: KubernetesTime.Layout, _ number: UInt32) {
        do throws(TimeParseError) {
            let time = try KubernetesTime(parsing: text, layout: layout)
            let before = count
            if time != TimeText.zero {
                write(2, integer: layout == .seconds ? 0 : Int64(time.nanoseconds))
                write(1, integer: time.epochSeconds)
            }
            finishMessage(number, since: before)
        } catch {
            fail(error.message)
        }
    }

    private mutating func writeDuration(_ text: String, _ number: UInt32) {
        switch DurationText.nanoseconds(text) {
        case .success(let nanoseconds):
            let before = count
            write(1, integer: nanoseconds)
            finishMessage(number, since: before)
        case .failure(let error): fail(error.message)
        }
    }

    private mutating func writeBytes(_ text: String, _ number: UInt32) {
        guard let bytes = Base64Text.bytes(of: text) else { return fail("illegal base64 data") }
        write(number, bytes: bytes)
    }

    /// JSON text as the one field of a message.
    private mutating func writeJSON(_ value: JSON, _ number: UInt32) {
        let before = count
        write(1, bytes: value.encoded)
        finishMessage(number, since: before)
    }

    /// `JSONSchemaPropsOrArray`, `JSONSchemaPropsOrBool`, `JSONSchemaPropsOrStringArray` of apiextensions.
    private mutating func write(
        _ value: JSON, _ schema: Schema, or alternative: Schema.Alternative, _ number: UInt32
    ) {
        let before = count
        switch (alternative, value) {
        case (.boolean, .object):
            write(value, as: schema.form, 2)
            write(1, integer: 1)
        case (.schemas, .object), (.strings, .object): write(value, as: schema.form, 1)
        case (.boolean, .bool(let flag)): write(1, integer: flag ? 1 : 0)
        case (.schemas, .array(let list)): writeItems(list, schema.form, 2)
        case (.strings, .array(let list)): writeItems(list, .string, 2)
        default: fail("a schema, or what stands for one, is expected")
        }
        finishMessage(number, since: before)
    }
}
