extension JSON {
    /// The document as compact UTF-8 text.
    ///
    /// Written as Go's encoding/json writes, and so Kubernetes: `<`, `>`, `&`, U+2028 and U+2029 are escaped, and
    /// members stand in the order they have here. A `double` that is not finite, which no text can bring in, is
    /// written as `null`.
    public var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.bytes
    }

    /// Appends the document as compact UTF-8 text, as `encoded` has it.
    public func write(into bytes: inout [UInt8]) {
        var writer = JSONWriter()
        writer.write(self)
        writer.append(to: &bytes)
    }

    /// The document with a line for each item and member, indented by two spaces, without a newline at its end
    /// (as an answer to `?pretty=true`).
    public var prettyEncoded: [UInt8] {
        var writer = JSONWriter(isPretty: true)
        writer.write(self)
        return writer.bytes
    }
}

extension JSON: CustomStringConvertible {
    /// The compact text.
    public var description: String { String(decoding: encoded, as: UTF8.self) }
}

extension JSONObject: CustomStringConvertible {
    public var description: String { JSON.object(self).description }
}

extension JSON {
    /// Appends a string as a JSON string with its quotes.
    public static func write(string: String, into bytes: inout [UInt8]) {
        var writer = JSONWriter()
        writer.write(string)
        writer.append(to: &bytes)
    }
}

/// Turns documents into text in a buffer that it grows itself, and puts text together of parts that are no document.
///
/// Open containers wait on a stack, so that depth costs memory and not the thread's stack.
package struct JSONWriter: ~Copyable {
    private enum Frame {
        case items([JSON], next: Int)
        case members([JSONObject.Member], next: Int)
    }

    private var base: UnsafeMutablePointer<UInt8>
    /// Bytes written so far.
    package private(set) var count = 0
    private var capacity: Int
    private let isPretty: Bool
    private var open: [Frame] = []

    package init(isPretty: Bool = false, capacity: Int = 2048) {
        self.isPretty = isPretty
        self.capacity = capacity
        base = .allocate(capacity: capacity)
    }

    deinit { base.deallocate() }

    package var bytes: [UInt8] { [UInt8](UnsafeBufferPointer(start: base, count: count)) }

    func append(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
    }

    package mutating func write(_ document: JSON) {
        begin(document)
        while let top = open.popLast() {
            switch top {
            case .items(let items, let next): continueItems(items, next)
            case .members(let members, let next): continueMembers(members, next)
            }
        }
    }

    /// Writes scalars and empty containers whole; opens others.
    private mutating func begin(_ value: JSON) {
        switch value {
        case .null: write("null" as StaticString)
        case .bool(let value): write(value ? "true" : "false" as StaticString)
        case .int(let value): write(value)
        case .double(let value): write(value)
        case .string(let value): write(value)
        case .array(let items):
            write(UInt8(ascii: "["))
            open.append(.items(items, next: 0))
        case .object(let object):
            write(UInt8(ascii: "{"))
            open.append(.members(object.members, next: 0))
        }
    }

    /// Writes scalars until an item opens a container, which is then written first.
    private mutating func continueItems(_ items: [JSON], _ next: Int) {
        let depth = open.count
        var next = next
        while next < items.count {
            if next > 0 { write(UInt8(ascii: ",")) }
            if isPretty { newLine(depth + 1) }
            let item = items[next]
            next += 1
            if item.isContainer {
                open.append(.items(items, next: next))
                return begin(item)
            }
            begin(item)
        }
        if isPretty, !items.isEmpty { newLine(depth) }
        write(UInt8(ascii: "]"))
    }

    private mutating func continueMembers(_ members: [JSONObject.Member], _ next: Int) {
        let depth = open.count
        var next = next
        while next < members.count {
            if next > 0 { write(UInt8(ascii: ",")) }
            if isPretty { newLine(depth + 1) }
            write(members[next].key)
            write(UInt8(ascii: ":"))
            if isPretty { write(UInt8(ascii: " ")) }
            let value = members[next].value
            next += 1
            if value.isContainer {
                open.append(.members(members, next: next))
                return begin(value)
            }
            begin(value)
        }
        if isPretty, !members.isEmpty { newLine(depth) }
        write(UInt8(ascii: "}"))
    }

    private mutating func newLine(_ depth: Int) {
        write(UInt8(ascii: "\n"))
        for _ in 0..<depth * 2 { write(UInt8(ascii: " ")) }
    }

    // MARK: Bytes

    @inline(__always)
    mutating func write(_ byte: UInt8) {
        if count == capacity { grow(by: 1) }
        base[count] = byte
        count += 1
    }

    mutating func write(_ word: StaticString) {
        write(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    /// Writes text that is JSON already.
    package mutating func write(encoded text: StaticString) { write(text) }
    package mutating func write(encoded text: [UInt8]) { text.withUnsafeBufferPointer { write($0) } }

    /// Writes the key of a member and the colon.
    package mutating func write(key: String) {
        write(key)
        write(UInt8(ascii: ":"))
    }

    /// Puts another byte in the place of the last one: the end of a container in that of a comma.
    package mutating func replaceLast(with byte: UInt8) {
        if count > 0 { base[count - 1] = byte }
    }

    @inline(__always)
    mutating func write(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard let source = bytes.baseAddress else { return }
        if capacity - count < bytes.count { grow(by: bytes.count) }
        (base + count).update(from: source, count: bytes.count)
        count += bytes.count
    }

    private mutating func grow(by needed: Int) {
        let larger = max(capacity * 2, count + needed)
        let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
        storage.update(from: base, count: count)
        base.deallocate()
        base = storage
        capacity = larger
    }
}
