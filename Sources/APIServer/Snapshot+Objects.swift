import JSON
import Storage

extension Snapshot {
    /// The objects of a small collection.
    func objects(in resource: ResourceKey, prefix: String = "") -> [StoredObject] {
        var objects: [StoredObject] = []
        forEach(in: resource, prefix: prefix) { object in
            objects.append(object)
            return true
        }
        return objects
    }

    /// The documents of a small collection.
    /// - Parameter mark: bytes without which nobody wants a document: it is not even read.
    func documents(in resource: ResourceKey, prefix: String = "", with mark: [UInt8] = []) throws -> [JSON] {
        let wanted = objects(in: resource, prefix: prefix).filter { mark.isEmpty || $0.bytes.contains(mark) }
        return try wanted.map { try JSON(parsing: $0.bytes) }
    }
}
