public import APIMachinery
import Synchronization

/// An object as it was written at one revision. Its bytes never change.
public final class StoredObject: Sendable {
    public let key: ObjectKey
    public let revision: Revision
    /// The object's JSON in its storage version, with its `resourceVersion`.
    public let bytes: [UInt8]
    private let cachedAttributes: Mutex<SelectableAttributes?>

    package init(key: ObjectKey, revision: Revision, bytes: [UInt8], attributes: SelectableAttributes?) {
        self.key = key
        self.revision = revision
        self.bytes = bytes
        cachedAttributes = Mutex(attributes)
    }

    /// The labels and fields to select by: those given with the write, or, for an object that was read from disk,
    /// what `extract` takes from the bytes, kept for the next time.
    public func attributes(extractedBy extract: (StoredObject) -> SelectableAttributes) -> SelectableAttributes {
        if let known = cachedAttributes.withLock({ $0 }) { return known }
        let extracted = extract(self)
        cachedAttributes.withLock { $0 = extracted }
        return extracted
    }
}
