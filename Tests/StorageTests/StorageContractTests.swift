import APIMachinery
import Storage
import Testing

/// What every engine promises.
@Suite("Storage contract")
struct StorageContractTests {
    @Test(arguments: Engine.allCases)
    func createdObjectHasItsRevisionInItsBytes(engine: Engine) async throws {
        try await engine.withStore { store in
            let event = try await store.commit(.create("ns/a", "one"))
            #expect(event.kind == .added)
            #expect(event.previous == nil)
            #expect(event.revision > .zero)
            let object = try #require(store.snapshot[objectKey("ns/a")])
            #expect(object.text == text("one", at: event.revision))
            #expect(object.revision == event.revision)
            #expect(store.snapshot.revision == event.revision)
            #expect(object.attributes { _ in SelectableAttributes() }.labels == ["content": "one"])
        }
    }

    /// A precondition, whether the object is there, and whether the write goes through.
    @Test(arguments: Engine.allCases)
    func preconditions(engine: Engine) async throws {
        let rows: [(remark: String, write: (Revision) -> Write, exists: Bool, succeeds: Bool)] = [
            ("create new", { _ in .create("a") }, false, true),
            ("create what exists", { _ in .create("a") }, true, false),
            ("update what exists", { _ in .update("a", "x") }, true, true),
            ("update nothing", { _ in .update("a", "x") }, false, false),
            ("update at its revision", { .update("a", "x", if: .revision($0)) }, true, true),
            ("update at another", { .update("a", "x", if: .revision(Revision($0.rawValue - 1))) }, true, false),
            ("update nothing at a revision", { .update("a", "x", if: .revision($0)) }, false, false),
            ("delete what exists", { _ in .delete("a") }, true, true),
            ("delete nothing", { _ in .delete("a") }, false, false),
            ("delete nothing, as if that were meant", { _ in .delete("a", if: .absent) }, false, false),
            ("delete at its revision", { .delete("a", if: .revision($0)) }, true, true),
            ("delete at another", { .delete("a", if: .revision(Revision($0.rawValue + 1))) }, true, false),
        ]
        for row in rows {
            try await engine.withStore { store in
                try await store.commit(.create("other"))
                var revision = Revision(7)
                if row.exists { revision = try await store.commit(.create("a")).revision }
                let before = store.snapshot
                do {
                    let event = try await store.commit(row.write(revision))
                    #expect(row.succeeds, "\(row.remark)")
                    #expect(event.revision > before.revision, "\(row.remark)")
                    #expect(event.previous?.revision == (row.exists ? revision : nil), "\(row.remark)")
                } catch StorageError.conflict(let conflicting, let current) {
                    #expect(!row.succeeds, "\(row.remark)")
                    #expect(conflicting == objectKey("a"), "\(row.remark)")
                    #expect(current?.revision == (row.exists ? revision : nil), "\(row.remark)")
                    #expect(store.snapshot.contents == before.contents, "\(row.remark)")
                    #expect(store.snapshot.revision == before.revision, "\(row.remark)")
                }
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func deletionIsAnEventWithTheLastState(engine: Engine) async throws {
        try await engine.withStore { store in
            let created = try await store.commit(.create("a", "one"))
            let deleted = try await store.commit(.delete("a"))
            #expect(deleted.kind == .deleted)
            #expect(deleted.object.text == text("deleted", at: deleted.revision))
            #expect(deleted.previous === created.object)
            #expect(store.snapshot[objectKey("a")] == nil)
            let again = try await store.commit(.create("a", "two"))
            #expect(again.kind == .added)
            #expect(again.previous == nil)
        }
    }

    @Test(arguments: Engine.allCases)
    func objectsAreInByteOrder(engine: Engine) async throws {
        // "-" is before "/", and what Unicode takes for one letter may be two byte strings.
        let ordered = ["a", "a-b/x", "a/x", "a/x-y", "a/y", "aa/x", "b/1", "cafe\u{301}", "caf\u{e9}", "z/z"]
        try await engine.withStore { store in
            for path in ordered.shuffled() { try await store.commit(.create(path)) }
            try await store.commit(.create("a/x", of: deployments))
            let snapshot = store.snapshot
            #expect(snapshot.paths().map { Array($0.utf8) } == ordered.map { Array($0.utf8) })
            #expect(snapshot.paths(prefix: "a/") == ["a/x", "a/x-y", "a/y"])
            #expect(snapshot.paths(prefix: "a/", from: "a/x-") == ["a/x-y", "a/y"])
            #expect(snapshot.paths(prefix: "a/", from: "a/x", limit: 2) == ["a/x", "a/x-y"])
            #expect(snapshot.paths(prefix: "a/", from: "b") == [])
            #expect(snapshot.paths(prefix: "b/", from: "a/y") == ["b/1"])
            #expect(snapshot.paths(from: "b/1", limit: 1) == ["b/1"])
            #expect(snapshot.paths(prefix: "nothing/") == [])
            #expect(snapshot.count(in: pods, prefix: "") == ordered.count)
            #expect(snapshot.count(in: pods, prefix: "a/") == 3)
            #expect(snapshot.count(in: pods, prefix: "a/", from: "a/x-y") == 2)
            #expect(snapshot.count(in: deployments, prefix: "a/") == 1)
            #expect(snapshot.count(in: ResourceKey("/nothing"), prefix: "") == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func snapshotStaysAsItIs(engine: Engine) async throws {
        try await engine.withStore { store in
            for index in 0..<200 { try await store.commit(.create("ns/\(index)")) }
            let snapshot = store.snapshot
            let contents = snapshot.contents
            for index in 0..<200 where index % 2 == 0 { try await store.commit(.delete("ns/\(index)")) }
            for index in 200..<400 { try await store.commit(.create("ns/\(index)")) }
            #expect(snapshot.contents == contents)
            #expect(store.snapshot.count(in: pods, prefix: "ns/") == 300)
        }
    }

    @Test(arguments: Engine.allCases)
    func olderRevisionsCanBeRead(engine: Engine) async throws {
        try await engine.withStore { store in
            var states: [(Revision, [String])] = [(store.snapshot.revision, [])]
            for round in 0..<20 {
                try await store.commit(.create("ns/\(round)"))
                try await store.commit(.create("d\(round)", of: deployments))
                if round > 3 { try await store.commit(.update("ns/\(round - 3)", "changed")) }
                if round > 5 { try await store.commit(.delete("ns/\(round - 5)")) }
                states.append((store.snapshot.revision, store.snapshot.contents))
            }
            for (revision, contents) in states.shuffled() {
                let snapshot = try store.snapshot(at: revision)
                #expect(snapshot.revision == revision)
                #expect(snapshot.contents == contents)
                let collection = try store.snapshot(at: revision, of: pods)
                #expect(collection.revision == revision)
                #expect(collection.paths() == snapshot.paths())
            }
            let next = Revision(store.snapshot.revision.rawValue + 1)
            #expect(throws: StorageError.self) { try store.snapshot(at: next) }
        }
    }

    @Test(arguments: Engine.allCases)
    func eventsHaveNoGaps(engine: Engine) async throws {
        try await engine.withStore { store in
            let beginning = store.snapshot.revision
            let first = try await store.commit(.create("a"))
            try await store.commit(.create("d", of: deployments))
            let second = try await store.commit(.update("a", "x"))
            let third = try await store.commit(.delete("a"))
            let events = try store.events(of: pods, after: beginning)
            #expect(events.map(\.revision) == [first, second, third].map(\.revision))
            #expect(events.map(\.kind) == [.added, .modified, .deleted])
            #expect(events[1].previous === first.object)
            #expect(
                try store.events(of: pods, after: first.revision).map(\.revision) == [second, third].map(\.revision))
            #expect(try store.events(of: pods, after: third.revision).isEmpty)
            do {
                _ = try store.events(of: pods, after: Revision(third.revision.rawValue + 1))
                Issue.record("there are no events after a revision to come")
            } catch StorageError.futureRevision(let current) {
                #expect(current == third.revision)
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func compactionForgetsHistoryButNotState(engine: Engine) async throws {
        try await engine.withStore { store in
            let first = try await store.commit(.create("a"))
            let second = try await store.commit(.update("a", "x"))
            let third = try await store.commit(.update("a", "y"))
            try await store.commit(.create("gone"))
            try await store.commit(.delete("gone"))
            let contents = store.snapshot.contents
            try await store.compact(through: second.revision)
            #expect(store.compactedRevision == second.revision)
            #expect(store.snapshot.contents == contents)
            #expect(try store.events(of: pods, after: second.revision).first?.revision == third.revision)
            #expect(try store.snapshot(at: second.revision)[objectKey("a")] === second.object)
            do {
                _ = try store.events(of: pods, after: first.revision)
                Issue.record("the history is gone")
            } catch StorageError.compacted(let oldest) {
                #expect(oldest == second.revision)
            }
            #expect(throws: StorageError.self) { try store.snapshot(at: first.revision) }
            // Again, and further back, changes nothing.
            try await store.compact(through: first.revision)
            #expect(store.compactedRevision == second.revision)
            try await store.compact(through: store.snapshot.revision)
            #expect(store.snapshot.contents == contents)
            #expect(store.statistics.historyEvents == 0)
            await #expect(throws: StorageError.self) {
                try await store.compact(through: Revision(store.snapshot.revision.rawValue + 1))
            }
        }
    }

    @Test(arguments: Engine.allCases)
    func severalWritesAreAllOrNothing(engine: Engine) async throws {
        try await engine.withStore { store in
            let events = try await store.commit([.create("a"), .create("b"), .update("a", "x"), .delete("b")])
            #expect(events.map(\.kind) == [.added, .added, .modified, .deleted])
            #expect(zip(events, events.dropFirst()).allSatisfy { $0.revision < $1.revision })
            #expect(store.snapshot.paths() == ["a"])
            let before = store.snapshot
            await #expect(throws: StorageError.self) {
                try await store.commit([
                    .create("c"), .delete("a"), .create("d", of: deployments), .update("nothing", "x"),
                ])
            }
            #expect(store.snapshot.contents == before.contents)
            #expect(store.snapshot.revision == before.revision)
            #expect(try store.events(of: pods, after: before.revision).isEmpty)
            #expect(try await store.commit([]).isEmpty)
        }
    }

    @Test(arguments: Engine.allCases)
    func misplacedRevisionIsRefused(engine: Engine) async throws {
        try await engine.withStore { store in
            for offset in [-1, 3, Int.max] {
                let value = EncodedValue(bytes: [1, 2], revisionOffset: offset, attributes: SelectableAttributes())
                await #expect(throws: StorageError.self) {
                    try await store.commit(Write(.put(value), at: objectKey("a"), if: .absent))
                }
            }
            let event = try await store.commit(
                Write(
                    .put(EncodedValue(bytes: [], revisionOffset: 0, attributes: SelectableAttributes())),
                    at: objectKey("a"),
                    if: .absent))
            #expect(event.object.text == event.revision.description)
        }
    }

    @Test(arguments: Engine.allCases)
    func observerSeesEachRevisionOnceInOrder(engine: Engine) async throws {
        try await engine.withStore { store in
            try await store.commit(.create("before"))
            let recorder = Recorder()
            let (start, id) = store.addObserver { [weak store] batch in
                recorder.record(batch, isVisible: store?.snapshot.revision == batch.revision)
            }
            #expect(start == store.snapshot.revision)
            let acknowledged = try await withThrowingTaskGroup(of: [Revision].self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        var revisions: [Revision] = []
                        for index in 0..<50 {
                            let revision = try await store.commit(.create("w\(writer)/\(index)")).revision
                            // An acknowledged write has been shown to observers.
                            #expect(recorder.revisions.contains(revision))
                            revisions.append(revision)
                        }
                        #expect(revisions == revisions.sorted())
                        return revisions
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let revisions = recorder.revisions
            #expect(revisions == acknowledged.sorted())
            #expect(Set(revisions).count == 800)
            #expect(try store.events(of: pods, after: start).map(\.revision) == revisions)
            #expect(recorder.wereVisible)
            store.removeObserver(id)
            try await store.commit(.create("after"))
            #expect(recorder.revisions.count == 800)
        }
    }

    @Test(arguments: Engine.allCases)
    func onlyOneOfManyConcurrentUpdatesWins(engine: Engine) async throws {
        try await engine.withStore { store in
            let created = try await store.commit(.create("a"))
            let winners = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<64 {
                    group.addTask {
                        do {
                            try await store.commit(.update("a", "x", if: .revision(created.revision)))
                            return 1
                        } catch { return 0 }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(winners == 1)
        }
    }

    @Test(arguments: Engine.allCases)
    func tooManyPendingWritesAreRefused(engine: Engine) async throws {
        var configuration = StorageConfiguration.test()
        configuration.maxPendingWrites = 10
        try await engine.withStore(configuration) { store in
            await #expect(throws: StorageError.self) {
                try await store.commit((0..<11).map { .create("\($0)") })
            }
            #expect(store.statistics.counters.refusedCallers == 1)
            try await store.commit((0..<10).map { .create("\($0)") })
            #expect(store.statistics.pendingWrites == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func closedStoreRefusesWritesAndGoesOnBeingRead(engine: Engine) async throws {
        try await engine.withStore { store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 { group.addTask { try await store.commit(.create("\(index)")) } }
                try await group.waitForAll()
            }
            await store.close()
            await store.close()
            for write in [Write.create("x"), .delete("1")] {
                do {
                    try await store.commit(write)
                    Issue.record("the store is closed")
                } catch StorageError.closed {}
            }
            #expect(store.snapshot.count(in: pods, prefix: "") == 20)
        }
    }

    @Test(arguments: Engine.allCases)
    func oldHistoryGoesByItself(engine: Engine) async throws {
        let clock = TestClock()
        try await engine.withStore(.test(clock: clock)) { store in
            let old = try await store.commit(.create("a"))
            try await store.compactExpired()
            clock.advance(by: .seconds(200))
            let young = try await store.commit(.create("b"))
            try await store.compactExpired()
            #expect(try store.events(of: pods, after: .zero).count == 2)
            clock.advance(by: .seconds(101))
            try await store.compactExpired()
            #expect(store.compactedRevision == old.revision)
            #expect(try store.events(of: pods, after: old.revision).map(\.revision) == [young.revision])
            clock.advance(by: .seconds(200))
            try await store.compactExpired()
            #expect(store.compactedRevision == young.revision)
        }
    }

    @Test(arguments: Engine.allCases)
    func tooMuchHistoryGoesByItself(engine: Engine) async throws {
        var configuration = StorageConfiguration.test()
        configuration.maxHistoryEvents = 160
        try await engine.withStore(configuration) { store in
            for index in 0..<1_000 {
                try await store.commit(index == 0 ? .create("a") : .update("a", "\(index)"))
                #expect(store.statistics.historyEvents <= 170)
            }
            #expect(store.statistics.historyEvents >= 140)
            #expect(store.statistics.counters.compactions > 50)
        }
    }

    @Test(arguments: Engine.allCases)
    func statisticsCountWhatHappened(engine: Engine) async throws {
        try await engine.withStore { store in
            try await store.commit([.create("a"), .create("b"), .create("d", of: deployments)])
            try await store.commit(.delete("a"))
            _ = try? await store.commit(.delete("a"))
            let statistics = store.statistics
            #expect(statistics.objectCounts == [pods: 1, deployments: 1])
            #expect(statistics.counters.commits == 2)
            #expect(statistics.counters.committedWrites == 4)
            #expect(statistics.counters.largestBatch == 3)
            #expect(statistics.counters.answeredCallers == 3)
            #expect(statistics.counters.conflicts == 1)
            #expect(statistics.historyEvents == 4)
            #expect(statistics.revision == store.snapshot.revision)
            #expect((statistics.databaseBytes > 0) == (engine == .sqlite))
        }
    }
}
