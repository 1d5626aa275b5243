import APIMachinery
import Storage
import TestSupport
import Testing

/// Random writes, compactions and restarts, beside a plain model that keeps every state there ever was.
@Suite("Random histories")
struct RandomStorageTests {
    @Test func storeBehavesAsAListOfStates() async throws {
        let seed = testSeed()
        var generator = SeededGenerator(seed: seed)
        var configuration = StorageConfiguration.test()
        configuration.maxCompactedRowsPerStep = 5
        try await withTemporaryDirectory { directory in
            var store = try SQLiteStorage(directory: directory, configuration: configuration)
            var model = HistoryModel()
            for step in 0..<1_500 {
                let remark: Comment = "STORAGE_TEST_SEED=\(seed), step \(step)"
                switch Int.random(in: 0..<100, using: &generator) {
                case 0..<2:
                    await store.close()
                    store = try SQLiteStorage(directory: directory, configuration: configuration)
                    #expect(store.snapshot.contents == model.current.lines, remark)
                case 2..<5:
                    let state = model.randomState(&generator)
                    try await store.compact(through: state.revision)
                    model.compact(through: state.revision)
                case 5..<15:
                    let state = model.randomState(&generator)
                    #expect(try store.snapshot(at: state.revision).contents == state.lines, remark)
                    let events = try HistoryModel.resources.flatMap { try store.events(of: $0, after: state.revision) }
                    #expect(events.map(\.revision).sorted() == model.revisions(after: state.revision), remark)
                default:
                    try await write(to: store, &model, remark, &generator)
                }
                #expect(store.snapshot.revision == model.current.revision, remark)
                #expect(store.compactedRevision == model.compacted, remark)
            }
            #expect(store.snapshot.contents == model.current.lines, "STORAGE_TEST_SEED=\(seed)")
            await store.close()
        }
    }

    private func write(
        to store: SQLiteStorage, _ model: inout HistoryModel, _ remark: Comment, _ generator: inout SeededGenerator
    ) async throws {
        let count = [1, 1, 1, 2, 5].randomElement(using: &generator) ?? 1
        let writes = (0..<count).map { _ in model.randomWrite(&generator) }
        let isPossible = model.isPossible(writes)
        switch await outcome(of: writes, on: store) {
        case .success(let events):
            #expect(isPossible, remark)
            model.apply(writes, at: events.map(\.revision))
            #expect(events.map(\.kind) == model.states.suffix(count).map(\.kind), remark)
        case .failure(.conflict):
            #expect(!isPossible, remark)
        case .failure(let error):
            throw error
        }
    }

    private func outcome(of writes: [Write], on store: SQLiteStorage) async -> Result<[Event], StorageError> {
        do { return .success(try await store.commit(writes)) } catch { return .failure(error) }
    }
}

private struct HistoryModel {
    struct State {
        var revision: Revision
        var kind = Event.Kind.added
        var objects: [ObjectKey: Revision] = [:]

        var lines: [String] { objects.map { "\($0.key.resource) \($0.key.path) \($0.value)" }.sorted() }
    }

    static let resources = [pods, deployments]

    /// The state at each revision that is kept, oldest first; the first is the compacted one.
    var states = [State(revision: .zero)]
    var compacted = Revision.zero
    var current: State { states[states.count - 1] }

    func randomState(_ generator: inout SeededGenerator) -> State {
        // Mostly among the newer ones, or little history would ever gather.
        let back = Int.random(
            in: 0..<min(states.count, Int.random(in: 0..<20, using: &generator) == 0 ? 1_000 : 60), using: &generator)
        return Bool.random(using: &generator)
            ? states[states.count - 1 - back] : states[min(back / 4, states.count - 1)]
    }

    func revisions(after revision: Revision) -> [Revision] { states.map(\.revision).filter { $0 > revision } }

    mutating func compact(through revision: Revision) {
        states.removeAll { $0.revision < revision }
        compacted = max(compacted, revision)
    }

    func randomWrite(_ generator: inout SeededGenerator) -> Write {
        let resource = Self.resources.randomElement(using: &generator) ?? pods
        let path = "ns/\(Int.random(in: 0..<40, using: &generator))"
        let exists = current.objects[objectKey(path, of: resource)]
        let revision = exists ?? Revision(3)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0..<2: return .create(path, of: resource)
        case 2: return .update(path, "x", of: resource)
        case 3: return exists == nil ? .create(path, of: resource) : .update(path, "y", of: resource)
        case 4: return .update(path, "z", of: resource, if: .revision(revision))
        case 5: return .delete(path, of: resource)
        case 6: return .delete(path, of: resource, if: .revision(revision))
        default: return .update(path, "w", of: resource, if: .revision(Revision(revision.rawValue + 1)))
        }
    }

    func isPossible(_ writes: [Write]) -> Bool {
        var objects = current.objects
        for write in writes {
            let revision = objects[write.key]
            switch write.precondition {
            case .absent where revision != nil: return false
            case .exists where revision == nil: return false
            case .revision(let expected) where revision != expected: return false
            default: break
            }
            // The revision is not known yet; no write asks for one of its own group.
            if case .delete = write.operation { objects[write.key] = nil } else { objects[write.key] = Revision(-1) }
        }
        return true
    }

    mutating func apply(_ writes: [Write], at revisions: [Revision]) {
        for (write, revision) in zip(writes, revisions) {
            var state = current
            state.revision = revision
            if case .delete = write.operation {
                state.objects[write.key] = nil
                state.kind = .deleted
            } else {
                state.kind = state.objects[write.key] == nil ? .added : .modified
                state.objects[write.key] = revision
            }
            states.append(state)
        }
    }
}
