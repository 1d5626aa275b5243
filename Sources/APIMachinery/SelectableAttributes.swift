/// What selectors can test of an object beside its name and namespace: its labels and its selectable fields.
public struct SelectableAttributes: Sendable, Hashable {
    public var labels: [String: String]
    /// Values by field label, as `spec.nodeName`; a field that an object leaves out has the value `""`.
    /// `metadata.name` and `metadata.namespace`, which every kind has, are in the object's key and not here.
    public var fields: [String: String]

    public init(labels: [String: String] = [:], fields: [String: String] = [:]) {
        self.labels = labels
        self.fields = fields
    }
}
