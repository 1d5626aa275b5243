import APIMachinery
import JSON
import Storage
import Synchronization

/// Objects that were last written before the schema of their resource was what it is now, by their revisions: each is
/// looked at once, and goes out as it was stored where the new schema changes nothing about it.
///
/// Belongs to one state of a definition. It holds an entry an object that was read, at most as many as there were when
/// the schema changed.
final class OlderObjects: Sendable {
    struct Finding: Sendable {
        /// Whether the object is stored as it would be today.
        var isCurrent: Bool
        /// By today's rules.
        var attributes: SelectableAttributes
    }

    private let findings = Mutex<[Revision: Finding]>([:])

    func finding(of revision: Revision, _ make: () -> Finding) -> Finding {
        if let known = findings.withLock({ $0[revision] }) { return known }
        let finding = make()
        findings.withLock { $0[revision] = finding }
        return finding
    }
}

extension ServedResource {
    /// Whether the stored bytes of an object are as they would be stored today.
    func isCurrent(_ object: StoredObject) -> Bool { finding(of: object)?.isCurrent ?? true }

    /// `nil` for an object that no older schema had a hand in.
    func finding(of object: StoredObject) -> OlderObjects.Finding? {
        guard let olderObjects, object.revision < definition.schemaRevision else { return nil }
        return olderObjects.finding(of: object.revision) {
            // What cannot be read is no better for being looked at again.
            guard let stored = try? JSON(parsing: object.bytes) else {
                return .init(isCurrent: true, attributes: SelectableAttributes())
            }
            var document = stored
            bringUpToDate(&document)
            return .init(isCurrent: document == stored, attributes: attributes(of: document))
        }
    }
}
