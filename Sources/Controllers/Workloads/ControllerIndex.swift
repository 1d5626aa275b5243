import APIMachinery
import KubernetesClient

/// The index over a collection by which a controller finds what it manages, and what nobody manages.
enum ControllerIndex {
    static let name = "controller"

    static func add(to informer: Informer) {
        informer.addIndex(name) { object in
            [object.controllerReference?.uid ?? orphans(in: object.namespace)]
        }
    }

    /// What an owner may claim: its own and the orphans of its namespace.
    static func candidates(in informer: Informer, for owner: some TypedObject) -> [KubernetesObject] {
        owned(in: informer, by: owner.uid)
            + informer.objects(index: name, value: orphans(in: owner.namespace))
    }

    static func owned(in informer: Informer, by uid: String) -> [KubernetesObject] {
        informer.objects(index: name, value: uid)
    }

    private static func orphans(in namespace: String) -> String { "orphans of " + namespace }
}
