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
    /// - Parameter isEnough: whether what is known has all that is asked for now; else the rest is extracted too.
    public func attributes(
        isEnough: (SelectableAttributes) -> Bool = { _ in true },
        extractedBy extract: (StoredObject) -> SelectableAttributes
    ) -> SelectableAttributes {
        let known = cachedAttributes.withLock { $0 }
        if let known, isEnough(known) { return known }
        var extracted = extract(self)
        if let known { extracted.fields.merge(known.fields) { new, _ in new } }
        cachedAttributes.withLock { $0 = extracted }
        return extracted
    }
}
