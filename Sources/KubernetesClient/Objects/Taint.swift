package import JSON

/// A mark on a node that keeps pods away which do not tolerate it.
package struct Taint: Sendable, Hashable {
    package var key: String
    package var value: String
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    package var effect: String

    package init(key: String, value: String = "", effect: String) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    package init(_ json: JSON) {
        self.init(
            key: json["key"]?.stringValue ?? "", value: json["value"]?.stringValue ?? "",
            effect: json["effect"]?.stringValue ?? "")
    }
}

/// What a pod says of the taints that it bears.
package struct Toleration: Sendable, Hashable {
    package var key: String
    /// `Equal` (also where it is left out), `Exists`, `Lt` or `Gt`.
    package var `operator`: String
    package var value: String
    /// Empty for every effect.
    package var effect: String

    package init(_ json: JSON) {
        key = json["key"]?.stringValue ?? ""
        `operator` = json["operator"]?.stringValue ?? ""
        value = json["value"]?.stringValue ?? ""
        effect = json["effect"]?.stringValue ?? ""
    }

    /// An empty key with `Exists` tolerates everything.
    package func tolerates(_ taint: Taint) -> Bool {
        guard effect.isEmpty || effect == taint.effect, key.isEmpty || key == taint.key else { return false }
        switch `operator` {
        case "", "Equal": return value == taint.value
        case "Exists": return true
        default: return false
        }
    }
}
