import APIMachinery
import JSON

/// How a namespace goes: it is marked and its phase is `Terminating`; once `spec.finalizers` are empty, which whoever
/// removes its contents sees to by way of `namespaces/finalize`, it is removed.
enum NamespaceDeletion {
    static let resource = GroupResource(group: "", resource: "namespaces")

    /// Whether a namespace still has finalizers of its own kind. False for every other resource.
    static func isWaiting(_ object: JSON, of resource: ServedResource) -> Bool {
        guard resource.groupResource == Self.resource else { return false }
        return object["spec"]?["finalizers"]?.arrayValue?.isEmpty == false
    }

    /// The step that a deletion of a namespace takes; `nil` where it goes on as with any other object.
    static func step(for object: JSON, options: DeleteOptions, now: KubernetesTime) throws(APIStatus) -> Deletion.Step?
    {
        let metadata = MetadataFields(of: object)
        try checkPreconditions(options.preconditions, metadata)
        if metadata.isBeingDeleted {
            return object["spec"]?["finalizers"]?.arrayValue?.isEmpty == false ? .isPending : nil
        }
        var marked = object
        marked.updateMetadata { $0[.deletionTimestamp] = .string(now.description) }
        var status = marked["status"] ?? [:]
        status["phase"] = "Terminating"
        marked["status"] = status
        switch options.propagationPolicy {
        case .orphan?: add(Deletion.orphanFinalizer, to: &marked)
        case .foreground?: add(Deletion.foregroundFinalizer, to: &marked)
        case .background?, nil:
            if options.orphansDependents == true { add(Deletion.orphanFinalizer, to: &marked) }
        }
        return .mark(marked)
    }

    private static func add(_ finalizer: String, to object: inout JSON) {
        object.updateMetadata { metadata in
            if !metadata.finalizers.contains(finalizer) { metadata.finalizers.append(finalizer) }
        }
    }

    private static func checkPreconditions(
        _ preconditions: DeleteOptions.Preconditions, _ metadata: MetadataFields
    ) throws(APIStatus) {
        let name = metadata[text: .name]
        if let uid = preconditions.uid, uid != metadata[text: .uid] {
            throw .conflict(
                resource, name: name,
                "Precondition failed: UID in precondition: \(uid), UID in object meta: \(metadata[text: .uid])")
        }
        if let version = preconditions.resourceVersion, version != metadata[text: .resourceVersion] {
            throw .conflict(
                resource, name: name,
                "Precondition failed: ResourceVersion in precondition: \(version), ResourceVersion in object meta: "
                    + metadata[text: .resourceVersion])
        }
    }
}
