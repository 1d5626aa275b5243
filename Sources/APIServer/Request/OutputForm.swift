import APIMachinery

/// How a client wants an answer: agreed from its `Accept` header and query.
public struct OutputForm: Sendable, Hashable {
    public enum MediaType: String, Sendable, Hashable {
        case json = "application/json"
        case yaml = "application/yaml"
        case protobuf = "application/vnd.kubernetes.protobuf"
    }

    /// Kinds of meta.k8s.io that an object can be turned into (KEP-2334's predecessors; API concepts, "Receiving
    /// resources as Tables").
    public enum Transform: Sendable, Hashable {
        case none
        /// `PartialObjectMetadata`, of a list `PartialObjectMetadataList`.
        case partialMetadata(version: String)
        /// A list's form, which a client may ask for of a watch in vain.
        case partialMetadataListOfWatch
        case table(version: String, includeObject: IncludeObject)
    }

    /// `metav1.IncludeObjectPolicy`.
    public enum IncludeObject: String, Sendable, Hashable {
        case none = "None"
        case metadata = "Metadata"
        case object = "Object"
    }

    public var mediaType: MediaType
    public var transform: Transform
    /// Two-space indentation of JSON, for people (`?pretty=true`).
    public var isPretty: Bool

    public static let json = OutputForm(mediaType: .json, transform: .none, isPretty: false)

    public init(mediaType: MediaType, transform: Transform, isPretty: Bool) {
        self.mediaType = mediaType
        self.transform = transform
        self.isPretty = isPretty
    }
}
