public import JSON

extension Schema {
    /// Unknown fields that are reported for one document; Kubernetes' decoder stops there too.
    public static let maximumReportedFields = 100

    /// Brings a client's document into the form in which the API writes it, as decoding into and encoding from
    /// Kubernetes' Go types would: unknown members dropped and reported, `null` and empty members left out where the
    /// type leaves them out, members of structs that are always written added, the order of members the type's, the
    /// order of maps their keys', numbers, quantities and times in canonical form.
    ///
    /// - Parameter keepsEmpty: whether an empty list or map of a field that is always written stays so, as a decoder leaves
    ///   it, and does not become the `null` that comes back from the store.
    /// - Returns: the paths of unknown fields (`spec.containers[0].img`), each once, in the order of the document.
    /// - Throws: a value of the wrong type, in the words of Kubernetes' decoder. The document is then as it was.
    public func canonicalize(
        _ value: inout JSON, keepsEmpty: Bool = false
    ) throws(SchemaDecodingError) -> [String] {
        var decoder = SchemaDecoder(keepsEmpty: keepsEmpty)
        let result = value.isNull ? zeroValue : decoder.decode(value, as: self)
        if let failure = decoder.failure { throw SchemaDecodingError(message: failure.message) }
        if let result { value = result }
        if case .structural = form { return decoder.unknownPaths.sorted() }
        return decoder.unknownPaths
    }
}

/// One pass over a document.
///
/// What is in its canonical form already, as most of most documents is, is shared and not built anew: each step answers
/// with the form of a value, or with `nil` where the value has it.
///
/// Paths cost nothing until there is something to report: whoever finds a problem knows only its own name, and each
/// level above adds its own when it sees that a problem came up below.
struct SchemaDecoder {
    enum Step {
        case member(String)
        case index(Int)
    }

    /// Why a document cannot be decoded. Go's decoder goes on after most errors and reports the first.
    struct Failure {
        enum Reason {
            /// `json: cannot unmarshal VALUE into Go … of type TYPE`
            case type(value: String, goType: String)
            case text(String)
        }

        var reason: Reason
        var structName: String?
        /// Innermost first.
        var fields: [String] = []
        /// Whether the value is a field's own, and not an item of one.
        var isOwnValue = true

        var message: String {
            switch reason {
            case .text(let text): return text
            case .type(let value, let goType):
                guard let structName else { return "json: cannot unmarshal \(value) into Go value of type \(goType)" }
                let path = fields.reversed().joined(separator: ".")
                return "json: cannot unmarshal \(value) into Go struct field \(structName).\(path) of type \(goType)"
            }
        }
    }

    let keepsEmpty: Bool
    private(set) var failure: Failure?
    private var failureCount = 0
    /// Whether to stop: a type with a decoder of its own refused a literal.
    private var isAborted = false
    /// Unknown fields, the innermost step first.
    private var unknown: [[Step]] = []
    private var isReportingUnknown = true

    init(keepsEmpty: Bool) { self.keepsEmpty = keepsEmpty }

    // MARK: Values

    /// - Parameter value: not `null`, which is a matter of what holds it.
    mutating func decode(_ value: JSON, as schema: Schema) -> JSON? {
        switch schema.form {
        case .string:
            if case .string = value { return nil }
        case .int32:
            if case .int(let number) = value, Int32(exactly: number) != nil { return nil }
        case .int64:
            if case .int = value { return nil }
        case .boolean:
            if case .bool = value { return nil }
        case .number:
            switch value {
            case .int, .double: return nil
            default: break
            }
        case .object(let shape):
            if case .object(let object) = value { return decode(object, as: shape, named: schema) }
        case .map(let values):
            if case .object(let object) = value { return decodeMap(object, of: values) }
        case .array(let items):
            if case .array(let array) = value { return decodeArray(array, of: items) }
        case .any, .rawExtension, .fieldsV1: return nil
        case .bytes:
            if case .string(let text) = value { return decodeBytes(text) }
        case .quantity: return decodeQuantity(value)
        case .time: return decodeTime(value, layout: .seconds)
        case .microTime: return decodeTime(value, layout: .microseconds)
        case .duration: return decodeDuration(value)
        case .intOrString: return decodeIntOrString(value)
        case .schema(let inner, let alternative): return decodeSchema(value, inner, or: alternative)
        case .structural(let schema): return prune(value, as: schema)
        }
        fail(.type(value: Self.describe(value, into: schema), goType: schema.goType))
        return .null
    }

    /// Members that are in their place and form already are passed over, until the first that is not: from there on the
    /// object is put together anew.
    private mutating func decode(_ object: JSONObject, as shape: ObjectShape, named schema: Schema) -> JSON? {
        let members = object.members
        let capacity = members.count + shape.alwaysWritten.count
        return withUnsafeTemporaryAllocation(of: Int16.self, capacity: capacity + 1) { ordinals -> JSON? in
            var result: [JSONObject.Member]?
            var present: UInt64 = 0
            for index in members.indices {
                let (ordinal, form) = decodeMember(members[index], in: shape, named: schema, &present)
                if isAborted { return .null }
                if result == nil {
                    if case .same = form, index == 0 || ordinals[index - 1] <= ordinal {
                        ordinals[index] = ordinal
                        continue
                    }
                    result = Self.beginning(of: members, upTo: index, capacity: capacity)
                }
                switch form {
                case .left: continue
                case .same: Self.insert(members[index], ordinal, &result, ordinals)
                case .changed(let member): Self.insert(member, ordinal, &result, ordinals)
                }
            }
            if present != shape.alwaysWrittenBits {
                if result == nil { result = Self.beginning(of: members, upTo: members.count, capacity: capacity) }
                for field in shape.alwaysWritten where present & field.alwaysWrittenBit == 0 {
                    Self.insert(.init(key: field.name, value: field.zeroValue), field.ordinal, &result, ordinals)
                }
            }
            return result.map { .object(JSONObject(uniqueMembers: $0)) }
        }
    }

    /// What becomes of a member.
    private enum MemberForm {
        case left, same
        case changed(JSONObject.Member)
    }

    /// - Returns: where the member stands among the fields; undeclared ones stand after all that are declared.
    @inline(__always)
    private mutating func decodeMember(
        _ member: JSONObject.Member, in shape: ObjectShape, named schema: Schema, _ present: inout UInt64
    ) -> (ordinal: Int16, MemberForm) {
        guard let ordinal = shape.ordinal(of: member.key) else {
            return (Int16.max, decodeUndeclared(member, in: shape))
        }
        let field = shape.fields[ordinal]
        if case .null = member.value {
            // Left out, or written as what it is.
            guard field.isWrittenWhenAbsent, case .null = field.zeroValue else { return (field.ordinal, .left) }
            present |= field.alwaysWrittenBit
            return (field.ordinal, .same)
        }
        let decoded = decode(member.value, of: field, in: schema)
        let value = decoded ?? member.value
        if field.omits(value) { return (field.ordinal, .left) }
        present |= field.alwaysWrittenBit
        if let written = (keepsEmpty ? nil : field.written(value)) ?? decoded {
            return (field.ordinal, .changed(.init(key: field.name, value: written)))
        }
        return (field.ordinal, .same)
    }

    private static func beginning(
        of members: [JSONObject.Member], upTo end: Int, capacity: Int
    ) -> [JSONObject.Member] {
        var result: [JSONObject.Member] = []
        result.reserveCapacity(capacity)
        result.append(contentsOf: members[..<end])
        return result
    }

    /// Keeps members in the order of their fields; documents mostly are in that order, or nearly.
    private static func insert(
        _ member: JSONObject.Member, _ ordinal: Int16, _ result: inout [JSONObject.Member]?,
        _ ordinals: UnsafeMutableBufferPointer<Int16>
    ) {
        var place = result?.count ?? 0
        while place > 0, ordinals[place - 1] > ordinal {
            ordinals[place] = ordinals[place - 1]
            place -= 1
        }
        ordinals[place] = ordinal
        result?.insert(member, at: place)
    }

    @inline(__always)
    private mutating func decode(_ value: JSON, of field: Field, in schema: Schema) -> JSON? {
        let failuresBefore = failureCount
        let unknownBefore = unknown.count
        let result = decode(value, as: field.schema)
        if unknown.count != unknownBefore { extend(from: unknownBefore, by: .member(field.name)) }
        if failureCount != failuresBefore { placeFailure(in: field, of: schema) }
        return result
    }

    private mutating func placeFailure(in field: Field, of schema: Schema) {
        guard var placed = failure else { return }
        if placed.structName == nil { placed.structName = schema.goStructName }
        if placed.fields.isEmpty, placed.isOwnValue, let goType = field.details.goType,
            case .type(let value, _) = placed.reason
        {
            placed.reason = .type(value: value, goType: goType)
        }
        placed.fields.append(field.name)
        failure = placed
    }

    /// What becomes of a member that the type does not declare.
    private mutating func decodeUndeclared(_ member: JSONObject.Member, in shape: ObjectShape) -> MemberForm {
        if let additional = shape.additional {
            let before = unknown.count
            let value = decode(member.value, as: additional)
            if unknown.count != before { extend(from: before, by: .member(member.key)) }
            return value.map { .changed(.init(key: member.key, value: $0)) } ?? .same
        }
        if shape.preservesUnknownFields { return .same }
        report(unknown: member.key)
        return .left
    }

    private mutating func decodeArray(_ array: [JSON], of items: Schema) -> JSON? {
        var result: [JSON]?
        for index in array.indices {
            guard let changed = decodeItem(array[index], at: index, of: items) else { continue }
            if isAborted { break }
            if result == nil { result = array }
            result?[index] = changed
        }
        return result.map { .array($0) }
    }

    private mutating func decodeItem(_ item: JSON, at index: Int, of items: Schema) -> JSON? {
        if case .null = item { return items.zeroValue }
        let failuresBefore = failureCount
        let unknownBefore = unknown.count
        let value = decode(item, as: items)
        if unknown.count != unknownBefore { extend(from: unknownBefore, by: .index(index)) }
        if failureCount != failuresBefore { failure?.isOwnValue = false }
        return value
    }

    private mutating func decodeMap(_ object: JSONObject, of values: Schema) -> JSON? {
        let members = object.members
        var isSorted = true
        var result: [JSONObject.Member]?
        for index in members.indices {
            if isSorted, index > 0, !members[index - 1].key.precedesInBytes(members[index].key) { isSorted = false }
            guard let changed = decodeMapValue(members[index], of: values) else { continue }
            if isAborted { break }
            if result == nil { result = members }
            result?[index].value = changed
        }
        if !isSorted { result = (result ?? members).sorted { $0.key.precedesInBytes($1.key) } }
        return result.map { .object(JSONObject(uniqueMembers: $0)) }
    }

    private mutating func decodeMapValue(_ member: JSONObject.Member, of values: Schema) -> JSON? {
        if case .null = member.value {
            // Stored bytes that are empty and those that are `null` are the same.
            if case .bytes = values.form { return .string("") }
            return values.zeroValue
        }
        let failuresBefore = failureCount
        let unknownBefore = unknown.count
        let value = decode(member.value, as: values)
        if unknown.count != unknownBefore { extend(from: unknownBefore, by: .member(member.key)) }
        if failureCount != failuresBefore { failure?.isOwnValue = false }
        return value
    }

    // MARK: Problems

    /// Go's decoder notes the first such error and goes on.
    private mutating func fail(_ reason: Failure.Reason) {
        guard failure == nil else { return }
        failure = Failure(reason: reason)
        failureCount += 1
    }

    /// A decoder of the type's own refused a value: a literal ends the whole decoding, whatever went wrong before.
    private mutating func refuse(_ value: JSON, _ reason: Failure.Reason) {
        switch value {
        case .object, .array: fail(reason)
        default:
            failure = Failure(reason: reason)
            failureCount += 1
            isAborted = true
        }
    }

    /// Notes a member that nothing is declared for.
    mutating func report(unknown name: String) {
        if isReportingUnknown, unknown.count < Schema.maximumReportedFields { unknown.append([.member(name)]) }
    }

    /// Decodes what stands at a step, and puts the step before the paths of what it reports.
    mutating func nested(_ step: Step, _ decode: (inout SchemaDecoder) -> JSON?) -> JSON? {
        let before = unknown.count
        let result = decode(&self)
        if unknown.count != before { extend(from: before, by: step) }
        return result
    }

    private mutating func extend(from start: Int, by step: Step) {
        for index in start..<unknown.count { unknown[index].append(step) }
    }

    var unknownPaths: [String] {
        guard !unknown.isEmpty else { return [] }
        var seen = Set<String>()
        return unknown.map { steps in
            var path = ""
            for step in steps.reversed() {
                switch step {
                case .member(let name): path += path.isEmpty ? name : "." + name
                case .index(let index): path += "[\(index)]"
                }
            }
            return path
        }.filter { seen.insert($0).inserted }
    }

    /// What Go's decoder calls a value that does not fit.
    private static func describe(_ value: JSON, into schema: Schema? = nil) -> String {
        switch value {
        case .null: return "null"
        case .bool: return "bool"
        case .string: return "string"
        case .array: return "array"
        case .object: return "object"
        case .int, .double:
            switch schema?.form {
            case .int32, .int64, .intOrString, .number: return "number " + describe(number: value)
            default: return "number"
            }
        }
    }

    static func describe(number: JSON) -> String {
        switch number {
        case .double(let value) where value == value.rounded() && abs(value) < 0x1p53: "\(Int64(value)).0"
        default: String(decoding: number.encoded, as: UTF8.self)
        }
    }
}

// MARK: - Values with a form of their own

extension SchemaDecoder {
    private mutating func decodeBytes(_ text: String) -> JSON? {
        switch Base64Text(text) {
        case .canonical: return nil
        case .other(let canonical): return .string(canonical)
        case .corrupt(let offset):
            fail(.text("illegal base64 data at input byte \(offset)"))
            return .null
        }
    }

    private mutating func decodeQuantity(_ value: JSON) -> JSON? {
        if case .string(let text) = value, QuantityText.isCanonical(text) { return nil }
        let text: String =
            switch value {
            case .string(let text): text
            default: String(decoding: value.encoded, as: UTF8.self)
            }
        switch QuantityText.canonical(text) {
        case .success(let canonical): return .string(canonical)
        case .failure(let error):
            refuse(value, .text(error.message))
            return .null
        }
    }

    private mutating func decodeTime(_ value: JSON, layout: KubernetesTime.Layout) -> JSON? {
        guard case .string(let text) = value else {
            refuse(value, .type(value: Self.describe(value), goType: "string"))
            return .null
        }
        if layout == .seconds, TimeText.isCanonical(text) { return nil }
        switch TimeText.canonical(text, layout: layout) {
        case .success(let canonical?): return canonical == text ? nil : .string(canonical)
        case .success(nil): return .null
        case .failure(let error):
            refuse(value, .text(error.message))
            return .null
        }
    }

    private mutating func decodeDuration(_ value: JSON) -> JSON {
        guard case .string(let text) = value else {
            refuse(value, .type(value: Self.describe(value), goType: "string"))
            return .null
        }
        switch DurationText.canonical(text) {
        case .success(let canonical): return .string(canonical)
        case .failure(let error):
            refuse(value, .text(error.message))
            return .null
        }
    }

    private mutating func decodeIntOrString(_ value: JSON) -> JSON? {
        switch value {
        case .string: return nil
        case .int(let number) where Int32(exactly: number) != nil: return nil
        default:
            refuse(value, .type(value: Self.describe(value, into: .intOrString), goType: "int32"))
            return .null
        }
    }

    /// `JSONSchemaPropsOrArray` and its like. Their decoders are not strict, so nothing below them is reported.
    private mutating func decodeSchema(_ value: JSON, _ schema: Schema, or alternative: Schema.Alternative) -> JSON? {
        let wasReporting = isReportingUnknown
        isReportingUnknown = false
        defer { isReportingUnknown = wasReporting }
        switch (value, alternative) {
        case (.object, _): return decode(value, as: schema)
        case (.array(let array), .schemas): return array.isEmpty ? .null : decodeArray(array, of: schema)
        case (.array(let array), .strings): return array.isEmpty ? .null : decodeArray(array, of: .string)
        case (.bool, .boolean): return nil
        case (_, .boolean):
            refuse(value, .text("boolean or JSON schema expected"))
            return .null
        default: return .null
        }
    }
}

extension Field {
    /// Whether a value that has been decoded is left out of what is written.
    @inline(__always)
    func omits(_ value: JSON) -> Bool {
        guard omitsEmpty else { return omission == .whenZero && value.isNull }
        switch value {
        case .string(let text): return text.isEmpty
        case .int(let number): return number == 0
        case .double(let number): return number == 0
        case .bool(let flag): return !flag
        case .array(let items): return items.isEmpty
        case .object(let object): return object.isEmpty
        case .null: return true
        }
    }

    /// An empty list or map is stored as none, and so comes back as `null`; `nil` says that a value stays what it is.
    @inline(__always)
    func written(_ value: JSON) -> JSON? {
        guard omission == .never, !isPointer else { return nil }
        switch value {
        case .array(let items) where items.isEmpty: return .null
        case .object(let object) where object.isEmpty && !schema.isGoStruct: return .null
        default: return nil
        }
    }
}

extension String {
    /// The order of Go's strings, which is that of their bytes.
    func precedesInBytes(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }
}
