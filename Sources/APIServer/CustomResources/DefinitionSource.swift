import APIMachinery
import JSON
import Storage
import Synchronization

/// A stored `CustomResourceDefinition`, read again when something of its schemas is first needed: until then its bytes
/// are all that is held, and those are the store's own.
final class DefinitionSource: Sendable {
    private let stored: Mutex<StoredObject>

    init(_ object: StoredObject) { stored = Mutex(object) }

    /// The newest revision that says the same of what is served, so that no older one is held.
    var object: StoredObject {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }

    /// Empty where the store holds no JSON, which it never does.
    var document: JSON { (try? JSON(parsing: object.bytes)) ?? [:] }
}

/// What of a definition decides how its objects are stored, and by which fields they can be found.
struct StoredForm: Equatable {
    private let version: JSON?
    private let schema: JSON?
    private let selectableFields: JSON?

    init(of definition: JSON) {
        let version = definition["spec"]?["versions"]?.arrayValue?.first { $0["storage"] == true }
        self.version = version?["name"]
        schema = version?["schema"]
        selectableFields = version?["selectableFields"]
    }
}
