import APIMachinery
import JSON
import KubernetesClient

/// Everything in one namespace, to be deleted.
struct NamespaceContent: Sendable {
    let client: APIClient
    let namespace: String

    /// One pass: deletes what can be deleted, and finds what is left. Pods go first, and the rest only when no pod is
    /// left that may still use it (KEP-5080).
    func delete() async throws -> NamespaceDeletionFindings {
        var findings = NamespaceDeletionFindings()
        let discovered = try await Discovery(client: client).resources()
        for (groupVersion, failure) in discovered.failures {
            findings.discoveryFailures[groupVersion.description] = failure
        }
        let resources = discovered.preferred.filter { $0.resource.isNamespaced && $0.supports("delete", "list") }
        let pods = resources.filter { $0.resource.groupResource == APIResource.pods.groupResource }
        for resource in pods { try await delete(resource, &findings) }
        guard findings.remaining.isEmpty else { return findings }
        for resource in resources where !pods.contains(resource) { try await delete(resource, &findings) }
        return findings
    }

    private func delete(_ discovered: DiscoveredResource, _ findings: inout NamespaceDeletionFindings) async throws {
        do {
            let resource = client.resource(discovered.resource, namespace: namespace)
            guard try await !resource.metadataOnly.list(ListOptions(limit: 1)).items.isEmpty else { return }
            if discovered.supports("deletecollection") {
                try await resource.deleteCollection(DeleteOptions(propagationPolicy: .background))
            } else {
                try await deleteOneByOne(resource)
            }
            note(try await resource.metadataOnly.listAll().items, of: discovered.resource, &findings)
        } catch is CancellationError {
            throw CancellationError()
        } catch  where error.isNotFound || error.statusCode == 405 {
            // Not served any more, or not to be deleted.
            return
        } catch {
            let text = (error as? APIStatus)?.message ?? "\(error)"
            findings.contentFailures.append("\(discovered.resource): \(text)")
        }
    }

    private func deleteOneByOne(_ resource: ResourceClient) async throws {
        for object in try await resource.metadataOnly.listAll().items where !object.isBeingDeleted {
            do {
                try await resource.delete(object.name, DeleteOptions(propagationPolicy: .background))
            } catch  where error.isNotFound {
                continue
            }
        }
    }

    private func note(
        _ objects: [KubernetesObject], of resource: APIResource, _ findings: inout NamespaceDeletionFindings
    ) {
        guard !objects.isEmpty else { return }
        findings.remaining[resource.groupResource] = objects.count
        for object in objects {
            for finalizer in object.finalizers { findings.finalizers[finalizer, default: 0] += 1 }
        }
    }
}
