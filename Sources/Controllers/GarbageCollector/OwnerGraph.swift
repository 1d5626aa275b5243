import APIMachinery
package import KubernetesClient

/// Who belongs to whom among all objects that were seen, and what has to be looked at when that changes.
///
/// The graph is never the ground for a deletion: it says which objects to look at, and each is then judged by what the
/// server answers. A uid that occurs as an owner has dependents here even when no object of that uid was seen yet.
package struct OwnerGraph: Sendable {
    package enum Work: Hashable, Sendable {
        /// Look whether the object has an owner left.
        case examine(uid: String)
        /// Cut the object's dependents loose, then let it go.
        case orphanDependents(uid: String)
    }

    private var objects: [String: OwnedObject] = [:]
    private var dependentsByOwner: [String: Set<String>] = [:]

    package init() {}

    package subscript(uid: String) -> OwnedObject? { objects[uid] }
    package var count: Int { objects.count }

    package func dependents(of uid: String) -> [OwnedObject] {
        (dependentsByOwner[uid] ?? []).compactMap { objects[$0] }
    }

    /// The dependents whose references forbid that their owner goes before them.
    package func blockingDependents(of uid: String) -> [OwnedObject] {
        dependents(of: uid).filter { $0.owners.contains { $0.uid == uid && $0.blocksOwnerDeletion } }
    }

    /// Whether every owner that the object names is known here under that name.
    package func knowsOwners(of object: OwnedObject) -> Bool {
        object.owners.allSatisfy { reference in
            objects[reference.uid]?.isMeant(by: reference, from: object.namespace) ?? false
        }
    }

    /// An object was added or changed.
    package mutating func observe(_ object: OwnedObject) -> [Work] {
        let before = objects.updateValue(object, forKey: object.uid)
        updateDependents(of: object, before: before)
        var work: [Work] = []
        if let before { work += ownersUnblocked(before: before, after: object) }
        if !object.owners.isEmpty, !knowsOwners(of: object) || before.map({ $0.owners != object.owners }) ?? false {
            work.append(.examine(uid: object.uid))
        }
        // An owner that is waiting already has told the dependents it knew; one that comes late is told here.
        if before == nil || before?.owners != object.owners,
            object.owners.contains(where: { objects[$0.uid]?.waitsForDependents ?? false })
        {
            work.append(.examine(uid: object.uid))
        }
        if object.orphansDependents, !(before?.orphansDependents ?? false) {
            work.append(.orphanDependents(uid: object.uid))
        }
        if object.waitsForDependents, !(before?.waitsForDependents ?? false) {
            work += dependents(of: object.uid).map { .examine(uid: $0.uid) }
            work.append(.examine(uid: object.uid))
        }
        return unique(work)
    }

    /// An object is gone.
    package mutating func forget(uid: String) -> [Work] {
        guard let object = objects.removeValue(forKey: uid) else { return [] }
        for owner in object.owners { removeDependent(uid, of: owner.uid) }
        let waiting = object.owners.filter { objects[$0.uid]?.waitsForDependents ?? false }
        return unique(dependents(of: uid).map { .examine(uid: $0.uid) } + waiting.map { .examine(uid: $0.uid) })
    }

    /// The objects of a resource that is not served any more: nothing follows for their dependents until an owner is
    /// known to be gone.
    package mutating func forget(resource: APIResource) {
        for object in objects.values where object.resource == resource {
            objects[object.uid] = nil
            for owner in object.owners { removeDependent(object.uid, of: owner.uid) }
        }
    }

    private mutating func updateDependents(of object: OwnedObject, before: OwnedObject?) {
        let owners = Set(object.owners.map(\.uid))
        for owner in Set(before?.owners.map(\.uid) ?? []).subtracting(owners) { removeDependent(object.uid, of: owner) }
        for owner in owners { dependentsByOwner[owner, default: []].insert(object.uid) }
    }

    private mutating func removeDependent(_ uid: String, of owner: String) {
        dependentsByOwner[owner]?.remove(uid)
        if dependentsByOwner[owner]?.isEmpty ?? false { dependentsByOwner[owner] = nil }
    }

    /// Owners that waited for an object which now lets them go.
    private func ownersUnblocked(before: OwnedObject, after: OwnedObject) -> [Work] {
        before.owners.filter { reference in
            reference.blocksOwnerDeletion && objects[reference.uid]?.waitsForDependents ?? false
                && !after.owners.contains { $0.uid == reference.uid && $0.blocksOwnerDeletion }
        }.map { .examine(uid: $0.uid) }
    }

    private func unique(_ work: [Work]) -> [Work] {
        var seen = Set<Work>()
        return work.filter { seen.insert($0).inserted }
    }
}
