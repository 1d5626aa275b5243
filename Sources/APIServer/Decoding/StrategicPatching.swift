import APIMachinery
import JSON

/// Strategic merge patches, whose rules are in the schemas of the built-in kinds.
enum StrategicPatching {
    static func apply(_ patch: JSON, to document: JSON, _ schema: Schema) throws(APIStatus) -> JSON {
        do {
            return try schema.applyStrategicMergePatch(patch, to: document)
        } catch {
            switch error.kind {
            case .badRequest: throw .badRequest(error.message)
            case .internal: throw .unclassified(error.message)
            case .unprocessable:
                throw APIStatus(
                    code: 422, reason: .invalid,
                    message: "the server rejected our request due to an error in our request", details: .init())
            }
        }
    }
}
