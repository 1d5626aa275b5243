import APIMachinery
import JSON
import Storage

// Between documents and what the store holds.
extension ServedResource {
    /// The document of a stored object, in its storage version.
    func decode(_ object: StoredObject) throws(APIStatus) -> JSON {
        var document: JSON
        do {
            document = try JSON(parsing: object.bytes)
        } catch {
            throw .internalError("object \(object.key.path) cannot be read from the store: \(error.message)")
        }
        if !isCurrent(object) { bringUpToDate(&document) }
        return document
    }

    /// Brings an object that was stored under an older schema, maybe in another version, into today's form.
    func bringUpToDate(_ document: inout JSON) {
        document["apiVersion"] = .string(definition.storageGroupVersion.description)
        do {
            try complete(&document)
        } catch {
            // Metadata that its type does not fit stays as it is: the object can still be read and mended.
        }
    }

    /// Brings a document into the form in which it is stored, with the defaults of the version that is stored: an object
    /// that came in another version has only those of that one.
    func complete(_ document: inout JSON) throws(SchemaDecodingError) {
        _ = try definition.storageSchema.canonicalize(&document)
        if case .structural(let schema) = definition.storageSchema.form { schema.applyDefaults(to: &document) }
    }

    /// The bytes to store, with the place of the revision, and the attributes that selectors test.
    ///
    /// The document is in the storage version and canonical. Any `metadata.resourceVersion` in it is left out: the
    /// store puts the write's revision behind the uid, where Kubernetes' own order has it.
    func encode(_ document: JSON) -> EncodedValue {
        var writer = JSONWriter()
        var revisionOffset = 0
        writer.write(encoded: storageTypeMetaPrefix)
        if case .object(let object) = document {
            for member in object.members where member.key != "kind" && member.key != "apiVersion" {
                writer.write(key: member.key)
                if member.key == "metadata" {
                    revisionOffset = writer.writeMetadata(member.value)
                } else {
                    writer.write(member.value)
                }
                writer.write(encoded: ",")
            }
        }
        writer.replaceLast(with: UInt8(ascii: "}"))
        return EncodedValue(bytes: writer.bytes, revisionOffset: revisionOffset, attributes: attributes(of: document))
    }

    /// What selectors can test of a document in the storage version.
    func attributes(of document: JSON) -> SelectableAttributes {
        var labels: [String: String] = [:]
        if case .object(let members)? = document["metadata"]?["labels"] {
            labels.reserveCapacity(members.count)
            for member in members.members { labels[member.key] = member.value.stringValue ?? "" }
        }
        return SelectableAttributes(labels: labels, fields: strategy.selectableFields(of: document))
    }

    /// What selectors can test of a stored object.
    ///
    /// Which fields of a custom object can be selected by is another thing in each version, and changes.
    func attributes(of object: StoredObject) -> SelectableAttributes {
        if let finding = finding(of: object) { return finding.attributes }
        return object.attributes { known in
            !definition.isCustom || version.selectableFields.allSatisfy { known.fields[$0] != nil }
        } extractedBy: { stored in
            guard let document = try? JSON(parsing: stored.bytes) else { return SelectableAttributes() }
            return attributes(of: document)
        }
    }
}

extension JSONWriter {
    /// Writes `metadata` with an empty `resourceVersion` behind the uid.
    /// - Returns: where in the text the revision goes.
    fileprivate mutating func writeMetadata(_ metadata: JSON) -> Int {
        var revisionOffset: Int?
        write(encoded: "{")
        for member in metadata.objectValue?.members ?? [] where member.key != "resourceVersion" {
            write(key: member.key)
            write(member.value)
            write(encoded: ",")
            if member.key == "uid" { revisionOffset = writeEmptyRevision() }
        }
        let offset = revisionOffset ?? writeEmptyRevision()
        replaceLast(with: UInt8(ascii: "}"))
        return offset
    }

    private mutating func writeEmptyRevision() -> Int {
        write(encoded: "\"resourceVersion\":\"\",")
        return count - 2
    }
}
