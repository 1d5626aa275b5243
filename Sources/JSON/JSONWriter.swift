extension JSON {
    /// The document's bytes.
    public var encoded: [UInt8] { fatalError("to be written") }
}
