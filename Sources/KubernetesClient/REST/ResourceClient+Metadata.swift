extension ResourceClient {
    /// The same resource, of whose objects only the metadata is asked for.
    ///
    /// Their `kind` is then `PartialObjectMetadata`. A server that does not know that form sends whole objects.
    public var metadataOnly: ResourceClient {
        var client = self
        client.isMetadataOnly = true
        return client
    }

    var acceptedObject: String { accepted("PartialObjectMetadata") }
    var acceptedList: String { accepted("PartialObjectMetadataList") }

    private func accepted(_ kind: String) -> String {
        isMetadataOnly ? "application/json;as=\(kind);g=meta.k8s.io;v=v1,application/json" : "application/json"
    }
}
