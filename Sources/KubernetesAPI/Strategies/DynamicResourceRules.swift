import APIMachinery
import JSON

/// What claims of devices, their templates and classes of devices may look like (`pkg/apis/resource/validation`).
enum DynamicResourceRules {
    private static let maximumRequests = 32
    private static let maximumAlternatives = 8
    private static let maximumSelectors = 32
    private static let maximumReservations = 256
    private static let effects = ["NoExecute", "NoSchedule", "None"]

    static func claim(_ object: Fields, _ errors: inout FieldErrors) { claimSpec(object.fields("spec"), &errors) }

    static func claimTemplate(_ object: Fields, _ errors: inout FieldErrors) {
        let template = object.fields("spec")
        let metadata = template.fields("metadata")
        MetadataRules.checkAnnotations(metadata["annotations"], into: &errors)
        errors.labels(metadata["labels"])
        claimSpec(template.fields("spec"), &errors)
    }

    static func keepsSpec(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object["spec"], old["spec"])
    }

    static func deviceClass(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        selectors(spec["selectors"], &errors)
        for configuration in atMost(maximumSelectors, spec["config"], &errors) {
            self.configuration(configuration, &errors)
        }
    }

    /// The items of a list that may have only so many.
    private static func atMost(_ maximum: Int, _ field: FieldValue, _ errors: inout FieldErrors) -> [Fields] {
        let items = field.items
        if items.count > maximum { errors.add(.tooMany(field.path, count: items.count, maximum: maximum)) }
        return items.map(\.fields)
    }

    private static func claimSpec(_ spec: Fields, _ errors: inout FieldErrors) {
        let devices = spec.fields("devices")
        let requests = atMost(maximumRequests, devices["requests"], &errors)
        var names = Set<String>()
        for request in requests {
            self.request(request, &errors)
            let name = request["name"]
            if !name.isEmpty, !names.insert(name.text).inserted { errors.duplicate(name) }
        }
        let known = names.union(alternatives(of: requests))
        for constraint in atMost(maximumRequests, devices["constraints"], &errors) {
            references(constraint["requests"], known: known, &errors)
            if constraint["matchAttribute"].isSet {
                qualifiedName(constraint["matchAttribute"], &errors)
            } else if !constraint["distinctAttribute"].isSet {
                errors.required(constraint["matchAttribute"])
            }
        }
        for configuration in atMost(maximumRequests, devices["config"], &errors) {
            references(configuration["requests"], known: known, &errors)
            self.configuration(configuration, &errors)
        }
    }

    /// The names of the alternatives, `request/alternative`.
    private static func alternatives(of requests: [Fields]) -> Set<String> {
        Set(
            requests.flatMap { request in
                request["firstAvailable"].items.map { request["name"].text + "/" + $0.fields["name"].text }
            })
    }

    private static func references(_ field: FieldValue, known: Set<String>, _ errors: inout FieldErrors) {
        _ = atMost(maximumRequests, field, &errors)
        var seen = Set<String>()
        for name in field.items {
            if !known.contains(name.text) {
                errors.invalid(
                    name,
                    "must be the name of a request in the claim or the name of a request and a subrequest separated by "
                        + "'/'")
            }
            if !seen.insert(name.text).inserted { errors.duplicate(name) }
        }
    }

    /// A name with a domain, `dra.example.com/memory`.
    private static func qualifiedName(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(field) else { return }
        let parts = field.text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count != 2 || parts.contains(where: \.isEmpty) {
            errors.invalid(field, "must include a domain")
        } else {
            errors.add(NameRules.problemsOfSubdomain(String(parts[0])), at: field)
        }
    }

    private static func request(_ request: Fields, _ errors: inout FieldErrors) {
        errors.requireShape(NameRules.problemsOfLabel, request["name"])
        let alternatives = request["firstAvailable"]
        switch (request["exactly"].isSet, !alternatives.isEmpty) {
        case (false, false):
            errors.add(.required(request.path, "exactly one of `exactly` or `firstAvailable` is required"))
        case (true, true):
            errors.add(
                ["exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set"],
                at: request.path, value: .object(request.members))
        case (true, false): device(request.fields("exactly"), &errors)
        case (false, true):
            var names = Set<String>()
            for alternative in atMost(maximumAlternatives, alternatives, &errors) {
                errors.requireShape(NameRules.problemsOfLabel, alternative["name"])
                if !names.insert(alternative["name"].text).inserted { errors.duplicate(alternative["name"]) }
                device(alternative, &errors)
            }
        }
    }

    /// What is asked of a device.
    private static func device(_ request: Fields, _ errors: inout FieldErrors) {
        errors.requireShape(NameRules.problemsOfSubdomain, request["deviceClassName"])
        selectors(request["selectors"], &errors)
        let (mode, count) = (request["allocationMode"], request["count"])
        switch mode.text {
        case "All":
            if (count.int ?? 0) != 0 {
                errors.invalid(count, "must not be specified when allocationMode is 'All'")
            }
        case "ExactCount":
            if (count.int ?? 0) <= 0 {
                errors.add(["must be greater than zero"], at: count.path, value: count.value ?? 0)
            }
        default: errors.add(.notSupported(mode.path, .string(mode.text), supported: ["All", "ExactCount"]))
        }
        for toleration in request["tolerations"].items.map(\.fields) { self.toleration(toleration, &errors) }
    }

    private static func toleration(_ toleration: Fields, _ errors: inout FieldErrors) {
        errors.shape(NameRules.problemsOfLabelKey, toleration["key"])
        let (operation, value) = (toleration["operator"], toleration["value"])
        switch operation.text {
        case "Exists":
            if !value.isEmpty { errors.invalid(value, "must be empty for operator `Exists`") }
        case "Equal": errors.add(NameRules.problemsOfLabelValue(value.text), at: value)
        case "": errors.required(operation)
        default: errors.add(.notSupported(operation.path, operation.value ?? "", supported: ["Equal", "Exists"]))
        }
        if !toleration["effect"].isEmpty { errors.oneOf(effects, toleration["effect"]) }
    }

    /// Selectors of devices; that their expressions compile is not looked at here.
    private static func selectors(_ field: FieldValue, _ errors: inout FieldErrors) {
        for selector in atMost(maximumSelectors, field, &errors) {
            if let cel = selector.ifPresent("cel") {
                errors.require(cel["expression"])
            } else {
                errors.required(selector["cel"])
            }
        }
    }

    private static func configuration(_ configuration: Fields, _ errors: inout FieldErrors) {
        guard let opaque = configuration.ifPresent("opaque") else { return errors.required(configuration["opaque"]) }
        VolumeSourceRules.driverName(opaque["driver"], &errors)
        switch opaque["parameters"].value {
        case nil: errors.required(opaque["parameters"])
        case .object?: break
        default: errors.invalid(opaque["parameters"], "must be a valid JSON object")
        }
    }

    static func claimStatus(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (status, stored) = (object.fields("status"), old.fields("status"))
        var users = Set<String>()
        for user in atMost(maximumReservations, status["reservedFor"], &errors) {
            errors.require(user["resource"])
            errors.require(user["name"])
            errors.require(user["uid"])
            if !user["uid"].isEmpty, !users.insert(user["uid"].text).inserted { errors.duplicate(user["uid"]) }
        }
        if !status["reservedFor"].isEmpty, !status["allocation"].isSet {
            errors.forbidden(status["reservedFor"], "may not be specified when `allocated` is not set")
        }
        if stored["allocation"].isSet, status["allocation"].isSet {
            errors.immutable(status["allocation"], stored["allocation"])
        }
    }
}

// What a driver offers.
extension DynamicResourceRules {
    private static let maximumDevices = 128

    static func slice(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        VolumeSourceRules.driverName(spec["driver"], &errors)
        pool(spec.fields("pool"), &errors)
        let places = ["nodeName", "nodeSelector", "allNodes", "perDeviceNodeSelection"].filter {
            spec[$0].bool ?? !spec[$0].isEmpty
        }
        let rule = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
        if places.isEmpty { errors.add(.required(spec.path, rule)) }
        if places.count > 1 {
            let shown = JSON.string("{" + places.joined(separator: ", ") + "}")
            errors.add([rule + ", but multiple fields are set"], at: spec.path, value: shown)
        }
        errors.shape(NameRules.problemsOfSubdomain, spec["nodeName"])
        if let selector = spec.ifPresent("nodeSelector") { AffinityRules.nodeSelector(selector, &errors) }
        var names = Set<String>()
        for device in atMost(maximumDevices, spec["devices"], &errors) {
            errors.requireShape(NameRules.problemsOfLabel, device["name"])
            if !device["name"].isEmpty, !names.insert(device["name"].text).inserted {
                errors.duplicate(device["name"])
            }
            for taint in device["taints"].items.map(\.fields) { self.taint(taint, &errors) }
        }
    }

    private static func pool(_ pool: Fields, _ errors: inout FieldErrors) {
        let name = pool["name"]
        if errors.require(name) {
            for part in name.text.split(separator: "/", omittingEmptySubsequences: false) {
                errors.add(NameRules.problemsOfSubdomain(String(part)), at: name.path, value: .string(String(part)))
            }
        }
        if (pool["resourceSliceCount"].int ?? 0) <= 0 {
            errors.add(
                ["must be greater than zero"], at: pool["resourceSliceCount"].path,
                value: pool["resourceSliceCount"].value ?? 0)
        }
        errors.nonNegative(pool["generation"])
    }

    private static func taint(_ taint: Fields, _ errors: inout FieldErrors) {
        errors.add(
            NameRules.problemsOfLabelKey(taint["key"].text), at: taint["key"].path, value: .string(taint["key"].text))
        errors.add(NameRules.problemsOfLabelValue(taint["value"].text), at: taint["value"])
        errors.requireOne(of: effects, taint["effect"])
    }

    /// A slice stays its driver's, in its pool and on its nodes.
    static func keepsSlice(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        errors.immutable(spec.fields("pool")["name"], stored.fields("pool")["name"])
        for name in ["driver", "nodeName"] { errors.immutable(spec[name], stored[name]) }
        if spec["allNodes"].bool ?? false != stored["allNodes"].bool ?? false {
            errors.immutable(spec["allNodes"], stored["allNodes"])
        }
    }
}
