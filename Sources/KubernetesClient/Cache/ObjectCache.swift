/// The objects of one collection by key, and by the values of index functions.
struct ObjectCache {
    typealias IndexFunction = @Sendable (KubernetesObject) -> [String]

    private struct Index {
        var values: IndexFunction
        var keys: [String: Set<NamespacedName>] = [:]
    }

    private(set) var objects: [NamespacedName: KubernetesObject] = [:]
    private var byNamespace: [String: Set<NamespacedName>] = [:]
    private var indexes: [String: Index] = [:]

    /// Adds an index over what is there and what will come. An index of that name is replaced.
    mutating func addIndex(_ name: String, _ values: @escaping IndexFunction) {
        var index = Index(values: values)
        for (key, object) in objects {
            for value in values(object) { index.keys[value, default: []].insert(key) }
        }
        indexes[name] = index
    }

    func hasIndex(_ name: String) -> Bool { indexes[name] != nil }

    /// - Returns: the object that was there before.
    mutating func set(_ object: KubernetesObject) -> KubernetesObject? {
        let key = object.key
        let old = objects.updateValue(object, forKey: key)
        if old == nil { byNamespace[key.namespace, default: []].insert(key) }
        for name in Array(indexes.keys) {
            updateIndex(name, key, from: old, to: object)
        }
        return old
    }

    mutating func remove(_ key: NamespacedName) -> KubernetesObject? {
        guard let old = objects.removeValue(forKey: key) else { return nil }
        Self.remove(key, under: key.namespace, from: &byNamespace)
        for name in Array(indexes.keys) { updateIndex(name, key, from: old, to: nil) }
        return old
    }

    func inNamespace(_ namespace: String) -> [KubernetesObject] {
        (byNamespace[namespace] ?? []).compactMap { objects[$0] }
    }

    func keys(_ index: String, _ value: String) -> Set<NamespacedName> { indexes[index]?.keys[value] ?? [] }

    func values(of index: String) -> [String] { indexes[index].map { Array($0.keys.keys) } ?? [] }

    private mutating func updateIndex(
        _ name: String, _ key: NamespacedName, from old: KubernetesObject?, to new: KubernetesObject?
    ) {
        guard var index = indexes[name] else { return }
        let values = index.values
        let before = old.map(values) ?? []
        let after = new.map(values) ?? []
        if before == after { return }
        for value in before where !after.contains(value) { Self.remove(key, under: value, from: &index.keys) }
        indexes[name] = nil  // leaves `index` the only owner, so that it changes in place
        for value in after { index.keys[value, default: []].insert(key) }
        indexes[name] = index
    }

    private static func remove(
        _ key: NamespacedName, under value: String, from index: inout [String: Set<NamespacedName>]
    ) {
        index[value]?.remove(key)
        if index[value]?.isEmpty == true { index[value] = nil }
    }
}
