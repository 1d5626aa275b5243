import APIMachinery
import JSON

/// What a container leaves out and the server fills in.
enum ContainerDefaults {
    static func container(_ container: inout JSONObject) {
        let image = container.string("image") ?? ""
        container.setDefaultIfBlank("imagePullPolicy", .string(pullPolicy(ofImage: image)))
        container.setDefaultIfBlank("terminationMessagePath", "/dev/termination-log")
        container.setDefaultIfBlank("terminationMessagePolicy", "File")
        container.editItems(of: "ports") { $0.setDefaultIfBlank("protocol", "TCP") }
        container.editItems(of: "env") { $0.edit("valueFrom", envSource) }
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] { container.edit(name, probe) }
        container.edit("lifecycle") { lifecycle in
            lifecycle.edit("postStart") { $0.edit("httpGet", httpGet) }
            lifecycle.edit("preStop") { $0.edit("httpGet", httpGet) }
        }
    }

    /// An image that may change under its name is pulled each time: one of the tag `latest`, or of neither tag nor
    /// digest.
    static func pullPolicy(ofImage image: String) -> String {
        let bytes = image.utf8
        let name = bytes.prefix { $0 != UInt8(ascii: "@") }
        let hasDigest = name.count < bytes.count
        let last = name.lastIndex(of: UInt8(ascii: "/")).map { name[name.index(after: $0)...] } ?? name
        guard let colon = last.firstIndex(of: UInt8(ascii: ":")) else {
            return hasDigest ? "IfNotPresent" : "Always"
        }
        let isLatest = last[last.index(after: colon)...].elementsEqual("latest".utf8)
        return isLatest ? "Always" : "IfNotPresent"
    }

    private static func envSource(_ source: inout JSONObject) {
        source.edit("fieldRef") { $0.setDefaultIfBlank("apiVersion", "v1") }
        source.edit("fileKeyRef") { $0.setDefault("optional", false) }
    }

    private static func probe(_ probe: inout JSONObject) {
        probe.edit("httpGet", httpGet)
        probe.edit("grpc") { $0.setDefault("service", "") }
        probe.setDefaultIfZero("timeoutSeconds", 1)
        probe.setDefaultIfZero("periodSeconds", 10)
        probe.setDefaultIfZero("successThreshold", 1)
        probe.setDefaultIfZero("failureThreshold", 3)
    }

    private static func httpGet(_ action: inout JSONObject) {
        action.setDefaultIfBlank("path", "/")
        action.setDefaultIfBlank("scheme", "HTTP")
    }
}
