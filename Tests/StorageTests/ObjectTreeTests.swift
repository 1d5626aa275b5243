import APIMachinery
import Storage
import TestSupport
import Testing

@Suite("Object tree")
struct ObjectTreeTests {
    private func object(_ path: String, _ revision: Int64 = 1) -> StoredObject {
        StoredObject(key: objectKey(path), revision: Revision(revision), bytes: [], attributes: nil)
    }

    @Test func emptyTree() {
        var tree = ObjectTree()
        #expect(tree.count == 0)
        #expect(tree["a"] == nil)
        #expect(tree.remove("a") == nil)
        #expect(tree.count(prefix: "", from: nil) == 0)
        tree.forEach(prefix: "", from: "a") { _ in
            Issue.record("nothing is there")
            return true
        }
        #expect(tree.isWellFormed)
    }

    @Test(arguments: ["ascending", "descending", "shuffled"])
    func growsAndShrinksInAnyOrder(order: String) {
        var generator = SeededGenerator(seed: 1)
        let ascending = (0..<5_000).map { "ns/\(100_000 + $0)" }
        let paths =
            order == "ascending" ? ascending : order == "descending" ? ascending.reversed() : ascending.shuffled()
        var tree = ObjectTree()
        for path in paths { #expect(tree.put(object(path)) == nil) }
        #expect(tree.isWellFormed)
        #expect(tree.count == 5_000)
        for path in paths.shuffled(using: &generator) { #expect(tree.remove(path)?.key.path == path) }
        #expect(tree.isWellFormed)
        #expect(tree.count == 0)
    }

    @Test func iterationEndsWhenTold() {
        var tree = ObjectTree()
        for index in 0..<1_000 { tree.put(object("\(1_000 + index)")) }
        var visited = 0
        tree.forEach(prefix: "", from: nil) { _ in
            visited += 1
            return visited < 77
        }
        #expect(visited == 77)
    }

    /// Random changes and questions, answered as a sorted array answers them; copies taken on the way stay as they are.
    @Test func behavesAsASortedArray() {
        let seed = testSeed()
        var generator = SeededGenerator(seed: seed)
        var tree = ObjectTree()
        var model = SortedModel()
        var copies: [(tree: ObjectTree, model: SortedModel)] = []
        for step in 0..<12_000 {
            // Grows for some thousand steps, then shrinks for as many.
            let isGrowing = (step / 3_000) % 2 == 0
            let path = SortedModel.randomPath(&generator)
            if Int.random(in: 0..<10, using: &generator) < (isGrowing ? 7 : 3) {
                let object = object(path, Int64(step))
                #expect(tree.put(object) === model.put(object), "seed \(seed), step \(step)")
            } else {
                #expect(tree.remove(path) === model.remove(path), "seed \(seed), step \(step)")
            }
            #expect(tree.count == model.objects.count, "seed \(seed), step \(step)")
            if step % 100 == 0 { compare(tree, model, "seed \(seed), step \(step)", &generator) }
            if step % 1_000 == 0 {
                copies.append((tree, model))
                #expect(tree.isWellFormed, "seed \(seed), step \(step)")
            }
        }
        for (index, copy) in copies.enumerated() {
            compare(copy.tree, copy.model, "seed \(seed), copy \(index)", &generator)
            #expect(copy.tree.isWellFormed, "seed \(seed), copy \(index)")
        }
    }

    private func compare(
        _ tree: ObjectTree, _ model: SortedModel, _ remark: String, _ generator: inout SeededGenerator
    ) {
        let path = SortedModel.randomPath(&generator)
        #expect(tree[path] === model.find(path), "\(remark)")
        let prefix = Bool.random(using: &generator) ? "" : String(path.prefix(Int.random(in: 0...4, using: &generator)))
        let start = Bool.random(using: &generator) ? nil : SortedModel.randomPath(&generator)
        var visited: [StoredObject] = []
        tree.forEach(prefix: prefix, from: start) { object in
            visited.append(object)
            return true
        }
        let expected = model.range(prefix: prefix, from: start)
        #expect(visited.map(\.key.path) == expected.map(\.key.path), "\(remark)")
        #expect(zip(visited, expected).allSatisfy { $0 === $1 }, "\(remark)")
        #expect(tree.count(prefix: prefix, from: start) == expected.count, "\(remark)")
    }
}

/// What a tree must behave as: an array in byte order, searched from end to end.
private struct SortedModel {
    var objects: [StoredObject] = []

    static func randomPath(_ generator: inout SeededGenerator) -> String {
        let namespaces = ["a", "a-b", "ab", "b", "é", "e\u{301}", ""]
        let namespace = namespaces[Int.random(in: 0..<namespaces.count, using: &generator)]
        let name = Int.random(in: 0..<400, using: &generator)
        return namespace.isEmpty ? "\(name)" : "\(namespace)/\(name)"
    }

    private func index(of path: String) -> Int {
        var low = 0
        var high = objects.count
        while low < high {
            let middle = (low + high) / 2
            if objects[middle].key.path.utf8.lexicographicallyPrecedes(path.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    func find(_ path: String) -> StoredObject? {
        let index = index(of: path)
        return index < objects.count && objects[index].key.path.utf8.elementsEqual(path.utf8) ? objects[index] : nil
    }

    mutating func put(_ object: StoredObject) -> StoredObject? {
        let index = index(of: object.key.path)
        let replaced = find(object.key.path)
        if replaced == nil { objects.insert(object, at: index) } else { objects[index] = object }
        return replaced
    }

    mutating func remove(_ path: String) -> StoredObject? {
        guard let removed = find(path) else { return nil }
        objects.remove(at: index(of: path))
        return removed
    }

    func range(prefix: String, from start: String?) -> [StoredObject] {
        objects.filter { object in
            let path = object.key.path.utf8
            return path.starts(with: prefix.utf8) && !(start.map { path.lexicographicallyPrecedes($0.utf8) } ?? false)
        }
    }
}
