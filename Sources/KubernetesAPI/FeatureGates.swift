import JSON

/// The feature gates of Kubernetes 1.36 as they stand when nobody sets them.
public enum FeatureGates {
    public struct Gate: Sendable {
        public var name: String
        /// `ALPHA`, `BETA`, `DEPRECATED`, or empty for one whose feature is part of the API.
        public var stage: String
        public var isEnabled: Bool
    }

    /// The gates by name.
    public static let all: [Gate] = OpenAPIData.features.documents.compactMap { row in
        guard let name = row["name"]?.stringValue, let isEnabled = row["default"]?.boolValue else { return nil }
        let stage = row["stage"]?.stringValue?.uppercased() ?? ""
        return Gate(name: name, stage: stage == "GA" ? "" : stage, isEnabled: isEnabled)
    }.sorted { $0.name < $1.name }

    private static let defaults = Dictionary(all.map { ($0.name, $0.isEnabled) }) { first, _ in first }

    /// Whether a feature is on; one that is not listed has become part of the API and is.
    public static func isEnabled(_ name: String) -> Bool { defaults[name] ?? true }
}
