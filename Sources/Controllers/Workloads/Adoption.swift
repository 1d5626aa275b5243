import APIMachinery
import JSON
import KubernetesClient

/// The writes by which a controller takes what its selector matches, and lets go what it does not.
struct Adoption: Sendable {
    let client: APIClient
    /// Of the objects that are claimed.
    let resource: APIResource
    let ownerResource: APIResource

    /// Of the candidates those that the owner manages, after adopting and releasing what has changed.
    /// - Throws: the first error of the server that is not of an object that is gone or has changed hands meanwhile.
    func claim<Object: TypedObject>(
        _ candidates: [Object], for owner: some TypedObject, selector: LabelSelector
    ) async throws -> [Object] {
        var claimed: [Object] = []
        var isOwnerConfirmed = false
        for candidate in candidates {
            switch OwnershipClaim(of: candidate, by: owner, selector: selector) {
            case .owned: claimed.append(candidate)
            case .foreign: continue
            case .release: try await release(candidate, from: owner)
            case .adopt:
                if !isOwnerConfirmed {
                    try await confirm(owner)
                    isOwnerConfirmed = true
                }
                if let adopted = try await adopt(candidate, by: owner) { claimed.append(Object(adopted)) }
            }
        }
        return claimed
    }

    /// The cache may not know yet that the owner is going, or is another one of the same name.
    private func confirm(_ owner: some TypedObject) async throws {
        let live = try await client.resource(ownerResource, namespace: owner.namespace).get(owner.name)
        guard live.uid == owner.uid, !live.isBeingDeleted else {
            throw TerminalError("\(ownerResource.kind) \(owner.key) is gone or going, and adopts nothing")
        }
    }

    private func adopt(_ object: some TypedObject, by owner: some TypedObject) async throws -> KubernetesObject? {
        try await patch(
            object,
            [
                "metadata": [
                    "ownerReferences": [OwnerReference(controller: owner.object).json],
                    "uid": .string(object.uid),
                ]
            ])
    }

    private func release(_ object: some TypedObject, from owner: some TypedObject) async throws {
        _ = try await patch(
            object,
            [
                "metadata": [
                    "ownerReferences": [["$patch": "delete", "uid": .string(owner.uid)]], "uid": .string(object.uid),
                ]
            ])
    }

    /// - Returns: `nil` where the object is gone, or is another one now.
    private func patch(_ object: some TypedObject, _ patch: JSON) async throws -> KubernetesObject? {
        do {
            return try await client.resource(resource, namespace: object.namespace).patch(
                object.name, .strategic(patch))
        } catch  where error.isNotFound || error.isInvalid {
            return nil
        }
    }
}
