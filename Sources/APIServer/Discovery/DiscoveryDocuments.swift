import APIMachinery
import JSON

/// The documents by which clients find out what a server has, made of one state of its registry.
///
/// Nothing of it is kept in parsed form: a document is made when it is asked for.
struct DiscoveryDocuments {
    let contents: ResourceRegistry.Contents

    /// Versions of a group in the order of preference.
    struct Group {
        var name: String
        var versions: [String]
    }

    /// The groups with a name: those of Kubernetes in their own order, then those of custom resources by name.
    var groups: [Group] { allGroups.filter { !$0.name.isEmpty } }

    var allGroups: [Group] {
        var order: [String] = []
        var versions: [String: [String]] = [:]
        for definition in contents.definitions {
            if versions[definition.group] == nil { order.append(definition.group) }
            for version in definition.versions where versions[definition.group]?.contains(version.name) != true {
                versions[definition.group, default: []].append(version.name)
            }
        }
        let custom = Set(versions.keys).subtracting(contents.definitions.filter { !$0.isCustom }.map(\.group))
        order = order.filter { !custom.contains($0) } + custom.sorted()
        return order.map { Group(name: $0, versions: (versions[$0] ?? []).sorted(by: VersionOrder.precedes)) }
    }

    // MARK: One document a group and version

    /// `/api`.
    func coreVersions(serverAddress: String) -> JSON {
        [
            "kind": "APIVersions",
            "versions": .array(allGroups.first { $0.name.isEmpty }.map(\.versions).map { $0.map(JSON.string) } ?? []),
            "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(serverAddress)]],
        ]
    }

    /// `/apis`.
    var groupList: JSON {
        ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map { .object(members(of: $0)) })]
    }

    /// `/apis/GROUP`.
    func group(named name: String) -> JSON? {
        guard let group = groups.first(where: { $0.name == name }) else { return nil }
        var document: JSONObject = ["kind": "APIGroup", "apiVersion": "v1"]
        for member in members(of: group) { document[member.key] = member.value }
        return .object(document)
    }

    private func members(of group: Group) -> JSONObject {
        let versions = group.versions.map { version -> JSON in
            [
                "groupVersion": .string(GroupVersion(group: group.name, version: version).description),
                "version": .string(version),
            ]
        }
        return ["name": .string(group.name), "versions": .array(versions), "preferredVersion": versions.first ?? [:]]
    }

    /// `/api/v1` and `/apis/GROUP/VERSION`.
    func resourceList(of groupVersion: GroupVersion) -> JSON? {
        guard contents.serves(groupVersion) else { return nil }
        var document: JSONObject = ["kind": "APIResourceList"]
        // The core group's list goes without, as it did before there were versions of lists.
        if !groupVersion.group.isEmpty { document["apiVersion"] = "v1" }
        document["groupVersion"] = .string(groupVersion.description)
        var entries: [JSON] = []
        for (definition, version) in resources(of: groupVersion) {
            entries.append(entry(definition, version))
            entries.append(
                contentsOf: subresources(of: version, definition).map { entry(definition, $0, in: groupVersion) })
        }
        document["resources"] = .array(entries)
        return .object(document)
    }

    /// By name; those of a custom resource as its definition has them (`status` before `scale`).
    private func subresources(of version: ResourceVersion, _ definition: ResourceDefinition) -> [Subresource] {
        if definition.isCustom { return version.subresources }
        return version.subresources.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    /// By name; those of a custom resource in the order in which Kubernetes' own list has them.
    private func verbs(_ verbs: Set<Verb>, of definition: ResourceDefinition) -> JSON {
        let order: [Verb] =
            definition.isCustom
            ? [.delete, .deletecollection, .get, .list, .patch, .create, .update, .watch]
            : [.create, .delete, .deletecollection, .get, .list, .patch, .update, .watch]
        return .array(order.filter(verbs.contains).map { .string($0.rawValue) })
    }

    private func resources(of groupVersion: GroupVersion) -> [(ResourceDefinition, ResourceVersion)] {
        contents.definitions.compactMap { definition in
            guard definition.group == groupVersion.group, let version = definition.version(named: groupVersion.version)
            else { return nil }
            return (definition, version)
        }.sorted { $0.0.names.plural.utf8.lexicographicallyPrecedes($1.0.names.plural.utf8) }
    }

    private func entry(_ definition: ResourceDefinition, _ version: ResourceVersion) -> JSON {
        var entry: JSONObject = [
            "name": .string(definition.names.plural), "singularName": .string(definition.names.singular),
            "namespaced": .bool(definition.isNamespaced), "kind": .string(definition.names.kind),
            "verbs": verbs(version.verbs, of: definition),
        ]
        entry.setStrings("shortNames", definition.names.shortNames)
        entry.setStrings("categories", definition.names.categories)
        if let hash = version.storageVersionHash { entry["storageVersionHash"] = .string(hash) }
        return .object(entry)
    }

    private func entry(
        _ definition: ResourceDefinition, _ subresource: Subresource, in groupVersion: GroupVersion
    ) -> JSON {
        var entry: JSONObject = [
            "name": .string(definition.names.plural + "/" + subresource.name), "singularName": "",
            "namespaced": .bool(definition.isNamespaced),
        ]
        if subresource.kind.groupVersion != groupVersion {
            if !subresource.kind.group.isEmpty { entry["group"] = .string(subresource.kind.group) }
            entry["version"] = .string(subresource.kind.version)
        }
        entry["kind"] = .string(subresource.kind.kind)
        entry["verbs"] = verbs(subresource.verbs, of: definition)
        return .object(entry)
    }

    // MARK: All in one

    /// `APIGroupDiscoveryList` (KEP-3352), of the core group alone or of all the others.
    func aggregated(ofCore isCore: Bool) -> JSON {
        [
            "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
            "items": .array(allGroups.filter { $0.name.isEmpty == isCore }.map(aggregatedGroup)),
        ]
    }

    private func aggregatedGroup(_ group: Group) -> JSON {
        let versions = group.versions.map { version -> JSON in
            let groupVersion = GroupVersion(group: group.name, version: version)
            return [
                "version": .string(version),
                "resources": .array(resources(of: groupVersion).map { aggregatedEntry($0.0, $0.1, groupVersion) }),
                "freshness": "Current",
            ]
        }
        // Kubernetes writes no creation time for a group.
        return [
            "metadata": group.name.isEmpty ? [:] : ["name": .string(group.name)], "versions": .array(versions),
        ]
    }

    private func aggregatedEntry(
        _ definition: ResourceDefinition, _ version: ResourceVersion, _ groupVersion: GroupVersion
    ) -> JSON {
        var entry: JSONObject = [
            "resource": .string(definition.names.plural),
            "responseKind": responseKind(
                GroupVersionKind(group: groupVersion.group, version: groupVersion.version, kind: definition.names.kind),
                of: definition, in: groupVersion),
            "scope": definition.isNamespaced ? "Namespaced" : "Cluster",
            "singularResource": .string(definition.names.singular),
            "verbs": verbs(version.verbs, of: definition),
        ]
        entry.setStrings("shortNames", definition.names.shortNames)
        entry.setStrings("categories", definition.names.categories)
        let subresources = subresources(of: version, definition).map { subresource -> JSON in
            [
                "subresource": .string(subresource.name),
                "responseKind": responseKind(subresource.kind, of: definition, in: groupVersion),
                "verbs": verbs(subresource.verbs, of: definition),
            ]
        }
        if !subresources.isEmpty { entry["subresources"] = .array(subresources) }
        return .object(entry)
    }

    /// A built-in kind's group and version are left empty where they are those of the list that the entry is in.
    private func responseKind(
        _ kind: GroupVersionKind, of definition: ResourceDefinition, in groupVersion: GroupVersion
    ) -> JSON {
        let isOwn = kind.groupVersion == groupVersion && !definition.isCustom
        return [
            "group": .string(isOwn ? "" : kind.group), "version": .string(isOwn ? "" : kind.version),
            "kind": .string(kind.kind),
        ]
    }
}

extension JSONObject {
    fileprivate mutating func setStrings(_ key: String, _ values: [String]) {
        if !values.isEmpty { self[key] = .array(values.map(JSON.string)) }
    }
}
