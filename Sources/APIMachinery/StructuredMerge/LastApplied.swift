import JSON

/// The annotation in which `kubectl apply` keeps what it applied, for objects that go over to server-side apply.
enum LastApplied {
    static let annotation = "kubectl.kubernetes.io/last-applied-configuration"
    /// The one manager for whom the annotation is read and renewed.
    static let manager = "kubectl"

    /// What was last applied; `nil` where there is nothing, or in another version.
    static func configuration(of object: JSON, in apiVersion: String) -> JSON? {
        guard let text = object["metadata"]?["annotations"]?[annotation]?.stringValue, !text.isEmpty else { return nil }
        var options = JSONParseOptions()
        options.maximumDepth = maximumDepth
        guard let configuration = try? JSON(parsing: Array(text.utf8), options: options) else { return nil }
        return configuration["apiVersion"]?.stringValue == apiVersion ? configuration : nil
    }

    /// Levels of nesting that a configuration may have; it is walked recursively.
    private static let maximumDepth = 256

    /// Writes what is applied into the annotation, where the object has it. It goes where it would not fit.
    /// - Returns: whether that changed the object.
    static func renew(in object: inout JSON, from configuration: JSON, by manager: String) -> Bool {
        guard manager == Self.manager, case .object(var annotations)? = object["metadata"]?["annotations"],
            annotations[annotation]?.stringValue?.isEmpty == false
        else { return false }
        let before = annotations[annotation]
        annotations[annotation] = .string(text(of: configuration) + "\n")
        let size = annotations.members.reduce(0) {
            $0 + $1.key.utf8.count + ($1.value.stringValue ?? "").utf8.count
        }
        if size > MetadataRules.maximumAnnotationsBytes { annotations[annotation] = nil }
        if annotations[annotation] == before { return false }
        object["metadata"]?["annotations"] = .object(annotations)
        return true
    }

    /// The configuration without the annotation itself, members in the order of their names.
    private static func text(of configuration: JSON) -> String {
        var configuration = configuration
        if case .object(var annotations)? = configuration["metadata"]?["annotations"] {
            annotations[annotation] = nil
            configuration["metadata"]?["annotations"] = .object(annotations)
        }
        return configuration.withSortedMembers.description
    }
}

extension JSON {
    fileprivate var withSortedMembers: JSON {
        switch self {
        case .array(let items): return .array(items.map(\.withSortedMembers))
        case .object(let object):
            let members = object.members.map { JSONObject.Member(key: $0.key, value: $0.value.withSortedMembers) }
            return .object(JSONObject(uniqueMembers: members.sorted { $0.key.compareBytes(to: $1.key) < 0 }))
        default: return self
        }
    }
}
