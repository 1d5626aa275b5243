package import APIMachinery
package import JSON

extension LabelSelector {
    /// Reads a `metav1.LabelSelector` that is a member of an object from the server.
    /// - Returns: `nil` where there is no selector (which selects nothing), or one that cannot be read.
    package init?(member json: JSON?) {
        guard case .object? = json else { return nil }
        do throws(SelectorError) { try self.init(structured: json) } catch { return nil }
    }
}
