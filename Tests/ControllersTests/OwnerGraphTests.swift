import APIMachinery
import JSON
import KubernetesClient
import Testing

@testable import Controllers

@Suite struct OwnerGraphTests {
    private func object(
        _ uid: String, owners: [(String, Bool)] = [], finalizers: [String] = [], deleted: Bool = false,
        namespace: String = "ns", ownerName: String? = nil
    ) -> OwnedObject {
        var object = KubernetesObject(.configMaps, namespace: namespace, name: uid)
        object.uid = uid
        object.finalizers = finalizers
        object.ownerReferences = owners.map {
            OwnerReference(
                apiVersion: "v1", kind: "ConfigMap", name: ownerName ?? $0.0, uid: $0.0, blocksOwnerDeletion: $0.1)
        }
        if deleted { object.setMetadata("deletionTimestamp", start.json) }
        return OwnedObject(object, resource: .configMaps)
    }

    @Test func looksAtDependentsOfWhatIsGone() {
        var graph = OwnerGraph()
        #expect(graph.observe(object("owner")).isEmpty)
        #expect(graph.observe(object("child", owners: [("owner", false)])).isEmpty)
        #expect(graph.forget(uid: "owner") == [.examine(uid: "child")])
        #expect(graph.forget(uid: "child").isEmpty)
        #expect(graph.count == 0)
    }

    @Test(arguments: [
        ("its owner was never seen", "ns", "owner", "other"),
        ("its owner is in another namespace", "elsewhere", "owner", "owner"),
        ("its owner has another name", "ns", "misnamed", "owner"),
    ]) func looksAtWhatNamesAnUnknownOwner(_ remark: String, namespace: String, name: String, uid: String) {
        var graph = OwnerGraph()
        _ = graph.observe(object("owner", namespace: namespace))
        let work = graph.observe(object("child", owners: [(uid, false)], ownerName: name))
        #expect(work == [.examine(uid: "child")], "\(remark)")
    }

    @Test func anOwnerSeenAfterItsDependentsKnowsThem() {
        var graph = OwnerGraph()
        _ = graph.observe(object("child", owners: [("owner", true)]))
        _ = graph.observe(object("owner"))
        #expect(graph.blockingDependents(of: "owner").map(\.uid) == ["child"])
        #expect(graph.forget(uid: "owner") == [.examine(uid: "child")])
    }

    @Test func foregroundDeletionWaitsForWhatBlocks() {
        var graph = OwnerGraph()
        _ = graph.observe(object("owner"))
        _ = graph.observe(object("free", owners: [("owner", false)]))
        _ = graph.observe(object("blocking", owners: [("owner", true)]))
        let work = graph.observe(object("owner", finalizers: ["foregroundDeletion"], deleted: true))
        #expect(Set(work) == [.examine(uid: "owner"), .examine(uid: "free"), .examine(uid: "blocking")])
        #expect(graph.blockingDependents(of: "owner").map(\.uid) == ["blocking"])
        #expect(graph.observe(object("blocking", owners: [("owner", false)])).contains(.examine(uid: "owner")))
        #expect(graph.blockingDependents(of: "owner").isEmpty)
        #expect(graph.forget(uid: "blocking") == [.examine(uid: "owner")])
    }

    @Test func orphaningIsBegunOnce() {
        var graph = OwnerGraph()
        _ = graph.observe(object("owner"))
        let going = object("owner", finalizers: ["orphan"], deleted: true)
        #expect(graph.observe(going) == [.orphanDependents(uid: "owner")])
        #expect(graph.observe(going).isEmpty)
    }

    private func reference(_ uid: String) -> OwnerReference {
        OwnerReference(
            apiVersion: "v1", kind: "ConfigMap", name: uid, uid: uid, blocksOwnerDeletion: true)
    }

    @Test func judgesByTheOwnersThatAreThere() {
        func verdict(
            _ states: [CollectionVerdict.OwnerState], finalizers: [String] = [], dependents: [OwnedObject] = []
        ) -> CollectionVerdict {
            CollectionVerdict(
                owners: states.enumerated().map { (reference("o\($0)"), $1) }, finalizers: finalizers,
                dependents: dependents)
        }
        #expect(verdict([]) == .keep)
        #expect(verdict([.solid]) == .keep)
        #expect(verdict([.solid, .absent]) == .removeReferences(uids: ["o1"]))
        #expect(verdict([.solid, .waitingForDependents]) == .removeReferences(uids: ["o1"]))
        #expect(verdict([.absent]) == .delete(.background, unblocking: false))
        #expect(verdict([.absent], finalizers: ["orphan"]) == .delete(.orphan, unblocking: false))
        #expect(verdict([.absent], finalizers: ["foregroundDeletion"]) == .delete(.foreground, unblocking: false))
        #expect(verdict([.waitingForDependents]) == .delete(.background, unblocking: false))
        #expect(
            verdict([.waitingForDependents], dependents: [object("child")]) == .delete(.foreground, unblocking: false))
        let circle = object("child", finalizers: ["foregroundDeletion"], deleted: true)
        #expect(verdict([.waitingForDependents], dependents: [circle]) == .delete(.foreground, unblocking: true))
    }
}
