import APIMachinery
import JSON

/// Defaults of the smaller kinds of the core group.
enum CoreDefaults {
    /// The label that holds a namespace's name, for namespace selectors.
    static let namespaceNameLabel = "kubernetes.io/metadata.name"

    static func namespace(_ object: inout JSONObject) {
        labelNamespace(&object)
        object.editCreating("status") { $0.setDefaultIfBlank("phase", "Active") }
    }

    static func labelNamespace(_ object: inout JSONObject) {
        object.edit("metadata") { metadata in
            guard let name = metadata["name"], name != "" else { return }
            metadata.editCreating("labels") { $0[namespaceNameLabel] = name }
        }
    }

    static func secret(_ object: inout JSONObject) {
        object.setDefaultIfBlank("type", "Opaque")
        // Texts that are written as such are kept as bytes.
        guard let texts = object.object("stringData") else { return }
        object["stringData"] = nil
        if texts.isEmpty { return }
        object.editCreating("data") { data in
            for text in texts { data[text.key] = .string(Base64.encoded(Array((text.value.stringValue ?? "").utf8))) }
        }
    }

    static func endpoints(_ object: inout JSONObject) {
        object.editItems(of: "subsets") { subset in
            subset.editItems(of: "ports") { $0.setDefaultIfBlank("protocol", "TCP") }
        }
    }

    static func node(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            // `podCIDR` is the first of `podCIDRs`.
            if spec.items("podCIDRs").isEmpty, !spec.isBlank("podCIDR") {
                spec["podCIDRs"] = .array([spec["podCIDR"] ?? ""])
            } else if let first = spec.items("podCIDRs").first, spec.isBlank("podCIDR") {
                spec["podCIDR"] = first
            }
        }
        object.edit("status") { status in
            guard (status.object("allocatable") ?? [:]).isEmpty else { return }
            status.take("allocatable", from: status.has("capacity") ? ["allocatable": status["capacity"] ?? [:]] : [:])
        }
    }

    static func limitRange(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            spec.editItems(of: "limits") { limit in
                guard limit.string("type") == "Container" else { return }
                fill("default", from: "max", in: &limit)
                fill("defaultRequest", from: "default", in: &limit)
                fill("defaultRequest", from: "min", in: &limit)
            }
        }
    }

    /// Adds the entries of one map that another one lacks.
    private static func fill(_ key: String, from source: String, in limit: inout JSONObject) {
        guard let values = limit.object(source), !values.isEmpty else { return }
        limit.editCreating(key) { target in
            for value in values { target.setDefault(value.key, value.value) }
        }
    }
}
