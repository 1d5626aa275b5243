package import APIMachinery
package import KubernetesClient

/// Whose an object is that a controller came upon, by its labels and its owner: the rule by which controllers share a
/// namespace ("Garbage collection" and "Controller ref" in Kubernetes' documentation).
package enum OwnershipClaim: Sendable, Hashable {
    /// It is managed here, and stays so.
    case owned
    /// Nobody manages it and the selector matches: it is to be adopted.
    case adopt
    /// It is managed here but the selector does not match any more: it is to be let go.
    case release
    /// It is not for this controller.
    case foreign

    package init(of object: some TypedObject, by owner: some TypedObject, selector: LabelSelector) {
        let matches = selector.matches(object.labels)
        if let controller = object.controllerReference {
            if controller.uid != owner.uid {
                self = .foreign
            } else if matches {
                self = .owned
            } else {
                self = owner.isBeingDeleted ? .foreign : .release
            }
        } else {
            self = matches && !owner.isBeingDeleted && !object.isBeingDeleted ? .adopt : .foreign
        }
    }
}
