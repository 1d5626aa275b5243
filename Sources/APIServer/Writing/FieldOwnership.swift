import APIMachinery
import JSON

/// Who comes to own the fields of an object that is written.
enum FieldOwnership {
    /// The manager that the request names, of what the write changes.
    case ofWriter
    /// What `metadata.managedFields` of the object says: it has been seen to.
    case asGiven

    /// An empty list of managers, which asks for all to be forgotten, is lost on the way through the schema: it is made the
    /// list of one that says nothing, which asks for the same.
    static func keepReset(in document: inout JSON) {
        guard case .array(let managers)? = document["metadata"]?["managedFields"], managers.isEmpty else { return }
        document["metadata"]?["managedFields"] = [[:]]
    }
}

extension ObjectWriter {
    /// What the request's manager does to `managedFields`.
    var fieldManagement: FieldManagement {
        FieldManagement(
            manager: context.fieldManager, apiVersion: resource.apiVersion,
            subresource: context.info.subresource ?? "", time: now.description,
            filter: strategy.unchangeableFields(for: subresource),
            versions: ResourceFieldVersions(resource: resource, contents: server.registry.contents),
            reconciles: resource.definition.isCustom)
    }

    /// Writes into a proposed object who owns which of its fields once it is written. Called before admission: what plugins
    /// and the kind itself set on the way belongs to nobody.
    /// - Parameter management: where it is not what the request stands for.
    func trackFields(of object: inout JSON, replacing old: JSON?, _ management: FieldManagement? = nil) {
        let given = object["metadata"]?["managedFields"]
        let stored = old?["metadata"]?["managedFields"]
        var management = management ?? fieldManagement
        var managed = ManagedFields(stored, isStored: true) ?? ManagedFields()
        // By way of a subresource nobody's fields can be given away.
        if context.info.subresource == nil, let given, given != stored {
            if ManagedFields.isReset(given) {
                managed = ManagedFields()
            } else if let wanted = ManagedFields(given, isStored: false), !wanted.isEmpty {
                managed = wanted
                management.reconciles = true
            }
        }
        do {
            try management.update(old.map(resource.servedDocument), to: resource.servedDocument(object), &managed)
        } catch {
            // As in Kubernetes, an object whose lists cannot be taken apart keeps the managers that it had.
            managed = ManagedFields(stored, isStored: true) ?? ManagedFields()
        }
        object.updateMetadata { $0[.managedFields] = managed.json }
    }

    /// Writes into a new document of a subresource's own kind (`TokenRequest`) who owns its fields.
    func trackFields(of document: inout JSON, _ subresource: Subresource) {
        var managed = ManagedFields()
        do {
            try fieldManagement(of: subresource).update(nil, to: document, &managed)
        } catch {
            managed = ManagedFields()
        }
        document.updateMetadata { $0[.managedFields] = managed.json }
    }

    /// What the request's manager does to the fields of a subresource's own kind.
    func fieldManagement(of subresource: Subresource) -> FieldManagement {
        var management = fieldManagement
        management.apiVersion = subresource.kind.groupVersion.description
        management.filter = nil
        management.versions = SingleVersion(
            apiVersion: management.apiVersion, schema: subresource.schema ?? resource.version.schema)
        return management
    }

    /// Leaves managers the times they had where nothing but times would change: writing what is there already is no change.
    func keepTimesOfManagers(of object: inout JSON, from old: JSON) {
        guard case .array(let new)? = object["metadata"]?["managedFields"],
            case .array(let stored)? = old["metadata"]?["managedFields"], new.count == stored.count
        else { return }
        var hasNewTime = false
        for (entry, before) in zip(new, stored) where entry["time"] != before["time"] {
            hasNewTime = true
            break
        }
        guard hasNewTime, zip(new, stored).allSatisfy({ $0.isSame(as: $1, but: "time") }) else { return }
        var candidate = object
        candidate["metadata"]?["managedFields"] = .array(stored)
        if candidate == old { object = candidate }
    }
}

extension JSON {
    /// Whether two objects are the same but for one member.
    fileprivate func isSame(as other: JSON, but name: String) -> Bool {
        guard case .object(let left) = self, case .object(let right) = other else { return self == other }
        func count(_ object: JSONObject) -> Int { object.count - (object.index(of: name) == nil ? 0 : 1) }
        return count(left) == count(right) && left.allSatisfy { $0.key == name || right[$0.key] == $0.value }
    }
}

extension ServedResource {
    /// Notes what the server writes on its own account into an object of a kind that has one version.
    /// - Parameter subresource: by way of which Kubernetes' own parts write the same.
    func trackServerWrite(
        of object: inout JSON, replacing old: JSON?, subresource: String? = nil, at time: KubernetesTime
    ) {
        let management = FieldManagement(
            manager: UserInfo.serverManager, apiVersion: apiVersion, subresource: subresource ?? "",
            time: time.description, filter: strategy.unchangeableFields(for: subresource),
            versions: SingleVersion(apiVersion: apiVersion, schema: version.schema), reconciles: false)
        var managed = ManagedFields(old?["metadata"]?["managedFields"], isStored: true) ?? ManagedFields()
        do {
            try management.update(old, to: object, &managed)
        } catch {
            managed = ManagedFields(old?["metadata"]?["managedFields"], isStored: true) ?? ManagedFields()
        }
        object.updateMetadata { $0[.managedFields] = managed.json }
    }
}

/// The versions in which managers may have written objects of a resource.
struct ResourceFieldVersions: FieldVersions {
    let resource: ServedResource
    let contents: ResourceRegistry.Contents

    func schema(of apiVersion: String) -> Schema? { served(apiVersion)?.version.schema }

    func convert(_ document: JSON, from source: String, to target: String) throws -> JSON {
        if source == target { return document }
        guard let from = served(source), let to = served(target) else { return document }
        return try to.servedDocument(try from.storageDocument(document))
    }

    /// The resource in a version: its own, or that of another view of what is stored.
    private func served(_ apiVersion: String) -> ServedResource? {
        if apiVersion == resource.apiVersion { return resource }
        guard let groupVersion = GroupVersion(apiVersion: apiVersion) else { return nil }
        let kind = GroupVersionKind(
            group: groupVersion.group, version: groupVersion.version, kind: resource.definition.names.kind)
        guard let other = contents.resource(of: kind), other.key == resource.key else { return nil }
        return other
    }
}

/// A kind that has one version.
struct SingleVersion: FieldVersions {
    let apiVersion: String
    let schema: Schema

    func schema(of apiVersion: String) -> Schema? { apiVersion == self.apiVersion ? schema : nil }
    func convert(_ document: JSON, from source: String, to target: String) throws -> JSON { document }
}
