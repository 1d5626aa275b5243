package import APIMachinery

/// What to do with an object, by what the server says of its owners.
package enum CollectionVerdict: Hashable, Sendable {
    /// How an owner stands.
    package enum OwnerState: Hashable, Sendable {
        /// It is there.
        case solid
        /// There is none of that kind, name and uid.
        case absent
        /// It is being deleted in the foreground, and waits for its dependents.
        case waitingForDependents
    }

    /// `propagationPolicy` of a delete.
    package enum Propagation: String, Hashable, Sendable {
        case background = "Background"
        case foreground = "Foreground"
        case orphan = "Orphan"
    }

    case keep
    /// An owner is there: the references to others are taken away.
    case removeReferences(uids: [String])
    /// No owner is there.
    /// - `unblocking`: whether the object's own references must first stop blocking, as it waits for dependents that
    ///   wait themselves (owners in a circle would wait for ever).
    case delete(Propagation, unblocking: Bool)

    /// - Parameters:
    ///   - owners: The live object's references with the state of each.
    ///   - finalizers: The live object's.
    ///   - dependents: The object's dependents, as far as they are known.
    package init(
        owners: [(reference: OwnerReference, state: OwnerState)], finalizers: [String],
        dependents: [OwnedObject]
    ) {
        guard !owners.isEmpty else {
            self = .keep
            return
        }
        let gone = owners.filter { $0.state != .solid }.map(\.reference.uid)
        if owners.contains(where: { $0.state == .solid }) {
            self = gone.isEmpty ? .keep : .removeReferences(uids: gone)
        } else if owners.contains(where: { $0.state == .waitingForDependents }), !dependents.isEmpty {
            self = .delete(.foreground, unblocking: dependents.contains(where: \.waitsForDependents))
        } else if finalizers.contains(OwnedObject.orphanFinalizer) {
            self = .delete(.orphan, unblocking: false)
        } else if finalizers.contains(OwnedObject.foregroundFinalizer) {
            self = .delete(.foreground, unblocking: false)
        } else {
            self = .delete(.background, unblocking: false)
        }
    }
}
