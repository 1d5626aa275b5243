import APIMachinery

extension Error {
    /// A create that was refused because its namespace is going: what wanted it is going too, and trying again is of
    /// no use.
    var isOfTerminatingNamespace: Bool {
        guard let status = self as? APIStatus else { return false }
        return status.details?.causes.contains { $0.reason == "NamespaceTerminating" } ?? false
    }
}
