import APIMachinery
import HTTPTransport
import JSON
import Storage

/// Writes stored objects in the version and form that a client asked for.
///
/// An object in its storage version goes out as the bytes that were stored; every other form is made from its document.
struct Representation: Sendable {
    let resource: ServedResource
    let form: OutputForm
    /// Seconds of the epoch, for the ages in tables.
    let now: Int64
    /// The subresource whose own kind the documents are of, as a `Scale`.
    var subresource: Subresource?

    /// Whether stored bytes are sent as they are, but for those of an older form.
    var isVerbatim: Bool {
        form.transform == .none && form.mediaType == .json && !form.isPretty && resource.isStorageVersion
    }

    /// What stands for an object where stored bytes are sent.
    private func verbatimBytes(of object: StoredObject) -> [UInt8] {
        // What cannot be read cannot be brought into another form either.
        resource.isCurrent(object) ? object.bytes : (try? document(of: object).encoded) ?? object.bytes
    }

    // MARK: One object

    /// The body of an answer with one object.
    func body(of object: StoredObject) throws -> ByteSegments {
        if isVerbatim {
            var body = ByteSegments(verbatimBytes(of: object))
            body.append(Self.newline)
            return body
        }
        return try encode(try transformed(.stored(object)))
    }

    /// The body of an answer with a document of this resource that is not stored. It is in the version that is served.
    func body(of document: JSON) throws -> ByteSegments { try encode(try transformed(.document(document))) }

    /// One object for a watch event: JSON without a line's end, or protobuf in its envelope.
    func eventObject(_ object: StoredObject, isFirst: Bool) throws -> ByteSegments {
        if isVerbatim { return ByteSegments(verbatimBytes(of: object)) }
        return try eventObject(try transformed(.stored(object), showsHeaders: isFirst))
    }

    /// A document for a watch event, in the form that is sent.
    func eventObject(_ document: JSON) throws -> ByteSegments {
        if form.mediaType == .protobuf { return ByteSegments(try ProtobufEncoding.envelope(document)) }
        return ByteSegments(document.encoded)
    }

    /// The document in the version that is served.
    func document(of object: StoredObject) throws -> JSON {
        try resource.servedDocument(try resource.decode(object))
    }

    /// What an answer is made of.
    enum Subject {
        case stored(StoredObject)
        /// A document in the version that is served.
        case document(JSON)
    }

    func transformed(_ subject: Subject, showsHeaders: Bool = true) throws -> JSON {
        switch form.transform {
        case .none, .partialMetadataListOfWatch: return try served(subject)
        case .partialMetadata(let version): return Self.partialMetadata(try source(of: subject), version: version)
        case .table(let version, let includeObject):
            let source = try source(of: subject)
            return try table(
                of: [(source, subject)], version: version, includeObject: includeObject,
                listMetadata: ["resourceVersion": source["metadata"]?["resourceVersion"] ?? ""],
                showsHeaders: showsHeaders)
        }
    }

    // MARK: A list

    /// The body of a list answer.
    func list(_ objects: [StoredObject], metadata: ListMetadata) throws -> ByteSegments {
        if isVerbatim { return verbatimList(objects, metadata: metadata) }
        if form.mediaType == .protobuf { return try protobufList(objects, metadata: metadata) }
        switch form.transform {
        case .none, .partialMetadataListOfWatch:
            let items = try objects.map { object in
                var document = try self.document(of: object)
                if !resource.definition.isCustom {
                    document["kind"] = nil
                    document["apiVersion"] = nil
                }
                return document
            }
            return try encode([
                "kind": .string(resource.definition.names.listKind),
                "apiVersion": .string(resource.groupVersion.description), "metadata": .object(json(of: metadata)),
                "items": .array(items),
            ])
        case .partialMetadata(let version):
            let items = try objects.map { Self.partialMetadata(try source(of: .stored($0)), version: version) }
            return try encode([
                "kind": "PartialObjectMetadataList", "apiVersion": .string("meta.k8s.io/" + version),
                "metadata": .object(metadata.json), "items": .array(items),
            ])
        case .table(let version, let includeObject):
            return try encode(
                table(
                    of: try objects.map { (try source(of: .stored($0)), .stored($0)) }, version: version,
                    includeObject: includeObject,
                    listMetadata: metadata.json, showsHeaders: true))
        }
    }

    private func protobufList(_ objects: [StoredObject], metadata: ListMetadata) throws -> ByteSegments {
        var kind = resource.kind
        kind.kind = resource.definition.names.listKind
        switch form.transform {
        case .none, .partialMetadataListOfWatch:
            guard ProtobufEncoding.isAvailable(for: resource) else {
                throw ProtobufEncoding.notMarshalable(kind)
            }
            return try ProtobufEncoding.list(of: kind, metadata: metadata.json, items: objects, document: document)
        case .partialMetadata(let version):
            kind = GroupVersionKind(group: "meta.k8s.io", version: version, kind: "PartialObjectMetadataList")
            return try ProtobufEncoding.list(of: kind, metadata: metadata.json, items: objects) { object in
                Self.partialMetadata(try source(of: .stored(object)), version: version)
            }
        case .table: throw Negotiation.onlyAccepted()
        }
    }

    /// `metadata` of a list of objects. A custom one always says how it goes on.
    private func json(of metadata: ListMetadata) -> JSONObject {
        var json = metadata.json
        if resource.definition.isCustom, json["continue"] == nil { json["continue"] = "" }
        return json
    }

    private static let newline: [UInt8] = [UInt8(ascii: "\n")]
    private static let comma: [UInt8] = [UInt8(ascii: ",")]
    private static let openBrace: [UInt8] = [UInt8(ascii: "{")]
    private static let commaOpenBrace = Array(",{".utf8)
    private static let listEnd = Array("]}\n".utf8)

    /// The beginning of a list in JSON, up to its items.
    private func listHead(_ metadata: ListMetadata) -> [UInt8] {
        var head = Array("{\"kind\":\"\(resource.definition.names.listKind)\",\"apiVersion\":\"".utf8)
        head.append(contentsOf: "\(resource.groupVersion)\",\"metadata\":".utf8)
        JSON.object(json(of: metadata)).write(into: &head)
        head.append(contentsOf: ",\"items\":[".utf8)
        return head
    }

    /// The body of a list of all objects whose path begins so, copied together: to take hold of each object's bytes apart
    /// would cost more, where several reactors list the same objects.
    func wholeList(of snapshot: Snapshot, prefix: String) -> ByteSegments {
        var body = ByteSegments()
        var chunk = listHead(ListMetadata(revision: snapshot.revision))
        chunk.reserveCapacity(Self.chunkByteCount)
        let skipped = resource.definition.isCustom ? 0 : resource.typeMetaPrefix.count
        var isFirst = true
        snapshot.forEach(in: resource.key, prefix: prefix) { object in
            verbatimBytes(of: object).withUnsafeBufferPointer { bytes in
                if chunk.count + bytes.count > Self.chunkByteCount {
                    body.append(chunk)
                    chunk = []
                    chunk.reserveCapacity(max(Self.chunkByteCount, bytes.count + 2))
                }
                if !isFirst { chunk.append(UInt8(ascii: ",")) }
                isFirst = false
                if skipped > 0 { chunk.append(UInt8(ascii: "{")) }
                chunk.append(contentsOf: UnsafeBufferPointer(rebasing: bytes.dropFirst(skipped)))
            }
            return true
        }
        chunk.append(contentsOf: Self.listEnd)
        body.append(chunk)
        return body
    }

    /// The size of a list's parts: small enough for the allocator to keep and give again.
    private static let chunkByteCount = 64 * 1024

    /// Joins the stored bytes. The items of a built-in list go without `kind` and `apiVersion`, as Kubernetes sends them.
    private func verbatimList(_ objects: [StoredObject], metadata: ListMetadata) -> ByteSegments {
        var body = ByteSegments(listHead(metadata))
        body.reserveCapacity(objects.count * 2 + 2)
        let skipped = resource.definition.isCustom ? 0 : resource.typeMetaPrefix.count
        var separator = skipped == 0 ? [] : Self.openBrace
        let nextSeparator = skipped == 0 ? Self.comma : Self.commaOpenBrace
        for object in objects {
            body.append(separator)
            body.append(verbatimBytes(of: object).dropFirst(skipped))
            separator = nextSeparator
        }
        body.append(Self.listEnd)
        return body
    }

    // MARK: Forms

    /// What tables and bare metadata are made of: a built-in kind as it is stored, whatever version is asked for, a
    /// custom resource in the version that is asked for.
    private func source(of subject: Subject) throws -> JSON {
        if resource.definition.isCustom || subresource != nil { return try served(subject) }
        return switch subject {
        case .stored(let object): try resource.decode(object)
        case .document(let document): try resource.storageDocument(document)
        }
    }

    private func served(_ subject: Subject) throws -> JSON {
        switch subject {
        case .stored(let object): try document(of: object)
        case .document(let document): document
        }
    }

    private static func partialMetadata(_ document: JSON, version: String) -> JSON {
        [
            "kind": "PartialObjectMetadata", "apiVersion": .string("meta.k8s.io/" + version),
            "metadata": document["metadata"] ?? [:],
        ]
    }

    private func table(
        of subjects: [(source: JSON, subject: Subject)], version: String, includeObject: OutputForm.IncludeObject,
        listMetadata: JSONObject,
        showsHeaders: Bool
    ) throws -> JSON {
        let columns = subresource?.columns ?? resource.version.columns
        var table: JSONObject = [
            "kind": "Table", "apiVersion": .string("meta.k8s.io/" + version), "metadata": .object(listMetadata),
        ]
        table["columnDefinitions"] = showsHeaders ? .array(columns.map(\.json)) : .null
        table["rows"] = .array(
            try subjects.map { source, subject in
                var cells = columns.map { $0.cell(source, now) }
                var row: JSONObject = [:]
                if subresource == nil {
                    cells += resource.version.extraCells?(source, now) ?? []
                    let conditions = resource.version.rowConditions?(source) ?? []
                    if !conditions.isEmpty { row["conditions"] = .array(conditions) }
                }
                row["cells"] = .array(cells)
                row["object"] =
                    switch includeObject {
                    case .none: .null
                    case .metadata: Self.partialMetadata(source, version: version)
                    case .object: try served(subject)
                    }
                return .object(row)
            })
        return .object(table)
    }

    private func encode(_ document: JSON) throws -> ByteSegments {
        try DocumentEncoding.encode(document, as: form)
    }
}

/// `metadata` of a list.
struct ListMetadata: Sendable {
    var revision: Revision
    var continuation: String?
    var remainingItemCount: Int?

    var json: JSONObject {
        var object: JSONObject = ["resourceVersion": .string(revision.description)]
        if let continuation { object["continue"] = .string(continuation) }
        if let remainingItemCount { object["remainingItemCount"] = .int(Int64(remainingItemCount)) }
        return object
    }
}

extension TableColumn {
    /// `metav1.TableColumnDefinition`.
    var json: JSON {
        [
            "name": .string(name), "type": .string(type), "format": .string(format),
            "description": .string(description), "priority": .int(Int64(priority)),
        ]
    }
}

extension ServedResource {
    private var storageAPIVersion: String { definition.storageGroupVersion.description }

    /// Turns a document of the storage version into this one.
    func servedDocument(_ document: JSON) throws -> JSON {
        if isStorageVersion { return document }
        return try definition.convert(document, from: storageAPIVersion, to: groupVersion.description)
    }

    /// Turns a document of this version into the storage version.
    func storageDocument(_ document: consuming JSON) throws -> JSON {
        if isStorageVersion { return document }
        return try definition.convert(document, from: groupVersion.description, to: storageAPIVersion)
    }
}
