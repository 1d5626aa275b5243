import APIMachinery
import JSON

/// Events of the core group and of `events.k8s.io`: one object under two sets of names.
struct EventConverter: ResourceConverter {
    /// The name in the core group, and in `events.k8s.io`.
    private static let names: [(core: String, events: String)] = [
        ("involvedObject", "regarding"),
        ("message", "note"),
        ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"),
        ("lastTimestamp", "deprecatedLastTimestamp"),
        ("count", "deprecatedCount"),
        ("reportingComponent", "reportingController"),
    ]

    func storedFieldName(_ name: String) -> String {
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let names = Self.names.first(where: { $0.events == parts[0] }) else { return name }
        return ([names.core] + parts.dropFirst().map(String.init)).joined(separator: ".")
    }

    func convert(_ object: JSON, from source: String, to target: String) throws -> JSON {
        guard case .object(let object) = object else { return object }
        let isToCore = target == "v1"
        let type = isToCore ? "io.k8s.api.core.v1.Event" : "io.k8s.api.events.v1.Event"
        var result = JSONObject(minimumCapacity: object.count)
        for member in object {
            if member.key == "apiVersion" {
                result.append(uniqueKey: member.key, .string(target))
            } else if let names = Self.names.first(where: { (isToCore ? $0.events : $0.core) == member.key }) {
                result.append(uniqueKey: isToCore ? names.core : names.events, member.value)
            } else {
                result.append(uniqueKey: member.key, member.value)
            }
        }
        // Puts members into the order of the other type and adds those that only it always writes.
        var converted = JSON.object(result)
        _ = try TypeLibrary.builtIn.schema(named: type)?.canonicalize(&converted)
        return converted
    }
}
