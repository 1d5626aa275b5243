public import JSON

/// The shape of a JSON value: a built-in type, or a custom resource's structural schema.
public final class Schema: Sendable {
    public init() {}

    /// Brings a client's document into the form in which the API writes it, as decoding into and encoding from
    /// Kubernetes' Go types would: unknown members dropped and reported, `null` and empty members left out where the
    /// type leaves them out, members of structs that are always written added, the order of members the type's, the
    /// order of maps their keys', numbers, quantities and times in canonical form.
    ///
    /// - Returns: the paths of unknown fields, in the order in which Kubernetes reports them.
    /// - Throws: a value of the wrong type, in the words of Kubernetes' decoder.
    public func canonicalize(_ value: inout JSON) throws(SchemaDecodingError) -> [String] {
        fatalError("to be written")
    }
}

/// A value has not the type its field has.
public struct SchemaDecodingError: Error, Sendable {
    /// As Go's decoder says it: `json: cannot unmarshal string into Go struct field ConfigMap.data of type …`.
    public var message: String

    public init(message: String) { self.message = message }
}
