import COpenAPIData
import JSON

/// One of the files of `openapi/` in the program's read-only data.
struct OpenAPIData: Sendable {
    // The bytes are constants of the program: they never change and never go.
    nonisolated(unsafe) let bytes: UnsafeBufferPointer<UInt8>

    private init(_ file: martlet_openapi_file) {
        bytes = UnsafeBufferPointer(start: file.bytes, count: file.count)
    }

    static var types: OpenAPIData { OpenAPIData(martlet_openapi_types()) }
    static var resources: OpenAPIData { OpenAPIData(martlet_openapi_resources()) }
    static var groups: OpenAPIData { OpenAPIData(martlet_openapi_groups()) }
    static var features: OpenAPIData { OpenAPIData(martlet_openapi_features()) }
    static var descriptions: OpenAPIData { OpenAPIData(martlet_openapi_descriptions()) }

    /// The documents of a file with one a line.
    var documents: [JSON] {
        bytes.split(separator: UInt8(ascii: "\n")).map { Self.parse(UnsafeBufferPointer(rebasing: $0)) }
    }

    /// Reads a line of our own data.
    static func parse(_ line: UnsafeBufferPointer<UInt8>) -> JSON {
        do {
            return try JSON(parsing: UnsafeRawBufferPointer(line))
        } catch {
            fatalError("openapi: \(error.message) at offset \(error.offset) of a line")
        }
    }

    /// The line whose first member is `"KEY":"VALUE"`, in a file sorted by that value's bytes.
    func line(where key: StaticString, is value: String) -> UnsafeBufferPointer<UInt8>? {
        let offset = key.utf8CodeUnitCount + 5  // {"KEY":"
        let wanted = Array(value.utf8)
        var low = 0
        var high = bytes.count
        while low < high {
            let line = line(around: low + (high - low) / 2)
            let text = UnsafeBufferPointer(rebasing: bytes[line].dropFirst(offset).prefix { $0 != UInt8(ascii: "\"") })
            if text.elementsEqual(wanted) { return UnsafeBufferPointer(rebasing: bytes[line]) }
            if text.lexicographicallyPrecedes(wanted) { low = line.upperBound + 1 } else { high = line.lowerBound }
        }
        return nil
    }

    /// The line that a byte belongs to, without its line feed.
    private func line(around offset: Int) -> Range<Int> {
        var start = offset
        while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
        var end = offset
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        return start..<max(start, end)
    }
}
