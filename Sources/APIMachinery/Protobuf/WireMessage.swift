import Synchronization

/// The fields of one protobuf message in ascending order of their numbers: what encoder and decoder follow.
///
/// Made once a shape, when the first message of the type is written or read.
final class WireMessage: Sendable {
    /// A field of the message, or a nested message whose fields stand in the object itself in JSON.
    final class Entry: Sendable {
        let number: UInt32
        /// `nil` for a nested message.
        let field: Field?
        let form: Schema.Form
        let ordinal: Int
        /// Whether an absent value leaves nothing on the wire.
        let isOptional: Bool
        /// Whether a list is the one repeated field of a message of its own, so that presence can be told.
        let isWrapped: Bool
        let nested: WireMessage?

        init(_ field: Field, number: Int, isWrapped: Bool) {
            self.number = UInt32(clamping: number)
            self.field = field
            self.isWrapped = isWrapped
            form = field.schema.form
            ordinal = Int(field.ordinal)
            nested = nil
            isOptional =
                switch form {
                case .bytes, .array, .map: true
                default: field.isPointer
                }
        }

        init(nested: WireMessage, number: Int) {
            self.number = UInt32(clamping: number)
            self.nested = nested
            field = nil
            form = .any
            ordinal = -1
            isOptional = false
            isWrapped = false
        }
    }

    let entries: [Entry]
    /// The place in `entries` of each small number, or -1.
    private let places: [Int16]

    /// Numbers that are found without a search.
    private static let directNumbers = 64

    private init(_ entries: [Entry]) {
        self.entries = entries.sorted { $0.number < $1.number }
        var places = [Int16](repeating: -1, count: Self.directNumbers)
        for (place, entry) in self.entries.enumerated() where entry.number < Self.directNumbers {
            places[Int(entry.number)] = Int16(place)
        }
        self.places = places
    }

    func entry(numbered number: UInt32) -> Entry? {
        if number < Self.directNumbers {
            let place = Int(places[Int(number)])
            return place < 0 ? nil : entries[place]
        }
        return entries.first { $0.number == number }
    }

    /// - Parameter path: the nested message to make, by the names that `Field.Wire.via` has.
    convenience init(_ shape: ObjectShape, path: String = "") {
        var entries: [Entry] = []
        var nested: [String] = []
        for field in shape.fields {
            guard let wire = field.details.wire else { continue }
            let via = wire.via ?? ""
            if via == path {
                entries.append(Entry(field, number: wire.number, isWrapped: wire.wrapper != nil))
            } else if let step = Self.step(from: path, to: via), !nested.contains(step) {
                nested.append(step)
            }
        }
        for step in nested {
            guard let extra = shape.wire.extras.first(where: { $0.isInline && $0.name == step }) else { continue }
            let inner = WireMessage(shape, path: path.isEmpty ? step : path + "." + step)
            entries.append(Entry(nested: inner, number: extra.number))
        }
        self.init(entries)
    }

    /// The next name on the way down: `b` from `a` to `a.b.c`.
    private static func step(from path: String, to via: String) -> String? {
        let rest: Substring
        if path.isEmpty {
            rest = via[...]
        } else {
            guard via.hasPrefix(path + ".") else { return nil }
            rest = via.dropFirst(path.count + 1)
        }
        let step = rest.prefix { $0 != "." }
        return step.isEmpty ? nil : String(step)
    }
}

/// The protobuf wire types that are in use (protobuf's encoding guide, "Message Structure").
enum WireType: UInt32 {
    case varint = 0
    case fixed64 = 1
    case lengthDelimited = 2
    case groupStart = 3
    case groupEnd = 4
    case fixed32 = 5
}

/// Why a document cannot be written as protobuf, or bytes cannot be read.
public struct ProtobufError: Error, Sendable, Hashable, CustomStringConvertible {
    public var message: String

    public init(message: String) { self.message = message }

    public var description: String { message }

    static let unexpectedEnd = ProtobufError(message: "unexpected EOF")
    static let integerOverflow = ProtobufError(message: "proto: integer overflow")
    static let invalidText = ProtobufError(message: "proto: a string contains invalid UTF-8")
    static let tooDeep = ProtobufError(message: "proto: exceeded maximum depth of \(ProtobufDecoder.maximumDepth)")
}
