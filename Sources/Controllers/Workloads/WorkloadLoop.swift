package import APIMachinery
package import KubernetesClient

/// An object that keeps others, which it finds by a selector.
package protocol Workload: TypedObject {
    /// `nil` where it cannot be read.
    var selector: LabelSelector? { get }
}

/// What controllers have alike that keep objects of one kind for each object of another, as a Deployment its replica
/// sets and a ReplicaSet its pods: informers, queue, events, and the claim on what is kept.
struct WorkloadLoop<Owner: Workload>: Sendable {
    private static var workers: Int { 5 }

    let context: ControllerContext
    let owners: Informer
    /// What is kept, by controller (`ControllerIndex`).
    let dependents: Informer
    /// All pods, by controller; the dependents themselves where those are pods.
    let pods: Informer
    let recorder: EventRecorder
    let queue: WorkQueue<NamespacedName>
    private let name: String
    private let ownerKind: String
    private let adoption: Adoption

    init(_ name: String, for owner: APIResource, keeping dependent: APIResource, _ context: ControllerContext) {
        self.context = context
        self.name = name
        ownerKind = owner.kind
        owners = context.informers.informer(for: owner)
        dependents = context.informers.informer(for: dependent)
        pods = context.informers.informer(for: .pods)
        recorder = context.recorder(name + "-controller")
        queue = context.workQueue()
        adoption = Adoption(client: context.client, resource: dependent, ownerResource: owner)
        for informer in [owners, dependents, pods] { ControllerIndex.add(to: informer) }
    }

    /// Works until the task is cancelled.
    func run(_ reconcile: @escaping @Sendable (NamespacedName) async throws -> ReconcileResult) async throws {
        let controller = Controller(
            name: name, workers: Self.workers, queue: queue, waitingFor: [owners, dependents, pods],
            logger: context.logger, reconcile: reconcile)
        try await withThrowingTaskGroup { group in
            group.addTask { await recorder.run() }
            group.addTask { try await controller.run() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Has each owner looked at that might adopt an object.
    func addOwners(selecting object: KubernetesObject) {
        let labels = object.labels
        for owner in owners.list(namespace: object.namespace) {
            guard let selector = Owner(owner).selector, !selector.isEverything, selector.matches(labels) else {
                continue
            }
            queue.add(owner.key)
        }
    }

    /// The owner of a key, `nil` where it is gone, and what it selects.
    /// - Throws: `TerminalError` where its selector cannot be read.
    func owner(_ key: NamespacedName) throws -> (Owner, LabelSelector)? {
        guard let object = owners.get(key) else { return nil }
        let owner = Owner(object)
        guard let selector = owner.selector else {
            throw TerminalError("the selector of \(ownerKind) \(key) cannot be read")
        }
        return (owner, selector)
    }

    /// What an owner may claim: its own and the orphans of its namespace.
    func candidates(for owner: Owner) -> [KubernetesObject] { ControllerIndex.candidates(in: dependents, for: owner) }

    /// As `Adoption.claim`.
    func claim<Object: TypedObject>(
        _ candidates: [Object], for owner: Owner, selector: LabelSelector
    ) async throws -> [Object] {
        try await adoption.claim(candidates, for: owner, selector: selector)
    }
}
