import APIMachinery
import JSON

/// Strategic merge patches, whose rules are in the schemas of the built-in kinds.
enum StrategicPatching {
    static func apply(_ patch: JSON, to document: JSON, _ schema: Schema) throws(APIStatus) -> JSON {
        throw APIStatus(code: 501, reason: .unknown, message: "strategic merge patches are not built yet")
    }
}
