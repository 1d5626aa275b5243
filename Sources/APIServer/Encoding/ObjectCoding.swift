import APIMachinery
import JSON
import Storage

// Between documents and what the store holds.
extension ServedResource {
    /// The document of a stored object, in its storage version.
    func decode(_ object: StoredObject) throws(APIStatus) -> JSON {
        do {
            return try JSON(parsing: object.bytes)
        } catch {
            throw .internalError("object \(object.key.path) cannot be read from the store: \(error.message)")
        }
    }

    /// The bytes to store, with the place of the revision, and the attributes that selectors test.
    ///
    /// The document is in the storage version and canonical. Any `metadata.resourceVersion` in it is left out: the
    /// store puts the write's revision behind the uid, where Kubernetes' own order has it.
    func encode(_ document: JSON) -> EncodedValue {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1024)
        var revisionOffset = 0
        bytes.append(contentsOf: storageTypeMetaPrefix)
        if let object = document.objectValue {
            for member in object.members where member.key != "kind" && member.key != "apiVersion" {
                bytes.appendKey(member.key)
                if member.key == "metadata" {
                    revisionOffset = bytes.appendMetadata(member.value)
                } else {
                    member.value.write(into: &bytes)
                }
                bytes.append(UInt8(ascii: ","))
            }
        }
        bytes[bytes.count - 1] = UInt8(ascii: "}")
        return EncodedValue(bytes: bytes, revisionOffset: revisionOffset, attributes: attributes(of: document))
    }

    /// What selectors can test of a document in the storage version.
    func attributes(of document: JSON) -> SelectableAttributes {
        let metadata = document["metadata"]
        var labels: [String: String] = [:]
        if case .object(let members)? = metadata?["labels"] {
            labels.reserveCapacity(members.count)
            for member in members.members { labels[member.key] = member.value.stringValue ?? "" }
        }
        var fields = strategy.selectableFields(of: document)
        fields["metadata.name"] = metadata?["name"]?.stringValue ?? ""
        fields["metadata.namespace"] = metadata?["namespace"]?.stringValue ?? ""
        return SelectableAttributes(labels: labels, fields: fields)
    }

    /// What selectors can test of a stored object.
    func attributes(of object: StoredObject) -> SelectableAttributes {
        object.attributes { stored in
            guard let document = try? JSON(parsing: stored.bytes) else { return SelectableAttributes() }
            return attributes(of: document)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendKey(_ key: String) {
        JSON.write(string: key, into: &self)
        append(UInt8(ascii: ":"))
    }

    /// Appends `metadata` with an empty `resourceVersion` behind the uid.
    /// - Returns: where in the array the revision goes.
    fileprivate mutating func appendMetadata(_ metadata: JSON) -> Int {
        var revisionOffset: Int?
        append(UInt8(ascii: "{"))
        for member in metadata.objectValue?.members ?? [] where member.key != "resourceVersion" {
            appendKey(member.key)
            member.value.write(into: &self)
            append(UInt8(ascii: ","))
            if member.key == "uid" { revisionOffset = appendEmptyRevision() }
        }
        let offset = revisionOffset ?? appendEmptyRevision()
        self[count - 1] = UInt8(ascii: "}")
        return offset
    }

    private mutating func appendEmptyRevision() -> Int {
        append(contentsOf: "\"resourceVersion\":\"\",".utf8)
        return count - 2
    }
}
