/// Why a text is no JSON document, and where.
public struct JSONParseError: Error, Sendable, Equatable {
    /// In the words of Go's encoding/json, which clients of Kubernetes know:
    /// "invalid character '}' looking for beginning of value", "unexpected end of JSON input".
    public var message: String
    /// Bytes before the one that could not be read.
    public var offset: Int

    public init(message: String, offset: Int) {
        self.message = message
        self.offset = offset
    }
}

extension JSONParseError: CustomStringConvertible {
    public var description: String { message }
}

/// What a parser refuses and reports.
public struct JSONParseOptions: Sendable {
    /// Arrays and objects within one another.
    ///
    /// Go allows 10,000. Parser and writer need no stack for depth, but releasing a value of Swift does, about 400
    /// bytes a level, and so does code that walks documents; the default leaves room for both on a thread of 512 KiB,
    /// where a client could else end the process.
    public var maximumDepth = 1000
    /// Repeated members that are reported; those that follow are read all the same (Kubernetes' limit).
    public var maximumDuplicates = 100

    public init() {}
}

extension JSON {
    /// Reads a document of RFC 8259 from UTF-8 bytes.
    ///
    /// An integer that 64 bits hold stays exact; any other number becomes the nearest `Double`, and one beyond its
    /// range is refused. An escaped surrogate without its other half becomes U+FFFD, as Go reads it; bytes that are
    /// no UTF-8 are refused. Where a member occurs twice in an object, its last value counts.
    ///
    /// - Parameter duplicates: receives the path of each repeated member once, as Kubernetes' strict decoding prints
    ///   it: `metadata.name`, `spec.containers[0].image`.
    public init(
        parsing bytes: UnsafeRawBufferPointer, options: JSONParseOptions = .init(), duplicates: inout [String]
    ) throws(JSONParseError) {
        var parser = JSONParser(bytes, options: options)
        self = try parser.document()
        duplicates += parser.duplicates
    }

    public init(
        parsing bytes: UnsafeRawBufferPointer, options: JSONParseOptions = .init()
    ) throws(JSONParseError) {
        var parser = JSONParser(bytes, options: options)
        self = try parser.document()
    }

    public init(
        parsing bytes: [UInt8], options: JSONParseOptions = .init(), duplicates: inout [String]
    ) throws(JSONParseError) {
        try self.init(parsing: bytes[...], options: options, duplicates: &duplicates)
    }

    public init(parsing bytes: [UInt8], options: JSONParseOptions = .init()) throws(JSONParseError) {
        var duplicates: [String] = []
        try self.init(parsing: bytes[...], options: options, duplicates: &duplicates)
    }

    public init(
        parsing bytes: ArraySlice<UInt8>, options: JSONParseOptions = .init(), duplicates: inout [String]
    ) throws(JSONParseError) {
        // The closure may only throw what it is declared to throw, which a result carries instead.
        let result = bytes.withUnsafeBytes { buffer -> Result<(JSON, [String]), JSONParseError> in
            do throws(JSONParseError) {
                var parser = JSONParser(buffer, options: options)
                let document = try parser.document()
                return .success((document, parser.duplicates))
            } catch {
                return .failure(error)
            }
        }
        let (document, found) = try result.get()
        self = document
        duplicates += found
    }

    public init(parsing bytes: ArraySlice<UInt8>, options: JSONParseOptions = .init()) throws(JSONParseError) {
        var duplicates: [String] = []
        try self.init(parsing: bytes, options: options, duplicates: &duplicates)
    }

    public init(parsing text: String, options: JSONParseOptions = .init()) throws(JSONParseError) {
        var duplicates: [String] = []
        try self.init(parsing: Array(text.utf8)[...], options: options, duplicates: &duplicates)
    }
}

/// Builds a document in one pass, holding the open arrays and objects on a stack of its own.
///
/// Items and members wait on two stacks until their array or object closes, and then move into storage of exactly
/// the size they need.
struct JSONParser: ~Copyable {
    /// An array or object that has been opened and not closed.
    private struct Frame {
        var isObject = false
        /// Where this container's items or members begin on their stack.
        var start = 0
        /// The member whose value is being read.
        var key = ""
        /// The place on the stack of a member that this one replaces, or -1.
        var replaced = -1
        /// Members by key, once there are too many to look through.
        var index: [JSONKey: Int]?
    }

    var cursor: JSONCursor
    private let options: JSONParseOptions
    private(set) var duplicates: [String] = []
    private var top = Frame()
    private var outer: [Frame] = []
    private var depth = 0
    private var items = MoveStack<JSON>()
    private var members = MoveStack<JSONObject.Member>()
    /// Go tells of a number out of range only after the whole text has been found well-formed.
    private var deferredError: JSONParseError?

    init(_ bytes: UnsafeRawBufferPointer, options: JSONParseOptions) {
        cursor = JSONCursor(bytes)
        self.options = options
    }

    mutating func document() throws(JSONParseError) -> JSON {
        while true {
            guard var value = try beginValue() else { continue }
            while true {
                if depth == 0 {
                    try expectEnd()
                    if let deferredError { throw deferredError }
                    return value
                }
                guard let closed = try attach(value) else { break }
                value = closed
            }
        }
    }

    private mutating func expectEnd() throws(JSONParseError) {
        cursor.skipWhitespace()
        if !cursor.isAtEnd { throw cursor.unexpected("after top-level value") }
    }

    /// Reads a scalar or an empty container; `nil` where a container was opened and its first value comes next.
    private mutating func beginValue() throws(JSONParseError) -> JSON? {
        cursor.skipWhitespace()
        guard let byte = cursor.peek() else { throw cursor.unexpectedEnd() }
        switch byte {
        case UInt8(ascii: "\""):
            return .string(try cursor.string())
        case UInt8(ascii: "{"):
            try push(isObject: true)
            cursor.skipWhitespace()
            if cursor.peek() == UInt8(ascii: "}") { return pop() }
            try readKey()
            return nil
        case UInt8(ascii: "["):
            try push(isObject: false)
            cursor.skipWhitespace()
            if cursor.peek() == UInt8(ascii: "]") { return pop() }
            return nil
        case UInt8(ascii: "t"):
            try cursor.literal("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try cursor.literal("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try cursor.literal("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number()
        default:
            throw cursor.unexpected("looking for beginning of value")
        }
    }

    private mutating func number() throws(JSONParseError) -> JSON {
        let offset = cursor.offset
        let number = try cursor.number()
        if case .double(let double) = number, !double.isFinite {
            let text = cursor.text(from: offset)
            deferredError =
                deferredError
                ?? JSONParseError(
                    message: "json: cannot unmarshal number \(text) into Go value of type float64", offset: offset)
        }
        return number
    }

    /// Adds a finished value to the open container; returns that container where it closes, `nil` where another
    /// value comes next.
    private mutating func attach(_ value: consuming JSON) throws(JSONParseError) -> JSON? {
        if top.isObject {
            if top.replaced >= 0 {
                members[top.replaced].value = value
            } else {
                members.push(.init(key: top.key, value: value))
            }
            cursor.skipWhitespace()
            switch cursor.peek() {
            case UInt8(ascii: ","):
                cursor.advance()
                cursor.skipWhitespace()
                try readKey()
                return nil
            case UInt8(ascii: "}"): return pop()
            case nil: throw cursor.unexpectedEnd()
            default: throw cursor.unexpected("after object key:value pair")
            }
        }
        items.push(value)
        cursor.skipWhitespace()
        switch cursor.peek() {
        case UInt8(ascii: ","):
            cursor.advance()
            return nil
        case UInt8(ascii: "]"): return pop()
        case nil: throw cursor.unexpectedEnd()
        default: throw cursor.unexpected("after array element")
        }
    }

    private mutating func push(isObject: Bool) throws(JSONParseError) {
        if depth >= options.maximumDepth { throw cursor.unexpected("exceeded max depth") }
        if depth > 0 { outer.append(top) }
        depth += 1
        top = Frame(isObject: isObject, start: isObject ? members.count : items.count)
        cursor.advance()
    }

    private mutating func pop() -> JSON {
        cursor.advance()
        let closed = top
        depth -= 1
        if let frame = outer.popLast() { top = frame }
        return closed.isObject
            ? .object(JSONObject(members: members.popArray(from: closed.start), index: closed.index))
            : .array(items.popArray(from: closed.start))
    }

    /// Reads a member's key and the colon.
    private mutating func readKey() throws(JSONParseError) {
        guard let byte = cursor.peek() else { throw cursor.unexpectedEnd() }
        guard byte == UInt8(ascii: "\"") else {
            throw cursor.unexpected("looking for beginning of object key string")
        }
        top.key = try cursor.string()
        top.replaced = find(top.key)
        if top.replaced >= 0 { reportDuplicate() }
        cursor.skipWhitespace()
        guard let colon = cursor.peek() else { throw cursor.unexpectedEnd() }
        guard colon == UInt8(ascii: ":") else { throw cursor.unexpected("after object key") }
        cursor.advance()
    }

    /// The place on the stack of a member of the open object, or -1; a new key takes the next place.
    private mutating func find(_ key: String) -> Int {
        let count = members.count - top.start
        if count < JSONObject.indexedCount {
            for index in top.start..<members.count where members[index].key.hasSameBytes(as: key) { return index }
            return -1
        }
        if top.index == nil {
            var index: [JSONKey: Int] = [:]
            index.reserveCapacity(count * 2)
            for offset in 0..<count { index[JSONKey(members[top.start + offset].key)] = offset }
            top.index = index
        }
        if let offset = top.index?[JSONKey(key)] { return top.start + offset }
        top.index?[JSONKey(key)] = count
        return -1
    }

    private mutating func reportDuplicate() {
        guard duplicates.count < options.maximumDuplicates else { return }
        let frames = outer + [top]
        var path = ""
        for (level, frame) in frames.enumerated() {
            if frame.isObject {
                if !path.isEmpty { path += "." }
                path += frame.key
            } else {
                // An outer array's items end where the next array's begin.
                let next = frames[(level + 1)...].first { !$0.isObject }
                path += "[\((next?.start ?? items.count) - frame.start)]"
            }
        }
        if !duplicates.contains(path) { duplicates.append(path) }
    }
}
