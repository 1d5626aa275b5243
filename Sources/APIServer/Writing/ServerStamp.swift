import APIMachinery
import JSON

/// What kinds take from the request and the clock, which their strategies, being pure, do not know.
struct ServerStamp {
    let user: UserInfo
    let time: KubernetesTime

    private static let pod = GroupKind(group: "", kind: "Pod")
    private static let volume = GroupKind(group: "", kind: "PersistentVolume")
    private static let signingRequest = GroupKind(group: "certificates.k8s.io", kind: "CertificateSigningRequest")

    /// Called after the kind has prepared a new object.
    func stampNew(_ object: inout JSON, of kind: GroupKind) {
        switch kind {
        case Self.pod: setTimes(["lastTransitionTime"], ofConditionsOf: &object)
        case Self.signingRequest: setRequester(of: &object)
        case Self.volume: setPhaseTime(of: &object, before: nil)
        default: return
        }
    }

    /// Called after the kind has prepared an update, of the object or a subresource.
    func stampUpdate(_ object: inout JSON, of kind: GroupKind, replacing old: JSON) {
        switch kind {
        case Self.signingRequest:
            keepTransitionTimes(ofConditionsOf: &object, from: old)
            setTimes(["lastUpdateTime", "lastTransitionTime"], ofConditionsOf: &object)
        case Self.volume: setPhaseTime(of: &object, before: old)
        default: return
        }
    }

    /// When a volume came into its phase, unless the writer says so.
    private func setPhaseTime(of object: inout JSON, before old: JSON?) {
        let (status, stored) = (object["status"], old?["status"])
        guard old == nil || status?["phase"] != stored?["phase"] else { return }
        let given = status?["lastPhaseTransitionTime"]
        guard given?.isNull ?? true || given == stored?["lastPhaseTransitionTime"] else { return }
        object.edit { $0.editCreating("status") { $0["lastPhaseTransitionTime"] = .string(time.description) } }
    }

    /// A condition that leaves its last transition out had it when it came to its status.
    private func keepTransitionTimes(ofConditionsOf object: inout JSON, from old: JSON) {
        guard var status = object["status"], var conditions = status["conditions"]?.arrayValue else { return }
        let before = old["status"]?["conditions"]?.arrayValue ?? []
        for index in conditions.indices where conditions[index]["lastTransitionTime"]?.isNull ?? true {
            let condition = conditions[index]
            let same = before.first { $0["type"] == condition["type"] && $0["status"] == condition["status"] }
            if let time = same?["lastTransitionTime"] { conditions[index]["lastTransitionTime"] = time }
        }
        status["conditions"] = .array(conditions)
        object["status"] = status
    }

    /// A request for a certificate is its sender's, whatever it says.
    private func setRequester(of object: inout JSON) {
        var spec = object["spec"] ?? [:]
        for name in ["username", "uid", "groups", "extra"] { spec[name] = nil }
        if !user.name.isEmpty { spec["username"] = .string(user.name) }
        if !user.uid.isEmpty { spec["uid"] = .string(user.uid) }
        if !user.groups.isEmpty { spec["groups"] = .array(user.groups.map { .string($0) }) }
        if !user.extra.isEmpty { spec["extra"] = user.extraJSON }
        object["spec"] = spec
    }

    /// Fills in the times that conditions leave out.
    private func setTimes(_ names: [String], ofConditionsOf object: inout JSON) {
        guard var status = object["status"], var conditions = status["conditions"]?.arrayValue, !conditions.isEmpty
        else { return }
        let time = JSON.string(time.description)
        for index in conditions.indices {
            for name in names where conditions[index][name]?.isNull ?? true { conditions[index][name] = time }
        }
        status["conditions"] = .array(conditions)
        object["status"] = status
    }
}
