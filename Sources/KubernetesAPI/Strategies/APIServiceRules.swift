import APIMachinery
import JSON

/// What an APIService may look like.
enum APIServiceRules {
    private static let maximumGroupPriority: Int64 = 20_000
    private static let maximumVersionPriority: Int64 = 1000

    static func check(_ object: Fields, _ errors: inout FieldErrors) {
        let (spec, name) = (object.fields("spec"), object.fields("metadata")["name"])
        let (group, version) = (spec["group"], spec["version"])
        let expected = version.text + "." + group.text
        if !name.isEmpty, name.text != expected {
            errors.invalid(name, "must be `spec.version+\".\"+spec.group`: \"\(expected)\"")
        }
        if group.isEmpty, version.text != "v1" {
            errors.required(group, "only v1 may have an empty group and it better be legacy kube")
        }
        errors.shape(NameRules.problemsOfSubdomain, group)
        errors.add(NameRules.problemsOfLabel1035(version.text), at: version)
        priority(spec["groupPriorityMinimum"], maximum: maximumGroupPriority, &errors)
        priority(spec["versionPriority"], maximum: maximumVersionPriority, &errors)
        service(spec, &errors)
    }

    private static func priority(_ field: FieldValue, maximum: Int64, _ errors: inout FieldErrors) {
        if (1...maximum).contains(field.int ?? 0) { return }
        errors.add(["must be positive and less than \(maximum)"], at: field.path, value: field.value ?? 0)
    }

    private static func service(_ spec: Fields, _ errors: inout FieldErrors) {
        let (bundle, skips) = (spec["caBundle"], spec["insecureSkipTLSVerify"])
        guard let service = spec.ifPresent("service") else {
            if !bundle.isEmpty {
                let size = JSON.string("\(CoreRules.base64Bytes(bundle.text)) bytes")
                errors.add(["local APIServices may not have a caBundle"], at: bundle.path, value: size)
            }
            if skips.bool == true { errors.invalid(skips, "local APIServices may not have insecureSkipTLSVerify") }
            return
        }
        errors.require(service["namespace"])
        errors.require(service["name"])
        if let port = service["port"].int, !(1...65535).contains(port) {
            errors.invalid(service["port"], "port is not valid: must be between 1 and 65535, inclusive")
        }
        if skips.bool == true, !bundle.isEmpty { errors.invalid(skips, "may not be true if caBundle is present") }
    }

    static func status(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        for condition in object.fields("status")["conditions"].items {
            errors.oneOf(["True", "False", "Unknown"], condition.fields["status"])
        }
    }
}
