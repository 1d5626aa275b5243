import APIMachinery
import JSON

/// The documents by which clients find out what a server has, made of one state of its registry.
///
/// Nothing of it is kept in parsed form: a document is made when it is asked for.
struct DiscoveryDocuments {
    let contents: ResourceRegistry.Contents

    /// The groups with a name: those of Kubernetes in their own order, then those of custom resources by name.
    private var groups: some Sequence<ServedGroup> { contents.allGroups.lazy.filter { !$0.name.isEmpty } }

    // MARK: One document a group and version

    /// `/api`.
    func coreVersions(serverAddress: String) -> JSON {
        [
            "kind": "APIVersions",
            "versions": .array((contents.group(named: "")?.versions ?? []).map(JSON.string)),
            "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(serverAddress)]],
        ]
    }

    /// `/apis`.
    var groupList: JSON {
        ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map { .object(members(of: $0)) })]
    }

    /// `/apis/GROUP`.
    func group(named name: String) -> JSON? {
        guard !name.isEmpty, let group = contents.group(named: name) else { return nil }
        var document: JSONObject = ["kind": "APIGroup", "apiVersion": "v1"]
        for member in members(of: group) { document[member.key] = member.value }
        return .object(document)
    }

    private func members(of group: ServedGroup) -> JSONObject {
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
        guard contents.serves(groupVersion), let group = contents.group(named: groupVersion.group) else { return nil }
        var document: JSONObject = ["kind": "APIResourceList"]
        // The core group's list goes without, as it did before there were versions of lists.
        if !groupVersion.group.isEmpty { document["apiVersion"] = "v1" }
        document["groupVersion"] = .string(groupVersion.description)
        var entries: [JSON] = []
        for (definition, version) in group.resources(in: groupVersion.version) {
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
        var list = Self.emptyList
        list["items"] = .array(aggregatedGroups(ofCore: isCore).map(aggregatedGroup))
        return .object(list)
    }

    /// The same as JSON text, put together from what each group keeps of it.
    func encodedAggregated(ofCore isCore: Bool) -> [UInt8] {
        var bytes = JSON.object(Self.emptyList).encoded
        bytes.removeLast()
        bytes.append(contentsOf: ",\"items\":[".utf8)
        for (index, group) in aggregatedGroups(ofCore: isCore).enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: group.discovery { aggregatedGroup(group).encoded })
        }
        bytes.append(contentsOf: "]}\n".utf8)
        return bytes
    }

    private static let emptyList: JSONObject = [
        "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": [:],
    ]

    private func aggregatedGroups(ofCore isCore: Bool) -> some Sequence<ServedGroup> {
        contents.allGroups.lazy.filter { $0.name.isEmpty == isCore }
    }

    private func aggregatedGroup(_ group: ServedGroup) -> JSON {
        let versions = group.versions.map { version -> JSON in
            let groupVersion = GroupVersion(group: group.name, version: version)
            return [
                "version": .string(version),
                "resources": .array(group.resources(in: version).map { aggregatedEntry($0.0, $0.1, groupVersion) }),
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
