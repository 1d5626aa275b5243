import APIMachinery
import JSON
import Testing

/// Messages of small types of our own, with their bytes written by hand.
struct ProtobufTests {
    static func field(
        _ name: String, _ schema: Schema, _ number: Int?, omission: Field.Omission = .whenEmpty,
        isPointer: Bool = false, via: String? = nil, wrapper: String? = nil
    ) -> Field {
        var details = Field.Details()
        if let number { details.wire = Field.Wire(number: number, via: via, wrapper: wrapper) }
        return Field(name, schema, omission: omission, isPointer: isPointer, details: details)
    }

    static func message(_ fields: [Field], extras: [WireShape.Extra] = []) -> Schema {
        Schema(.object(ObjectShape(name: "test.Type", fields: fields, wire: WireShape(extras: extras))))
    }

    static func only(_ schema: Schema, isPointer: Bool = true, wrapper: String? = nil) -> Schema {
        message([field("f", schema, 1, isPointer: isPointer, wrapper: wrapper)])
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var remark: String
        var schema: Schema
        var document: JSON
        var bytes: [UInt8]
        var testDescription: String { remark }
    }

    static let rows: [Row] = [
        Row(remark: "text", schema: only(.string), document: ["f": "hé"], bytes: [0x0A, 3, 0x68, 0xC3, 0xA9]),
        Row(remark: "a set empty text", schema: only(.string), document: ["f": ""], bytes: [0x0A, 0]),
        Row(remark: "a pointer that is not set", schema: only(.string), document: [:], bytes: []),
        Row(
            remark: "a text that is no pointer", schema: only(.string, isPointer: false), document: [:],
            bytes: [0x0A, 0]),
        Row(remark: "a number of two bytes", schema: only(.int64), document: ["f": 300], bytes: [0x08, 0xAC, 2]),
        Row(
            remark: "a negative number", schema: only(.int32), document: ["f": -1],
            bytes: [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]),
        Row(
            remark: "the least number", schema: only(.int64), document: ["f": .int(.min)],
            bytes: [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1]),
        Row(remark: "a zero that is no pointer", schema: only(.int32, isPointer: false), document: [:], bytes: [8, 0]),
        Row(remark: "false", schema: only(.boolean), document: ["f": false], bytes: [8, 0]),
        Row(remark: "true", schema: only(.boolean), document: ["f": true], bytes: [8, 1]),
        Row(
            remark: "a fraction", schema: only(.number), document: ["f": 0.5],
            bytes: [0x09, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F]),
        Row(remark: "bytes", schema: only(.bytes), document: ["f": "AQID"], bytes: [0x0A, 3, 1, 2, 3]),
        Row(remark: "bytes with padding", schema: only(.bytes), document: ["f": "AQ=="], bytes: [0x0A, 1, 1]),
        Row(
            remark: "a quantity", schema: only(.quantity), document: ["f": "1Gi"],
            bytes: [0x0A, 5, 0x0A, 3, 0x31, 0x47, 0x69]),
        Row(
            remark: "a time", schema: only(.time), document: ["f": "1970-01-01T00:05:00Z"],
            bytes: [0x0A, 5, 8, 0xAC, 2, 0x10, 0]),
        Row(
            remark: "a time with microseconds", schema: only(.microTime),
            document: ["f": "1970-01-01T00:00:01.000001Z"],
            bytes: [0x0A, 5, 8, 1, 0x10, 0xE8, 7]),
        Row(
            remark: "a duration", schema: only(.duration), document: ["f": "1µs"], bytes: [0x0A, 3, 8, 0xE8, 7]),
        Row(
            remark: "a number or text: number", schema: only(.intOrString), document: ["f": 80],
            bytes: [0x0A, 6, 8, 0, 0x10, 80, 0x1A, 0]),
        Row(
            remark: "a number or text: text", schema: only(.intOrString), document: ["f": "h"],
            bytes: [0x0A, 7, 8, 1, 0x10, 0, 0x1A, 1, 0x68]),
        Row(
            remark: "any JSON", schema: only(.any), document: ["f": ["a": [1]]],
            bytes: [0x0A, 11, 0x0A, 9] + Array(#"{"a":[1]}"#.utf8)),
        Row(
            remark: "a list", schema: only(.array(of: .string)), document: ["f": ["a", ""]], bytes: [10, 1, 97, 10, 0]),
        Row(
            remark: "a list of numbers", schema: only(.array(of: .int64)), document: ["f": [1, 2]], bytes: [8, 1, 8, 2]),
        Row(
            remark: "a wrapped list", schema: only(.array(of: .string), wrapper: "Verbs"), document: ["f": ["a", "b"]],
            bytes: [0x0A, 6, 10, 1, 97, 10, 1, 98]),
        Row(
            remark: "a map", schema: only(.map(of: .string)), document: ["f": ["a": "", "b": "x"]],
            bytes: [10, 5, 10, 1, 97, 0x12, 0, 10, 6, 10, 1, 98, 0x12, 1, 0x78]),
        Row(
            remark: "a map of lists", schema: only(.map(of: .array(of: .string)), wrapper: "ExtraValue"),
            document: ["f": ["k": ["v"]]], bytes: [10, 8, 10, 1, 107, 0x12, 3, 10, 1, 118]),
        Row(
            remark: "a schema", schema: union(.boolean), document: ["f": ["id": "x"]],
            bytes: [10, 7, 8, 1, 18, 3, 10, 1, 0x78]),
        Row(remark: "true for a schema", schema: union(.boolean), document: ["f": true], bytes: [10, 2, 8, 1]),
        Row(remark: "false for a schema", schema: union(.boolean), document: ["f": false], bytes: [10, 2, 8, 0]),
        Row(
            remark: "schemas for a schema", schema: union(.schemas), document: ["f": [["id": "x"]]],
            bytes: [10, 5, 18, 3, 10, 1, 0x78]),
        Row(
            remark: "names for a schema", schema: union(.strings), document: ["f": ["x", "y"]],
            bytes: [10, 6, 18, 1, 0x78, 18, 1, 0x79]),
        Row(
            remark: "numbers in another order than names",
            schema: message([field("b", .string, 20), field("a", .string, 2)]),
            document: ["b": "2", "a": "1"], bytes: [0x12, 1, 0x31, 0xA2, 1, 1, 0x32]),
        Row(
            remark: "fields by way of two messages", schema: inlined, document: ["name": "n", "deep": "d"],
            bytes: [10, 1, 0x6E, 18, 5, 18, 3, 10, 1, 0x64]),
        Row(remark: "messages by way stay when empty", schema: inlined, document: [:], bytes: [10, 0, 18, 2, 18, 0]),
    ]

    static func union(_ alternative: Schema.Alternative) -> Schema {
        only(Schema(.schema(message([field("id", .string, 1, isPointer: true)]), or: alternative)))
    }

    static let inlined = message(
        [field("name", .string, 1), field("deep", .string, 1, isPointer: true, via: "outer.inner")],
        extras: [
            .init(name: "outer", number: 2, type: "Outer", isRepeated: false, isInline: true),
            .init(name: "inner", number: 2, type: "Inner", isRepeated: false, isInline: true),
        ])

    @Test(arguments: rows)
    func documentsAndMessagesAreTurnedIntoOneAnother(_ row: Row) throws {
        #expect(try ProtobufEncoder(row.schema).message(row.document) == row.bytes)
        let document = try ProtobufDecoder(row.schema).document(row.bytes[...])
        #expect(document == row.document)
        #expect(document.encoded == row.document.encoded)
    }

    @Test func longTextGrowsTheBuffer() throws {
        let text = String(repeating: "long ", count: 20_000)
        let encoder = ProtobufEncoder(Self.only(.array(of: .string)))
        let bytes = try encoder.message(["f": [.string(text), .string(text)]])
        #expect(try ProtobufDecoder(encoder.schema).document(bytes[...]) == ["f": [.string(text), .string(text)]])
    }

    // MARK: What comes in otherwise than it goes out

    @Test func fieldsThatAreNotKnownAreSkipped() throws {
        let decoder = ProtobufDecoder(Self.only(.string))
        let unknown: [[UInt8]] = [
            [0x10, 0xFF, 1], [0x11, 1, 2, 3, 4, 5, 6, 7, 8], [0x12, 2, 1, 2], [0x15, 1, 2, 3, 4],
            [0x13, 0x1B, 0x10, 1, 0x1C, 0x14],
        ]
        for bytes in unknown {
            #expect(try decoder.document((bytes + [10, 1, 97] + bytes)[...]) == ["f": "a"])
        }
    }

    @Test func packedNumbersAreAList() throws {
        let decoder = ProtobufDecoder(Self.only(.array(of: .int64)))
        #expect(try decoder.document([10, 3, 1, 0xAC, 2, 8, 7]) == ["f": [1, 300, 7]])
    }

    @Test func mapsComeOutInTheOrderOfTheirKeysEachOnce() throws {
        let decoder = ProtobufDecoder(Self.only(.map(of: .string)))
        let bytes: [UInt8] = [10, 6, 10, 1, 98, 18, 1, 49, 10, 6, 10, 1, 97, 18, 1, 50, 10, 6, 10, 1, 98, 18, 1, 51]
        #expect(try decoder.document(bytes[...]).description == #"{"f":{"a":"2","b":"3"}}"#)
        #expect(try decoder.document([10, 0]).description == #"{"f":{"":""}}"#)
    }

    @Test func theLastOfRepeatedValuesCounts() throws {
        let decoder = ProtobufDecoder(Self.only(.string, isPointer: false))
        #expect(try decoder.document([10, 1, 97, 10, 1, 98]) == ["f": "b"])
        #expect(try decoder.document([10, 1, 97, 10, 0]) == [:])
    }

    @Test func fieldsThatAreAlwaysWrittenAppearWhenAbsent() throws {
        let schema = Self.message([
            Self.field("list", .array(of: .string), 1, omission: .never),
            Self.field("count", .int32, 2, omission: .never),
            Self.field("time", .time, 3),
        ])
        let document = try ProtobufDecoder(schema).document([0x10, 5])
        #expect(document.description == #"{"list":null,"count":5,"time":null}"#)
    }

    // MARK: What cannot be read

    static let broken: [(remark: String, schema: Schema, bytes: [UInt8], message: String)] = [
        ("an end within a key", only(.string), [0x8A], "unexpected EOF"),
        ("a length beyond the end", only(.string), [10, 2, 97], "unexpected EOF"),
        (
            "a length of 64 bits", only(.string), [10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            "proto: negative length found during unmarshaling"
        ),
        (
            "the greatest length", only(.string), [10, 255, 255, 255, 255, 255, 255, 255, 255, 0x7F],
            "unexpected EOF"
        ),
        (
            "a number of more than ten bytes", only(.int64), [8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
            "proto: integer overflow"
        ),
        ("field 0", only(.string), [0x02, 0], "proto: illegal tag 0 (wire type 2)"),
        ("wire type 7", only(.string), [0x0F], "proto: illegal wireType 7"),
        ("a group that ends first", only(.string), [0x14], "proto: unexpected end of group"),
        ("a group that does not end", only(.string), [0x13], "unexpected EOF"),
        ("another wire type", only(.string), [8, 1], "proto: wrong wireType = 0 for field 1"),
        ("text that is no UTF-8", only(.string), [10, 1, 0xFF], "proto: a string contains invalid UTF-8"),
        ("a fraction cut short", only(.number), [9, 0, 0], "unexpected EOF"),
        ("JSON that is none", only(.any), [10, 3, 10, 1, 0x7B], "unexpected end of JSON input"),
        ("a third kind of number or text", only(.intOrString), [10, 2, 8, 2], "impossible IntOrString.Type"),
        (
            "a time after all years", only(.time), [10, 10, 8, 255, 255, 255, 255, 255, 255, 255, 255, 127],
            "Time: year outside of range [0,9999]"
        ),
        (
            "no number", only(.number), [9, 0, 0, 0, 0, 0, 0, 0xF0, 0x7F], "json: unsupported value: inf"
        ),
    ]

    @Test(arguments: broken.indices)
    func whatCannotBeReadIsAnError(_ index: Int) {
        let row = Self.broken[index]
        #expect(throws: ProtobufError(message: row.message), "\(row.remark)") {
            try ProtobufDecoder(row.schema).document(row.bytes[...])
        }
    }

    @Test func groupsTooDeepAreAnError() {
        #expect(throws: ProtobufError.self) {
            try ProtobufDecoder(Self.only(.string)).document([UInt8](repeating: 0x13, count: 100_000)[...])
        }
    }

    @Test func valuesOfAnotherTypeCannotBeWritten() {
        let encoder = ProtobufEncoder(Self.only(.int32))
        #expect(throws: ProtobufError.self) { try encoder.message(["f": "text"]) }
        #expect(throws: ProtobufError.self) { try encoder.message([1]) }
        #expect(throws: ProtobufError.self) { try ProtobufEncoder(Self.only(.bytes)).message(["f": "?"]) }
    }

    @Test func typesWithoutNumbersHaveNoMessage() {
        let custom = Self.message([Self.field("f", .string, nil)])
        #expect(!ProtobufEncoder(custom).isAvailable)
        #expect(!ProtobufEncoder(.any).isAvailable)
        #expect(throws: ProtobufError.self) { try ProtobufEncoder(custom).message([:]) }
        #expect(throws: ProtobufError.self) { try ProtobufDecoder(custom).document([]) }
    }

    // MARK: Envelopes

    @Test func anEnvelopeTellsTheKind() throws {
        let schema = Self.message([
            Self.field("kind", .string, nil), Self.field("apiVersion", .string, nil), Self.field("f", .string, 1),
        ])
        let document: JSON = ["kind": "K", "apiVersion": "v1", "f": "x"]
        let bytes = try ProtobufEncoder(schema).envelope(document)
        let typeMeta: [UInt8] = [10, 7, 10, 2, 0x76, 0x31, 18, 1, 0x4B]
        #expect(bytes == [0x6B, 0x38, 0x73, 0] + typeMeta + [18, 3, 10, 1, 0x78, 26, 0, 34, 0])
        let envelope = try ProtobufEnvelope(parsing: bytes)
        #expect(envelope.kind == "K")
        #expect(envelope.apiVersion == "v1")
        #expect(try ProtobufDecoder(schema).document(envelope).encoded == document.encoded)
    }

    @Test func bytesWithoutTheMagicAreNoEnvelope() {
        for bytes: [UInt8] in [[], [0x6B], Array("{}".utf8), [0x6B, 0x38, 0x73, 1]] {
            #expect(throws: ProtobufError.self) { try ProtobufEnvelope(parsing: bytes) }
        }
    }

    @Test func aWatchEventIsFramedByItsLength() throws {
        let frame = ProtobufWatchEvent(type: "ADDED", object: [1, 2]).frame
        #expect(frame == [0, 0, 0, 13, 10, 5] + Array("ADDED".utf8) + [18, 4, 10, 2, 1, 2])
        let event = try ProtobufWatchEvent(parsing: frame.dropFirst(4))
        #expect(event.type == "ADDED")
        #expect(event.object == [1, 2])
    }
}

extension Schema {
    fileprivate static func array(of items: Schema) -> Schema { Schema(.array(of: items)) }
    fileprivate static func map(of values: Schema) -> Schema { Schema(.map(of: values)) }
}
