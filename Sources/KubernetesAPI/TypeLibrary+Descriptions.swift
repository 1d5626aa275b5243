import APIMachinery
import JSON

extension TypeLibrary {
    /// A sentence on what a type is; `nil` where nobody has written one.
    public func description(ofType name: String) -> String? {
        OpenAPIData.descriptions.line(where: "type", is: name).flatMap { OpenAPIData.parse($0)["text"]?.stringValue }
    }

    /// Sentences on a type's fields, by name: those written for the type, and for others of its fields what holds of
    /// fields so named in general.
    public func descriptions(ofFieldsOf type: String) -> [String: String] {
        var texts: [String: String] = [:]
        for source in ["*", type] {
            guard let line = OpenAPIData.descriptions.line(where: "type", is: source) else { continue }
            for member in OpenAPIData.parse(line)["fields"]?.objectValue ?? [:] {
                texts[member.key] = member.value.stringValue
            }
        }
        let declared = Set((schema(named: type)?.shape?.fields ?? []).map(\.name))
        return texts.filter { declared.contains($0.key) }
    }
}
