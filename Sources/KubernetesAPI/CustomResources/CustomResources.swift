public import APIMachinery
public import JSON

/// Makes resources of `CustomResourceDefinition`s.
public enum CustomResources {
    /// The resource that a definition stands for, as far as it is served; `nil` where no version is.
    ///
    /// - Parameters:
    ///   - definition: a `CustomResourceDefinition` of apiextensions.k8s.io/v1 whose names were accepted.
    ///   - schemaRevision: objects last written before it are brought into the form of the schema when they are read.
    ///   - storageVersionHash: what discovery tells of the version that is stored.
    ///   - document: reads the definition again, once the schema of a version is needed: until then none is kept.
    public static func definition(
        of definition: JSON, schemaRevision: Revision, storageVersionHash: (GroupVersionKind) -> String?,
        document: @escaping @Sendable () -> JSON
    ) -> ResourceDefinition? {
        let spec = Fields(definition).fields("spec")
        let group = spec["group"].text
        let names = names(of: definition["status"]?["acceptedNames"] ?? [:])
        let isNamespaced = spec["scope"].text == "Namespaced"
        let rows = spec["versions"].items.map(\.fields)
        let stored = rows.first { $0["storage"].bool == true }?["name"].text ?? ""
        let hash = storageVersionHash(GroupVersionKind(group: group, version: stored, kind: names.kind))
        let metadata = metadataSchema
        var schemas: [String: Schema] = [:]
        var published: [String: @Sendable () -> JSON] = [:]
        for (index, row) in rows.enumerated() {
            let version = row["name"].text
            let read: @Sendable () -> JSON = {
                document()["spec"]?["versions"]?[index]?["schema"]?["openAPIV3Schema"] ?? [:]
            }
            published[version] = read
            schemas[version] = Schema(name: "\(group).\(version).\(names.kind)") {
                .structural(StructuralSchema(read(), metadata: metadata, isRoot: true))
            }
        }
        let served = rows.filter { $0["served"].bool == true }
        let current = served.filter { $0["deprecated"].bool != true }.map { $0["name"].text }
        let versions = served.map { row in
            let kind = GroupVersionKind(group: group, version: row["name"].text, kind: names.kind)
            return version(
                row, of: kind, isNamespaced: isNamespaced, hash: hash, schema: schemas[kind.version] ?? .any,
                warning: deprecationWarning(row, kind, current), published: published[kind.version])
        }.sorted { VersionOrder.precedes($0.name, $1.name) }
        guard let preferred = versions.first else { return nil }
        let storage = GroupVersion(group: group, version: stored)
        return ResourceDefinition(
            group: group, names: names, isNamespaced: isNamespaced, versions: versions, storageVersion: stored,
            strategy: preferred.strategy ?? DefaultStrategy(isNamespaced ? .namespaced : .cluster), isCustom: true,
            storageSchema: schemas[stored],
            converter: spec.fields("conversion")["strategy"].text == "Webhook"
                ? WebhookConverter(kind: names.kind)
                : CustomResourceConverter(storageVersion: storage.description, group: group, schemas: schemas),
            schemaRevision: schemaRevision,
            isTerminating: (definition["status"]?["conditions"]?.arrayValue ?? []).contains {
                $0["type"] == "Terminating" && $0["status"] == "True"
            }, fingerprint: fingerprint(of: definition))
    }

    /// What is served of a definition hangs on its specification, which uid and generation name, and on its names.
    private static func fingerprint(of definition: JSON) -> String {
        let metadata = definition["metadata"] ?? [:]
        let parts: JSON = [
            metadata["uid"] ?? "", metadata["generation"] ?? 1, definition["status"]?["acceptedNames"] ?? [:],
        ]
        return String(decoding: parts.encoded, as: UTF8.self)
    }

    private static let metadataSchema =
        TypeLibrary.builtIn.schema(named: "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta") ?? .any

    private static func names(of accepted: JSON) -> ResourceDefinition.Names {
        let names = Fields(accepted)
        func texts(_ name: String) -> [String] { names[name].items.map(\.text) }
        return ResourceDefinition.Names(
            plural: names["plural"].text, singular: names["singular"].text, kind: names["kind"].text,
            listKind: names["listKind"].text, shortNames: texts("shortNames"), categories: texts("categories"))
    }

    private static func version(
        _ row: Fields, of kind: GroupVersionKind, isNamespaced: Bool, hash: String?, schema: Schema, warning: String?,
        published: (@Sendable () -> JSON)?
    ) -> ResourceVersion {
        let parts = row.fields("subresources")
        let hasStatus = parts["status"].isSet
        var subresources: [Subresource] = []
        if hasStatus { subresources.append(Subresource(name: "status", kind: kind, verbs: [.get, .patch, .update])) }
        if let scale = parts.ifPresent("scale") { subresources.append(self.scale(scale)) }
        var fields: [String: SelectableField] = [:]
        for field in row["selectableFields"].items {
            let path = String(field.fields["jsonPath"].text.dropFirst())
            fields[path] = SelectableField(path)
        }
        return ResourceVersion(
            name: kind.version, schema: schema, verbs: Set(Verb.allCases), subresources: subresources,
            columns: columns(of: row), selectableFields: Set(fields.keys), storageVersionHash: hash,
            deprecationWarning: warning, unknownFieldWording: .bare,
            strategy: CustomResourceStrategy(
                isNamespaced: isNamespaced, hasStatus: hasStatus, selectableFields: fields,
                scalePaths: subresources.lazy.compactMap(\.scalePaths).first, schema: schema),
            publishedSchema: published)
    }

    /// - Parameter current: the served versions that are not deprecated; the newest that is newer is recommended.
    private static func deprecationWarning(_ row: Fields, _ kind: GroupVersionKind, _ current: [String]) -> String? {
        guard row["deprecated"].bool == true else { return nil }
        if row["deprecationWarning"].isSet { return row["deprecationWarning"].text }
        let warning = "\(kind.groupVersion) \(kind.kind) is deprecated"
        let newer = current.filter { VersionOrder.precedes($0, kind.version) }.sorted(by: VersionOrder.precedes)
        return newer.first.map { "\(warning); use \(kind.group)/\($0) \(kind.kind)" } ?? warning
    }

    private static func scale(_ scale: Fields) -> Subresource {
        func path(_ name: String) -> [String] { scale[name].text.split(separator: ".").map(String.init) }
        let selector = path("labelSelectorPath")
        return Subresource(
            name: "scale", kind: GroupVersionKind(group: "autoscaling", version: "v1", kind: "Scale"),
            verbs: [.get, .patch, .update],
            schema: TypeLibrary.builtIn.schema(named: "io.k8s.api.autoscaling.v1.Scale"), columns: Tables.customScale,
            scalePaths: ScalePaths(
                specReplicas: path("specReplicasPath"), statusReplicas: path("statusReplicasPath"),
                selector: selector.isEmpty ? nil : selector))
    }

    private static func columns(of row: Fields) -> [TableColumn] {
        let columns = row["additionalPrinterColumns"].items
        if columns.isEmpty { return [.name, CustomColumn.age] }
        return [.name] + columns.map { CustomColumn.column($0.fields) }
    }
}

/// Custom objects have the same fields in all versions (`conversion: None`), as far as each version's schema knows them.
struct CustomResourceConverter: ResourceConverter {
    let storageVersion: String
    let group: String
    let schemas: [String: Schema]

    func convert(_ object: JSON, from source: String, to target: String) throws -> JSON {
        var object = object
        object["apiVersion"] = .string(target)
        // On the way to the store the object is still to be validated by the version that it came in.
        guard target != storageVersion, let version = GroupVersion(apiVersion: target)?.version,
            let schema = schemas[version]
        else { return object }
        _ = try schema.canonicalize(&object)
        return object
    }
}

/// Objects whose versions differ in more than their name (`conversion: Webhook`): the webhook would have to be called, which
/// is not built. What needs no conversion is served.
struct WebhookConverter: ResourceConverter {
    let kind: String

    func convert(_ object: JSON, from source: String, to target: String) throws -> JSON {
        throw APIStatus(
            code: 501, reason: .unknown,
            message:
                "conversion webhook for \(source), Kind=\(kind) failed: this server does not call conversion webhooks")
    }
}
