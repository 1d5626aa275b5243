/// What selectors can test of an object: its labels and its selectable fields (such as `metadata.name`).
public struct SelectableAttributes: Sendable, Hashable {
    public var labels: [String: String]
    /// Values by field label, as `spec.nodeName`; a field that an object leaves out has the value `""`.
    /// `metadata.name` and `metadata.namespace` are always there.
    public var fields: [String: String]

    public init(labels: [String: String] = [:], fields: [String: String] = [:]) {
        self.labels = labels
        self.fields = fields
    }
}
