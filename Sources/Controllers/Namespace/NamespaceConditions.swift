package import APIMachinery
package import JSON
package import KubernetesClient

/// What a pass over a namespace that is being deleted found, as it is told in the namespace's conditions.
package struct NamespaceDeletionFindings: Sendable, Hashable {
    /// Groups whose resources could not be learned, with the reason.
    package var discoveryFailures: [String: String] = [:]
    /// Why resources could not be deleted or listed.
    package var contentFailures: [String] = []
    /// Objects left, by resource.
    package var remaining: [GroupResource: Int] = [:]
    /// Objects left that have a finalizer, by finalizer.
    package var finalizers: [String: Int] = [:]

    package init() {}

    /// Nothing is left, and nothing is unknown.
    package var isComplete: Bool { discoveryFailures.isEmpty && contentFailures.isEmpty && remaining.isEmpty }
}

extension NamespaceDeletionFindings {
    /// The namespace's status with its conditions as they now are.
    package func status(of namespace: some TypedObject, now: KubernetesTime) -> JSON {
        var conditions = namespace.status["conditions"]?.arrayValue ?? []
        for condition in self.conditions { Self.merge(condition, into: &conditions, now: now) }
        var status = namespace.status
        if status.isNull { status = .object([:]) }
        status["phase"] = "Terminating"
        status["conditions"] = .array(conditions)
        return status
    }

    private typealias State = (type: String, status: String, reason: String, message: String)

    private var conditions: [State] {
        let discovery: State =
            discoveryFailures.isEmpty
            ? (
                "NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered",
                "All resources successfully discovered"
            )
            : ("NamespaceDeletionDiscoveryFailure", "True", "DiscoveryFailed", discoveryMessage)
        let parsing: State = (
            "NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions",
            "All legacy kube types successfully parsed"
        )
        let content: State =
            contentFailures.isEmpty
            ? (
                "NamespaceDeletionContentFailure", "False", "ContentDeleted",
                "All content successfully deleted, may be waiting on finalization"
            )
            : (
                "NamespaceDeletionContentFailure", "True", "ContentDeletionFailed",
                "Failed to delete all resource types, \(contentFailures.count) remaining: "
                    + contentFailures.sorted().joined(separator: ", ")
            )
        return [discovery, parsing, content, remainingState, finalizersState]
    }

    private var discoveryMessage: String {
        let groups = discoveryFailures.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return "Discovery failed for some groups, \(groups.count) failing: unable to retrieve the complete list of "
            + "server APIs: " + groups.joined(separator: ", ")
    }

    private var remainingState: State {
        guard !remaining.isEmpty else {
            return ("NamespaceContentRemaining", "False", "ContentRemoved", "All content successfully removed")
        }
        let texts = remaining.map { "\($0.key.resource).\($0.key.group) has \($0.value) resource instances" }
        return (
            "NamespaceContentRemaining", "True", "SomeResourcesRemain",
            "Some resources are remaining: " + texts.sorted().joined(separator: ", ")
        )
    }

    private var finalizersState: State {
        guard !finalizers.isEmpty else {
            return (
                "NamespaceFinalizersRemaining", "False", "ContentHasNoFinalizers",
                "All content-preserving finalizers finished"
            )
        }
        let texts = finalizers.map { "\($0.key) in \($0.value) resource instances" }
        return (
            "NamespaceFinalizersRemaining", "True", "SomeFinalizersRemain",
            "Some content in the namespace has finalizers remaining: " + texts.sorted().joined(separator: ", ")
        )
    }

    // The time changes with the status alone; a message may change under it.
    private static func merge(_ state: State, into conditions: inout [JSON], now: KubernetesTime) {
        var condition: JSON = [
            "type": .string(state.type), "status": .string(state.status), "reason": .string(state.reason),
            "message": .string(state.message), "lastTransitionTime": now.json,
        ]
        guard let index = conditions.firstIndex(where: { $0["type"]?.stringValue == state.type }) else {
            conditions.append(condition)
            return
        }
        if conditions[index]["status"]?.stringValue == state.status {
            condition["lastTransitionTime"] = conditions[index]["lastTransitionTime"]
        }
        conditions[index] = condition
    }
}
