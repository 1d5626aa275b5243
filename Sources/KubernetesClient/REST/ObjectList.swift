import APIMachinery
import JSON

/// A page of a collection.
public struct ObjectList: Sendable {
    /// The objects, each with the `apiVersion` and `kind` that lists leave out.
    public var items: [KubernetesObject]
    /// The state that the list shows: where a watch may begin.
    public var resourceVersion: String
    /// Leads to the next page; empty on the last.
    public var continueToken: String
    public var remainingItemCount: Int64?

    public init(
        items: [KubernetesObject], resourceVersion: String, continueToken: String = "", remainingItemCount: Int64? = nil
    ) {
        self.items = items
        self.resourceVersion = resourceVersion
        self.continueToken = continueToken
        self.remainingItemCount = remainingItemCount
    }

    /// Reads a list as the API sends it.
    /// - Throws: `TransportError` where the document is none.
    init(_ json: JSON, of resource: APIResource) throws {
        guard let metadata = json["metadata"], let items = json["items"], items.isNull || items.arrayValue != nil else {
            throw TransportError(.invalidAnswer, "the server answered a list of \(resource) with something else")
        }
        let apiVersion = JSON.string(resource.groupVersion.description)
        let kind = JSON.string(resource.kind)
        self.init(
            items: (items.arrayValue ?? []).map { item in
                guard case .object(let members) = item, members["kind"] == nil else { return KubernetesObject(item) }
                var object = JSONObject(minimumCapacity: members.count + 2)
                object["kind"] = kind
                object["apiVersion"] = apiVersion
                for member in members where member.key != "apiVersion" {
                    object.append(uniqueKey: member.key, member.value)
                }
                return KubernetesObject(.object(object))
            },
            resourceVersion: metadata["resourceVersion"]?.stringValue ?? "",
            continueToken: metadata["continue"]?.stringValue ?? "",
            remainingItemCount: metadata["remainingItemCount"]?.intValue)
    }
}
