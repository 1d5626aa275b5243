import APIMachinery
import HTTPTransport
import JSON
import KubernetesAPI

/// Protobuf answers (API concepts, "Alternate representations of resources"): documents of the built-in kinds.
///
/// Tables and custom resources have no messages: 406.
enum ProtobufEncoding {
    /// A document in its envelope.
    /// - Throws: 406 where its kind has no message.
    static func envelope(_ document: JSON) throws(APIStatus) -> [UInt8] {
        let encoder = try encoder(of: document)
        do {
            return try encoder.envelope(document)
        } catch {
            throw failure(error)
        }
    }

    /// A list, whose items are made and written one after another.
    /// - Parameters:
    ///   - kind: of the list.
    ///   - item: the document of an item.
    static func list<Item>(
        of kind: GroupVersionKind, metadata: JSONObject, items: [Item], document: (Item) throws -> JSON
    ) throws -> ByteSegments {
        let numbers = try ListNumbers(kind)
        var segments: [[UInt8]] = []
        segments.reserveCapacity(items.count + 1)
        var byteCount = 0
        do {
            let head = try numbers.metadata.encoder.field(numbers.metadata.number, .object(metadata))
            segments.append(head)
            byteCount += head.count
            for item in items {
                let bytes = try numbers.items.encoder.field(numbers.items.number, try document(item))
                segments.append(bytes)
                byteCount += bytes.count
            }
        } catch let error as ProtobufError {
            throw failure(error)
        }
        var body = ByteSegments(
            ProtobufEnvelope.start(
                apiVersion: kind.groupVersion.description, kind: kind.kind, rawByteCount: byteCount))
        body.reserveCapacity(segments.count + 2)
        for segment in segments { body.append(segment) }
        body.append(ProtobufEnvelope.end)
        return body
    }

    /// Where a list's message has its parts, and their types.
    private struct ListNumbers {
        typealias Part = (number: Int, encoder: ProtobufEncoder)

        var metadata: Part
        var items: Part

        init(_ kind: GroupVersionKind) throws(APIStatus) {
            guard let list = ProtobufEncoding.schema(of: kind), let metadata = list.field("metadata"),
                let items = list.field("items"), let item = items.schema.items,
                let metadataNumber = metadata.details.wire?.number, let itemsNumber = items.details.wire?.number,
                // Fields go in the order of their numbers.
                metadataNumber < itemsNumber
            else { throw ProtobufEncoding.notMarshalable(kind) }
            self.metadata = (metadataNumber, ProtobufEncoder(metadata.schema))
            self.items = (itemsNumber, ProtobufEncoder(item))
        }
    }

    /// Whether objects of a resource can be written as they are.
    static func isAvailable(for resource: ServedResource) -> Bool {
        !resource.definition.isCustom && ProtobufEncoder(resource.version.schema).isAvailable
    }

    // MARK: Types

    private static func encoder(of document: JSON) throws(APIStatus) -> ProtobufEncoder {
        // `APIVersions` and the core group's `APIResourceList` do not say that they are v1.
        let apiVersion = document["apiVersion"]?.stringValue ?? "v1"
        let groupVersion = GroupVersion(apiVersion: apiVersion) ?? GroupVersion(group: "", version: apiVersion)
        let kind = GroupVersionKind(
            group: groupVersion.group, version: groupVersion.version, kind: document["kind"]?.stringValue ?? "")
        guard let schema = schema(of: kind) else { throw notMarshalable(kind) }
        let encoder = ProtobufEncoder(schema)
        guard encoder.isAvailable else { throw notMarshalable(kind) }
        return encoder
    }

    private static func schema(of kind: GroupVersionKind) -> Schema? {
        if let schema = TypeLibrary.builtIn.schema(of: kind) { return schema }
        // The older version of the metadata kinds has the same messages.
        guard kind.group == "meta.k8s.io", kind.version == "v1beta1" else { return nil }
        return TypeLibrary.builtIn.schema(of: GroupVersionKind(group: kind.group, version: "v1", kind: kind.kind))
    }

    // MARK: Refusals

    /// An object without a message.
    static func notMarshalable(_ kind: GroupVersionKind) -> APIStatus {
        let isKnown = TypeLibrary.builtIn.schema(of: kind) != nil
        let goType = isKnown ? "*\(kind.version).\(kind.kind)" : "*unstructured.Unstructured"
        return APIStatus(
            code: 406, reason: .notAcceptable,
            message:
                "object \(goType) does not implement the protobuf marshalling interface and cannot be encoded to a "
                + "protobuf message")
    }

    private static func failure(_ error: ProtobufError) -> APIStatus {
        .internalError("an object could not be written as protobuf: \(error.message)")
    }
}
