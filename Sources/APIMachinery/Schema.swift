import Synchronization

/// The shape of a JSON value: a built-in type, or a custom resource's structural schema.
///
/// Immutable and shared. A named type is read from its data when something first asks for its form, so a schema of
/// thousands of types costs next to nothing until it is used, and types may refer to one another in circles.
public final class Schema: Sendable {
    /// What kind of value it is, and what it is made of.
    public enum Form: Sendable {
        case string
        case int32
        case int64
        case number
        case boolean
        /// Base64 text.
        case bytes
        case quantity
        /// RFC 3339 in whole seconds, UTC.
        case time
        /// RFC 3339 with six digits of a second, UTC.
        case microTime
        /// Go's form: `1h30m`.
        case duration
        case intOrString
        /// Any JSON value, kept as it stands.
        case any
        /// A whole object of some other kind, kept as it stands.
        case rawExtension
        /// The set of fields of a `managedFields` entry, kept as it stands.
        case fieldsV1
        case array(of: Schema)
        case map(of: Schema)
        case object(ObjectShape)
        /// A schema object, or what stands for one.
        case schema(Schema, or: Alternative)
        /// A value of a custom resource.
        case structural(StructuralSchema)
    }

    /// What may stand in place of a schema in a `CustomResourceDefinition`.
    public enum Alternative: Sendable, Hashable {
        case schemas, boolean, strings
    }

    /// Whether a map or a list of a type is one value to server-side apply (`x-kubernetes-map-type`).
    public enum MapType: String, Sendable, Hashable {
        case granular, atomic
    }

    private final class Content: Sendable {
        let form: Form
        init(_ form: Form) { self.form = form }
    }

    /// The name of the type: `io.k8s.api.core.v1.Pod`; `nil` for a value without one.
    public let name: String?
    private let known: Form?
    /// The address of a retained `Content`, or 0 before the first use. Read at every step of every document, so not through
    /// `AtomicLazyReference`, whose `load` the compiler does not specialize.
    private let content = Atomic<UInt>(0)
    private let load: (@Sendable () -> Form)?

    /// A schema whose form is at hand.
    public init(_ form: Form, name: String? = nil) {
        self.name = name
        known = form
        load = nil
    }

    /// A type that is read when its form is first asked for. `load` may run more than once at the same time; the first
    /// result stands.
    public init(name: String, load: @escaping @Sendable () -> Form) {
        self.name = name
        known = nil
        self.load = load
    }

    public var form: Form {
        if let known { return known }
        if let pointer = UnsafeRawPointer(bitPattern: content.load(ordering: .acquiring)) {
            return Unmanaged<Content>.fromOpaque(pointer)._withUnsafeGuaranteedRef { $0.form }
        }
        return read()
    }

    private func read() -> Form {
        guard let load else { return .any }
        let made = Unmanaged.passRetained(Content(load()))
        let (isFirst, original) = content.compareExchange(
            expected: 0, desired: UInt(bitPattern: made.toOpaque()), ordering: .acquiringAndReleasing)
        guard !isFirst, let pointer = UnsafeRawPointer(bitPattern: original) else {
            return made.takeUnretainedValue().form
        }
        made.release()
        return Unmanaged<Content>.fromOpaque(pointer).takeUnretainedValue().form
    }

    deinit {
        guard let pointer = UnsafeRawPointer(bitPattern: content.load(ordering: .acquiring)) else { return }
        Unmanaged<Content>.fromOpaque(pointer).release()
    }

    /// The form of a schema that is not read from data; `nil` says that it may be anything.
    var formIfKnown: Form? { known }

    /// The shape, where this is an object with declared fields.
    public var shape: ObjectShape? {
        switch form {
        case .object(let shape): shape
        case .structural(let schema): schema.shape
        default: nil
        }
    }

    /// The schema of an array's items or a map's values.
    public var items: Schema? {
        switch form {
        case .array(let items), .map(let items): items
        case .structural(let schema): schema.itemsSchema
        default: nil
        }
    }

    public func field(_ name: String) -> Field? { shape?.field(named: name) }

    public static let string = Schema(.string)
    public static let int32 = Schema(.int32)
    public static let int64 = Schema(.int64)
    public static let number = Schema(.number)
    public static let boolean = Schema(.boolean)
    public static let bytes = Schema(.bytes)
    public static let quantity = Schema(.quantity)
    public static let time = Schema(.time)
    public static let microTime = Schema(.microTime)
    public static let duration = Schema(.duration)
    public static let intOrString = Schema(.intOrString)
    public static let any = Schema(.any)
    public static let rawExtension = Schema(.rawExtension)
    public static let fieldsV1 = Schema(.fieldsV1)
}

extension Schema {
    /// What Go calls the type, for the decoder's messages: `v1.PodSpec`, `[]v1.Container`, `map[string]string`.
    var goType: String {
        switch form {
        case .string, .time, .microTime, .duration: "string"
        case .int32, .intOrString: "int32"
        case .int64: "int64"
        case .number: "float64"
        case .boolean: "bool"
        case .bytes: "[]uint8"
        case .quantity: "resource.Quantity"
        case .any: "v1.JSON"
        case .rawExtension: "runtime.RawExtension"
        case .fieldsV1: "v1.FieldsV1"
        case .array(let items): "[]" + items.goType
        case .map(let values): "map[string]" + values.goType
        case .structural(let schema): schema.type
        case .object, .schema: goStructType
        }
    }

    private var goStructType: String {
        guard let parts = name?.split(separator: "."), parts.count >= 2 else { return "struct" }
        return parts[parts.count - 2] + "." + parts[parts.count - 1]
    }

    /// The name of the Go struct alone: `PodSpec`.
    var goStructName: String {
        guard let name else { return "" }
        return name.split(separator: ".").last.map(String.init) ?? name
    }

    /// Whether Go holds the value in a struct, which `omitempty` never leaves out.
    var isGoStruct: Bool {
        // A named type is one, whatever it turns out to be; asking for its form would read it.
        guard let known else { return true }
        switch known {
        case .quantity, .time, .microTime, .duration, .intOrString, .any, .rawExtension, .fieldsV1, .object, .schema,
            .structural:
            return true
        case .string, .int32, .int64, .number, .boolean, .bytes, .array, .map:
            return false
        }
    }
}

/// A value has not the type its field has.
public struct SchemaDecodingError: Error, Sendable, Equatable {
    /// As Go's decoder says it: `json: cannot unmarshal string into Go struct field ConfigMap.data of type …`.
    public var message: String

    public init(message: String) { self.message = message }
}
