extension FieldSet {
    /// The set with every declared field that leads to a member made a member itself: what is owned below `spec` makes
    /// `spec` owned, what is owned in a map does not make its owner the map's.
    func withDeclaredFields(of schema: Schema) -> FieldSet { withDeclaredFields(of: TypeReference(schema)) }

    private func withDeclaredFields(of type: TypeReference?) -> FieldSet {
        var nodes = nodes
        for index in nodes.indices where !nodes[index].children.isEmpty {
            let element = nodes[index].element
            if case .field(let name) = element, type?.declares(name) == true { nodes[index].isMember = true }
            nodes[index].children = nodes[index].children.withDeclaredFields(of: type?.type(of: element))
        }
        return FieldSet(sorted: nodes)
    }

    /// The set as it is to be under a schema in which lists or maps have become atomic since it was written: who owned
    /// a part of such a one owns the whole.
    /// - Returns: `nil` where nothing changes.
    func reconciled(with schema: Schema) -> FieldSet? {
        var hasChanged = false
        let set = reconciled(with: TypeReference(schema), &hasChanged)
        return hasChanged ? set : nil
    }

    private func reconciled(with type: TypeReference, _ hasChanged: inout Bool) -> FieldSet {
        var nodes = nodes
        for index in nodes.indices where !nodes[index].children.isEmpty {
            guard let inner = type.type(of: nodes[index].element) else { continue }
            if inner.isAtomic {
                nodes[index] = Node(nodes[index].element, isMember: true)
                hasChanged = true
            } else {
                nodes[index].children = nodes[index].children.reconciled(with: inner, &hasChanged)
            }
        }
        return FieldSet(sorted: nodes)
    }
}

extension TypeReference {
    /// Whether the type itself says that its values are one.
    fileprivate var isAtomic: Bool {
        switch atom(for: nil) {
        case .map(let map): map.isAtomic
        case .list(_, .atomic): true
        case .list, .scalar: false
        }
    }

    fileprivate func declares(_ name: String) -> Bool {
        if case .map(let map) = atom(for: nil) { map.declares(name) } else { false }
    }

    /// The type of a part; `nil` where there is no such.
    fileprivate func type(of element: PathElement) -> TypeReference? {
        switch (atom(for: nil), element) {
        case (.map(let map), .field(let name)): map.type(of: name)
        case (.list(let items, .map), .key), (.list(let items, .set), .value): items
        default: nil
        }
    }
}
