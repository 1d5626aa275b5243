import APIMachinery
import JSON

/// What a request to delete does to an object as it stands: a value, computed anew from every state of the object.
///
/// ```
///             grace, or finalizers                 grace over, last finalizer off
///   living ──────────────────────▶ being deleted ──────────────────────▶ gone
///      └───────────────── neither ─────────────────────────────────────────▲
/// ```
struct Deletion {
    enum Step {
        /// A deletion with as short a grace is under way: nothing changes.
        case isPending
        /// The object is marked, and stays until its finalizers or its grace are gone.
        case mark(JSON)
        /// The object is marked, which watchers see, and removed at once.
        case markAndRemove(JSON)
        case remove
    }

    static let orphanFinalizer = "orphan"
    static let foregroundFinalizer = "foregroundDeletion"

    var options: DeleteOptions
    var now: KubernetesTime
    /// The kind's rule where the request says nothing of dependents: `background`, `orphan`, or `unsupported` where the
    /// kind takes no part in garbage collection.
    var defaultPropagationPolicy: String
    /// Seconds that the kind lets an object go on for; `nil` where it knows no grace.
    var gracePeriodSeconds: (_ object: JSON, _ requested: Int64?) -> Int64?

    /// The kind as errors name it, for conflicts.
    var kind: GroupKind

    func step(for object: JSON) throws(APIStatus) -> Step {
        var metadata = MetadataFields(of: object)
        try checkPreconditions(metadata)
        let requested = options.gracePeriodSeconds.map { $0 < 0 ? 1 : $0 }
        let grace = graceStep(object, &metadata, requested)
        if case .pending = grace { return .isPending }

        let finalizers = finalizersForDependents(metadata.finalizers)
        if Set(finalizers) != Set(metadata.finalizers) { metadata.finalizers = finalizers }
        if case .graceful(let seconds) = grace {
            let marked = object.replacing(metadata)
            return seconds > 0 || !metadata.finalizers.isEmpty ? .mark(marked) : .markAndRemove(marked)
        }
        if metadata.finalizers.isEmpty { return .remove }
        markForFinalizers(&metadata)
        return .mark(object.replacing(metadata))
    }

    // MARK: Preconditions

    private func checkPreconditions(_ metadata: MetadataFields) throws(APIStatus) {
        let resource = GroupResource(group: kind.group, resource: kind.kind)
        let name = metadata[text: .name]
        if let uid = options.preconditions.uid, uid != metadata[text: .uid] {
            throw .conflict(
                resource, name: name,
                "the UID in the precondition (\(uid)) does not match the UID in record (\(metadata[text: .uid])). "
                    + "The object might have been deleted and then recreated")
        }
        if let version = options.preconditions.resourceVersion, version != metadata[text: .resourceVersion] {
            throw .conflict(
                resource, name: name,
                "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record "
                    + "(\(metadata[text: .resourceVersion])). The object might have been modified")
        }
    }

    // MARK: Grace

    private enum GraceStep {
        case none, pending
        case graceful(seconds: Int64)
    }

    /// Sets what a graceful deletion sets (`rest.BeforeDelete`).
    private func graceStep(_ object: JSON, _ metadata: inout MetadataFields, _ requested: Int64?) -> GraceStep {
        // Asked first, since a kind without grace has none to shorten either.
        guard let seconds = gracePeriodSeconds(object, requested) else { return .none }
        guard metadata.isBeingDeleted else {
            metadata[.deletionTimestamp] = .string(time(now, plus: seconds).description)
            metadata[.deletionGracePeriodSeconds] = .int(seconds)
            bumpGeneration(&metadata)
            return .graceful(seconds: seconds)
        }
        let running = max(metadata[.deletionGracePeriodSeconds]?.intValue ?? 0, -1)
        let period = running < 0 ? 1 : running
        if period == 0 { return .none }
        guard let requested, requested < period else { return .pending }
        if let text = metadata[.deletionTimestamp]?.stringValue, let end = try? KubernetesTime(parsing: text) {
            metadata[.deletionTimestamp] = .string(time(end, plus: requested - period).description)
        }
        metadata[.deletionGracePeriodSeconds] = .int(requested)
        return .graceful(seconds: requested)
    }

    private func time(_ time: KubernetesTime, plus seconds: Int64) -> KubernetesTime {
        let (sum, overflows) = time.epochSeconds.addingReportingOverflow(seconds)
        return KubernetesTime(epochSeconds: overflows ? time.epochSeconds : sum)
    }

    private func bumpGeneration(_ metadata: inout MetadataFields) {
        if let generation = metadata[.generation]?.intValue, generation > 0, generation < .max {
            metadata[.generation] = .int(generation + 1)
        }
    }

    // MARK: Finalizers

    /// An object without grace that has finalizers is marked with a time that is already over.
    private func markForFinalizers(_ metadata: inout MetadataFields) {
        if !metadata.isBeingDeleted {
            metadata[.deletionTimestamp] = .string(now.description)
            bumpGeneration(&metadata)
        }
        metadata[.deletionGracePeriodSeconds] = 0
    }

    /// The finalizers with the two that tell the garbage collector what to do about dependents, as the request, else the
    /// object, else its kind has it.
    private func finalizersForDependents(_ current: [String]) -> [String] {
        if defaultPropagationPolicy == "unsupported" { return current }
        var finalizers = current.filter { $0 != Self.orphanFinalizer && $0 != Self.foregroundFinalizer }
        switch policy(current) {
        case .orphan: finalizers.append(Self.orphanFinalizer)
        case .foreground: finalizers.append(Self.foregroundFinalizer)
        case .background: break
        }
        return finalizers
    }

    private func policy(_ finalizers: [String]) -> PropagationPolicy {
        if let orphans = options.orphansDependents { return orphans ? .orphan : .background }
        if let policy = options.propagationPolicy { return policy }
        for finalizer in finalizers {
            if finalizer == Self.orphanFinalizer { return .orphan }
            if finalizer == Self.foregroundFinalizer { return .foreground }
        }
        return defaultPropagationPolicy == "orphan" ? .orphan : .background
    }
}

extension JSON {
    fileprivate func replacing(_ metadata: MetadataFields) -> JSON {
        var document = self
        document["metadata"] = metadata.json
        return document
    }
}
