public import APIMachinery
import JSON

/// A resource as the server describes it.
public struct DiscoveredResource: Sendable, Hashable {
    public var resource: APIResource
    public var verbs: Set<String>
    public var shortNames: [String]
    public var categories: [String]
    public var singular: String
    /// By name (`status`, `scale`), each with its verbs.
    public var subresources: [String: Set<String>]

    public func supports(_ verbs: String...) -> Bool { self.verbs.isSuperset(of: verbs) }
}

/// What an API server serves.
public struct DiscoveryResult: Sendable {
    /// In the server's order: groups by priority, and in each the preferred version first.
    public var resources: [DiscoveredResource] = []
    /// Group versions whose resources are not known now: an extension server that does not answer, mostly. What depends
    /// on knowing all resources must not take `resources` for that.
    public var failures: [GroupVersion: String] = [:]

    /// Each resource once, in its group's preferred version of those that have it.
    public var preferred: [DiscoveredResource] {
        var seen: Set<GroupResource> = []
        return resources.filter { seen.insert($0.resource.groupResource).inserted }
    }

    /// What a garbage collector follows: in the preferred version, and able to be listed, watched and deleted.
    public var deletable: [DiscoveredResource] { preferred.filter { $0.supports("delete", "list", "watch") } }

    /// The resource of a kind, or in the version that `apiVersion` names.
    public func resource(apiVersion: String, kind: String) -> DiscoveredResource? {
        resources.first { $0.resource.groupVersion.description == apiVersion && $0.resource.kind == kind }
    }
}

/// Asks an API server what it serves: by aggregated discovery (two requests), or a request a group version where the
/// server knows only that.
/// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
public struct Discovery: Sendable {
    private static let aggregatedTypes = [
        "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList",
        "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", "application/json",
    ].joined(separator: ",")

    private let client: APIClient

    public init(client: APIClient) { self.client = client }

    /// - Throws: where the server's roots (`/api`, `/apis`) cannot be read. What fails below them is in `failures`.
    public func resources() async throws -> DiscoveryResult {
        var result = DiscoveryResult()
        for root in ["/api", "/apis"] {
            let json = try await client.request(.get, root, accept: Self.aggregatedTypes)
            if json["kind"]?.stringValue == "APIGroupDiscoveryList" {
                readAggregated(json, into: &result)
            } else {
                try await readLegacy(json, root: root, into: &result)
            }
        }
        return result
    }

    private func readAggregated(_ json: JSON, into result: inout DiscoveryResult) {
        for group in json["items"]?.arrayValue ?? [] {
            let name = group["metadata"]?["name"]?.stringValue ?? ""
            for version in group["versions"]?.arrayValue ?? [] {
                let groupVersion = GroupVersion(group: name, version: version["version"]?.stringValue ?? "")
                if version["freshness"]?.stringValue == "Stale" {
                    result.failures[groupVersion] = "the server's knowledge of \(groupVersion) is stale"
                }
                for resource in version["resources"]?.arrayValue ?? [] {
                    if let found = aggregated(resource, in: groupVersion) { result.resources.append(found) }
                }
            }
        }
    }

    private func aggregated(_ json: JSON, in groupVersion: GroupVersion) -> DiscoveredResource? {
        guard let plural = json["resource"]?.stringValue, let kind = json["responseKind"]?["kind"]?.stringValue else {
            return nil
        }
        var subresources: [String: Set<String>] = [:]
        for item in json["subresources"]?.arrayValue ?? [] {
            if let name = item["subresource"]?.stringValue { subresources[name] = Set(strings(item["verbs"])) }
        }
        return DiscoveredResource(
            resource: APIResource(
                group: groupVersion.group, version: groupVersion.version, plural: plural, kind: kind,
                isNamespaced: json["scope"]?.stringValue == "Namespaced"),
            verbs: Set(strings(json["verbs"])), shortNames: strings(json["shortNames"]),
            categories: strings(json["categories"]), singular: json["singularResource"]?.stringValue ?? "",
            subresources: subresources)
    }

    private func readLegacy(_ json: JSON, root: String, into result: inout DiscoveryResult) async throws {
        for groupVersion in groupVersions(json) {
            do {
                let list = try await client.request(.get, root + "/" + groupVersion.description)
                result.resources += legacy(list, in: groupVersion)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                result.failures[groupVersion] = (error as? APIStatus)?.message ?? "\(error)"
            }
        }
    }

    /// Of an `APIVersions` or an `APIGroupList`, in each group the preferred version first.
    private func groupVersions(_ json: JSON) -> [GroupVersion] {
        if let versions = json["versions"] { return strings(versions).compactMap { GroupVersion(apiVersion: $0) } }
        return (json["groups"]?.arrayValue ?? []).flatMap { group -> [GroupVersion] in
            let preferred = group["preferredVersion"]?["groupVersion"]?.stringValue
            let all = (group["versions"]?.arrayValue ?? []).compactMap { $0["groupVersion"]?.stringValue }
            return (all.filter { $0 == preferred } + all.filter { $0 != preferred })
                .compactMap { GroupVersion(apiVersion: $0) }
        }
    }

    private func legacy(_ json: JSON, in groupVersion: GroupVersion) -> [DiscoveredResource] {
        var resources: [DiscoveredResource] = []
        var positions: [String: Int] = [:]
        var subresources: [(parent: String, name: String, verbs: Set<String>)] = []
        for item in json["resources"]?.arrayValue ?? [] {
            guard let name = item["name"]?.stringValue, let kind = item["kind"]?.stringValue else { continue }
            let verbs = Set(strings(item["verbs"]))
            if let slash = name.firstIndex(of: "/") {
                subresources.append((String(name[..<slash]), String(name[name.index(after: slash)...]), verbs))
                continue
            }
            positions[name] = resources.count
            resources.append(
                DiscoveredResource(
                    resource: APIResource(
                        group: groupVersion.group, version: groupVersion.version, plural: name, kind: kind,
                        isNamespaced: item["namespaced"]?.boolValue ?? false),
                    verbs: verbs, shortNames: strings(item["shortNames"]), categories: strings(item["categories"]),
                    singular: item["singularName"]?.stringValue ?? "", subresources: [:]))
        }
        for subresource in subresources {
            if let position = positions[subresource.parent] {
                resources[position].subresources[subresource.name] = subresource.verbs
            }
        }
        return resources
    }

    private func strings(_ json: JSON?) -> [String] { json?.arrayValue?.compactMap(\.stringValue) ?? [] }
}
