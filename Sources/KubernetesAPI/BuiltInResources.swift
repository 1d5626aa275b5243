public import APIMachinery
import JSON

/// The resources that Kubernetes 1.36 serves when nothing is switched on or off.
public enum BuiltInResources {
    /// A definition for every resource, in the order of discovery.
    ///
    /// A resource with several versions (`horizontalpodautoscalers`) is one definition; the two groups of events are
    /// two definitions that share one storage.
    ///
    /// - Parameter strategies: what a kind does beyond its schema; asked once for each kind.
    public static func definitions(strategies: (GroupKind) -> any ResourceStrategy) -> [ResourceDefinition] {
        var order: [GroupResource] = []
        var rows: [GroupResource: [JSON]] = [:]
        for row in OpenAPIData.resources.documents {
            let resource = GroupResource(group: row.text("group"), resource: row.text("plural"))
            if rows[resource] == nil { order.append(resource) }
            rows[resource, default: []].append(row)
        }
        return order.map { definition(of: $0, rows: rows[$0] ?? [], strategies: strategies) }
    }

    /// The groups and versions that are served, in the order of discovery.
    public static let groupVersions: [GroupVersion] = OpenAPIData.groups.documents.map {
        GroupVersion(group: $0.text("group"), version: $0.text("version"))
    }

    private static func definition(
        of resource: GroupResource, rows: [JSON], strategies: (GroupKind) -> any ResourceStrategy
    ) -> ResourceDefinition {
        let first = rows.first ?? .null
        let kind = first.text("kind")
        // The rows come in the order of preference, and the preferred version is the one that is stored.
        let storageVersion = first.text("version")
        let storage = Storage(of: resource)
        return ResourceDefinition(
            group: resource.group,
            names: .init(
                plural: resource.resource, singular: first.text("singular"), kind: kind, listKind: kind + "List",
                shortNames: first.strings("shortNames"), categories: first.strings("categories")),
            isNamespaced: first["namespaced"]?.boolValue ?? false,
            versions: rows.map { version(of: resource, row: $0) },
            storageVersion: storageVersion,
            strategy: strategies(GroupKind(group: resource.group, kind: kind)),
            isCustom: false,
            storageGroupResource: storage?.resource,
            storageGroupVersion: storage?.version,
            storageSchema: storage.map { schema(named: $0.type) },
            converter: storage?.converter ?? converter(of: resource))
    }

    private static func version(of resource: GroupResource, row: JSON) -> ResourceVersion {
        let kind = GroupVersionKind(group: resource.group, version: row.text("version"), kind: row.text("kind"))
        return ResourceVersion(
            name: kind.version,
            schema: schema(named: row.text("type")),
            verbs: row.verbs,
            subresources: (row["subresources"]?.arrayValue ?? []).map { subresource($0, of: row) },
            columns: Tables.columns(of: resource),
            selectableFields: SelectableFields.names(of: resource),
            storageVersionHash: row["storageVersionHash"]?.stringValue,
            deprecationWarning: deprecationWarning(of: kind),
            deletionReturnsObject: row["deletionReturnsObject"]?.boolValue ?? false,
            unknownFieldWording: SelectableFields.wording(of: resource, kind: kind),
            rowConditions: Tables.rowConditions(of: resource),
            extraCells: Tables.extraCells(of: resource))
    }

    private static func subresource(_ row: JSON, of parent: JSON) -> Subresource {
        let type = row["type"]?.stringValue
        let isParent = type == parent["type"]?.stringValue
        return Subresource(
            name: row.text("name"),
            kind: GroupVersionKind(group: row.text("group"), version: row.text("version"), kind: row.text("kind")),
            verbs: row.verbs,
            schema: isParent ? nil : type.map { schema(named: $0) },
            columns: isParent ? nil : Tables.columns(ofSubresource: row.text("kind")),
            connectMethods: row.strings("connect").map { $0.uppercased() })
    }

    private static func schema(named name: String) -> Schema {
        guard let schema = TypeLibrary.builtIn.schema(named: name) else { fatalError("openapi: no type \(name)") }
        return schema
    }

    /// Where a resource that is a view of another is stored.
    private struct Storage {
        var resource: GroupResource
        var version: GroupVersion
        var type: String
        var converter: any ResourceConverter

        init?(of resource: GroupResource) {
            guard resource == GroupResource(group: "events.k8s.io", resource: "events") else { return nil }
            self.resource = GroupResource(group: "", resource: "events")
            version = GroupVersion(group: "", version: "v1")
            type = "io.k8s.api.core.v1.Event"
            converter = EventConverter()
        }
    }

    private static func converter(of resource: GroupResource) -> (any ResourceConverter)? {
        switch (resource.group, resource.resource) {
        case ("autoscaling", "horizontalpodautoscalers"): HorizontalPodAutoscalerConverter()
        case ("", "events"): EventConverter()
        default: nil
        }
    }

    /// What Kubernetes tells clients of versions that are on their way out.
    private static func deprecationWarning(of kind: GroupVersionKind) -> String? {
        switch (kind.groupVersion.description, kind.kind) {
        case ("v1", "ComponentStatus"): "v1 ComponentStatus is deprecated in v1.19+"
        case ("v1", "Endpoints"): "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"
        default: nil
        }
    }
}

extension JSON {
    fileprivate func text(_ name: String) -> String { self[name]?.stringValue ?? "" }

    fileprivate var verbs: Set<Verb> { Set(strings("verbs").compactMap(Verb.init(rawValue:))) }
}
