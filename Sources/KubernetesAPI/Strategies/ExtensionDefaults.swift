import APIMachinery
import JSON

/// Defaults of `apiextensions.k8s.io/v1` and `apiregistration.k8s.io/v1`.
enum ExtensionDefaults {
    static let servicePort: Int64 = 443

    static func customResourceDefinition(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            spec.edit("names") { names in
                let kind = names.string("kind") ?? ""
                names.setDefaultIfBlank("singular", .string(kind.lowercased()))
                names.setDefaultIfBlank("listKind", .string(kind.isEmpty ? "" : kind + "List"))
            }
            spec.setDefault("conversion", ["strategy": "None"])
            spec.edit("conversion") { conversion in
                conversion.edit("webhook") { webhook in
                    webhook.edit("clientConfig") { configuration in
                        configuration.edit("service") { $0.setDefault("port", .int(servicePort)) }
                    }
                }
            }
        }
        guard let version = storageVersion(of: object) else { return }
        object.editCreating("status") { status in
            if status.items("storedVersions").isEmpty { status["storedVersions"] = [version] }
        }
    }

    static func apiService(_ object: inout JSONObject) {
        object.edit("spec") { spec in
            spec.edit("service") { $0.setDefault("port", .int(servicePort)) }
        }
    }

    /// The name of the version that objects are stored in.
    static func storageVersion(of definition: JSONObject) -> JSON? {
        let versions = definition.object("spec")?.items("versions") ?? []
        return versions.first { $0["storage"] == true }?["name"]
    }
}
