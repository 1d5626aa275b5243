import APIMachinery
import JSON

/// What a pod's status may say of its containers: as whom they run, and how the devices are that they were given.
enum ContainerStatusRules {
    private static let lists = ["containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"]
    private static let healths = ["Healthy", "Unhealthy", "Unknown"]

    static func check(_ pod: Fields, _ errors: inout FieldErrors) {
        let (spec, status) = (pod.fields("spec"), pod.fields("status"))
        let system = spec.ifPresent("os")?["name"].text ?? "linux"
        for list in lists { users(status[list], system: system, &errors) }
        devices(status["containerStatuses"], of: spec["containers"], &errors)
        devices(status["initContainerStatuses"], of: spec["initContainers"], &errors)
        for added in status["ephemeralContainerStatuses"].items.map(\.fields)
        where !added["allocatedResourcesStatus"].isEmpty {
            errors.forbidden(added["allocatedResourcesStatus"], "must not be specified in container status")
        }
    }

    /// The paths of these errors are without the user's, as Kubernetes has them.
    private static func users(_ statuses: FieldValue, system: String, _ errors: inout FieldErrors) {
        for status in statuses.items {
            guard let user = status.fields.fields("user").ifPresent("linux") else { continue }
            let path = status.path.child("linux")
            if system == "windows" {
                errors.add(.forbidden(path, "cannot be set for a windows pod"))
            } else if system == "linux" {
                let user = Fields(user.members, at: path)
                errors.range(SecurityRules.ids, user["uid"])
                errors.range(SecurityRules.ids, user["gid"])
                for group in user["supplementalGroups"].items { errors.range(SecurityRules.ids, group) }
            }
        }
    }

    private static func devices(_ statuses: FieldValue, of containers: FieldValue, _ errors: inout FieldErrors) {
        let containers = containers.items.map(\.fields)
        for status in statuses.items.map(\.fields) {
            let container = containers.first { $0["name"].text == status["name"].text }
            for resource in status["allocatedResourcesStatus"].items.map(\.fields) {
                if let container { name(resource["name"], in: container.fields("resources"), &errors) }
                var ids = Set<String>()
                for device in resource["resources"].items.map(\.fields) {
                    if !healths.contains(device["health"].text) {
                        errors.add(
                            .notSupported(
                                device["health"].path, .string(device["health"].text), supported: healths))
                    }
                    if !ids.insert(device["resourceID"].text).inserted { errors.duplicate(device["resourceID"]) }
                }
            }
        }
    }

    /// A resource is one that the container requests, or `claim:` and a claim, with a request of it.
    private static func name(_ name: FieldValue, in resources: Fields, _ errors: inout FieldErrors) {
        guard name.text.hasPrefix("claim:") else {
            if resources.fields("requests")[name.text].isSet { return }
            return errors.invalid(name, "must match one of the container's resource requests")
        }
        let claims = resources["claims"].items.map(\.fields).map { claim in
            "claim:" + claim["name"].text + (claim["request"].isEmpty ? "" : "/" + claim["request"].text)
        }
        if !claims.contains(name.text) {
            errors.invalid(
                name,
                "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or "
                    + "'claim:<claimName>' if request is empty")
        }
    }
}
