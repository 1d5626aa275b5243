import APIMachinery
import JSON

/// How well a pod keeps its node's resources under pressure, by what its containers request and limit.
enum PodQualityOfService: String {
    case guaranteed = "Guaranteed"
    case burstable = "Burstable"
    case bestEffort = "BestEffort"

    private static let resources = ["cpu", "memory"]

    /// Guaranteed: every container limits CPU and memory and requests as much. Best effort: none asks for any.
    static func of(_ spec: JSONObject) -> PodQualityOfService {
        if let own = spec.object("resources"), !own.isEmpty { return of([own]) }
        let containers = spec.items("containers") + spec.items("initContainers")
        return of(containers.map { $0["resources"]?.objectValue ?? [:] })
    }

    private static func of(_ list: [JSONObject]) -> PodQualityOfService {
        var asksForAny = false
        var isGuaranteed = true
        for requirements in list {
            let (requests, limits) = (amounts(requirements.object("requests")), amounts(requirements.object("limits")))
            if !requests.isEmpty || !limits.isEmpty { asksForAny = true }
            if limits.count < resources.count || requests != limits { isGuaranteed = false }
        }
        if !asksForAny { return .bestEffort }
        return isGuaranteed ? .guaranteed : .burstable
    }

    /// The amounts of CPU and memory that are not zero.
    private static func amounts(_ list: JSONObject?) -> [String: JSON] {
        var amounts: [String: JSON] = [:]
        for name in resources {
            guard let amount = list?[name], amount != "0", amount != 0 else { continue }
            amounts[name] = amount
        }
        return amounts
    }
}
