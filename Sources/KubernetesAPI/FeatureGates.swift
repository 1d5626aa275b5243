import JSON

/// The feature gates of Kubernetes 1.36 as they stand when nobody sets them.
public enum FeatureGates {
    private static let defaults: [String: Bool] = {
        var defaults: [String: Bool] = [:]
        for row in OpenAPIData.features.documents {
            if let name = row["name"]?.stringValue { defaults[name] = row["default"]?.boolValue }
        }
        return defaults
    }()

    /// Whether a feature is on; one that is not listed has become part of the API and is.
    public static func isEnabled(_ name: String) -> Bool { defaults[name] ?? true }
}
