package import APIMachinery
package import KubernetesClient

/// What the collector keeps of an object: who it is, whom it belongs to, and how it is being deleted.
package struct OwnedObject: Hashable, Sendable {
    package static let foregroundFinalizer = "foregroundDeletion"
    package static let orphanFinalizer = "orphan"

    package var resource: APIResource
    package var namespace: String
    package var name: String
    package var uid: String
    package var owners: [OwnerReference]
    package var isBeingDeleted: Bool
    /// Waits for its dependents to be deleted before it goes.
    package var waitsForDependents: Bool
    /// Waits for its dependents to be cut loose before it goes.
    package var orphansDependents: Bool

    package init(_ object: some TypedObject, resource: APIResource) {
        self.resource = resource
        namespace = object.namespace
        name = object.name
        uid = object.uid
        owners = object.ownerReferences
        isBeingDeleted = object.isBeingDeleted
        let finalizers = object.finalizers
        waitsForDependents = isBeingDeleted && finalizers.contains(Self.foregroundFinalizer)
        orphansDependents = isBeingDeleted && finalizers.contains(Self.orphanFinalizer)
    }

    /// Whether a reference means this object and not merely bears its uid.
    package func isMeant(by reference: OwnerReference, from namespace: String) -> Bool {
        reference.uid == uid && reference.name == name && reference.kind == resource.kind
            && GroupVersion(apiVersion: reference.apiVersion)?.group == resource.group
            && (!resource.isNamespaced || namespace == self.namespace)
    }
}
