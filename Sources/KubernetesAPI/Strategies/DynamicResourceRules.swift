import APIMachinery
import JSON

/// What claims of devices, their templates and classes of devices may look like (`pkg/apis/resource/validation`).
enum DynamicResourceRules {
    static let maximumItems = 32
    private static let maximumAlternatives = 8
    private static let maximumExpressionLength = 10 * 1024
    private static let maximumParametersLength = 10 * 1024
    static let effects = ["NoExecute", "NoSchedule", "None"]

    static func claim(_ object: Fields, _ errors: inout FieldErrors) { claimSpec(object.fields("spec"), &errors) }

    static func claimTemplate(_ object: Fields, _ errors: inout FieldErrors) {
        let template = object.fields("spec")
        TemplateMetadataRules.check(template.fields("metadata"), &errors)
        claimSpec(template.fields("spec"), &errors)
    }

    static func keepsSpec(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object["spec"], old["spec"])
    }

    static func deviceClass(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        selectors(spec["selectors"], &errors)
        for item in DeviceFieldRules.atMost(maximumItems, spec["config"], &errors) {
            configuration(item.fields, &errors)
        }
        let name = spec["extendedResourceName"]
        if name.isSet, !ResourceRules.isExtended(name.text) {
            errors.invalid(name, "must be a valid extended resource name")
        }
    }

    private static func claimSpec(_ spec: Fields, _ errors: inout FieldErrors) {
        let devices = spec.fields("devices")
        let known = requestNames(of: spec)
        DeviceFieldRules.set(
            atMost: maximumItems, devices["requests"], by: { $0.fields["name"].text }, &errors
        ) { request(_: $0.fields, &$1) }
        for item in DeviceFieldRules.atMost(maximumItems, devices["constraints"], &errors) {
            constraint(item.fields, known: known, &errors)
        }
        for item in DeviceFieldRules.atMost(maximumItems, devices["config"], &errors) {
            references(item.fields["requests"], known: known, &errors)
            configuration(item.fields, &errors)
        }
    }

    /// The names of a claim's requests, and of their alternatives as `request/alternative`.
    static func requestNames(of spec: Fields) -> Set<String> {
        var names = Set<String>()
        for request in spec.fields("devices")["requests"].items.map(\.fields) {
            names.insert(request["name"].text)
            for alternative in request["firstAvailable"].items {
                names.insert(request["name"].text + "/" + alternative.fields["name"].text)
            }
        }
        return names
    }

    private static func constraint(_ constraint: Fields, known: Set<String>, _ errors: inout FieldErrors) {
        references(constraint["requests"], known: known, &errors)
        let attributes = ["matchAttribute", "distinctAttribute"].map { constraint[$0] }
        if let attribute = attributes.first(where: \.isSet) {
            DeviceFieldRules.fullyQualifiedName(attribute, &errors)
        } else {
            // The words are those for two of them, as in Kubernetes.
            errors.add(
                .required(
                    constraint.path,
                    "exactly one of \"matchAttribute\" or \"distinctAttribute\" is required, but multiple fields are set"
                ))
        }
    }

    static func references(_ field: FieldValue, known: Set<String>, _ errors: inout FieldErrors) {
        DeviceFieldRules.set(atMost: maximumItems, field, by: \.text, &errors) {
            reference($0, known: known, &$1)
        }
    }

    /// The name of a request, or of one of its alternatives.
    static func reference(_ name: FieldValue, known: Set<String>, _ errors: inout FieldErrors) {
        let why =
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'"
        let segments = name.text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if segments.count > 2 { return errors.add([why], at: name) }
        for segment in segments {
            errors.add(NameRules.problemsOfLabel(segment), at: name.path, value: .string(segment))
        }
        if !known.contains(name.text) { errors.add([why], at: name) }
    }

    private static func request(_ request: Fields, _ errors: inout FieldErrors) {
        DeviceFieldRules.label(request["name"], &errors)
        let alternatives = request["firstAvailable"]
        switch (request["exactly"].isSet, !alternatives.isEmpty) {
        case (false, false):
            errors.add(.required(request.path, "exactly one of `exactly` or `firstAvailable` is required"))
        case (true, true):
            errors.add(
                ["exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set"],
                at: request.path, value: .null)
        case (true, false): device(request.fields("exactly"), &errors)
        case (false, true):
            DeviceFieldRules.set(
                atMost: maximumAlternatives, alternatives, by: { $0.fields["name"].text }, &errors
            ) { alternative, errors in
                DeviceFieldRules.label(alternative.fields["name"], &errors)
                device(alternative.fields, &errors)
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
        for selector in DeviceFieldRules.atMost(maximumItems, field, &errors).map(\.fields) {
            guard let cel = selector.ifPresent("cel") else {
                errors.required(selector["cel"])
                continue
            }
            if errors.require(cel["expression"]), cel["expression"].text.utf8.count > maximumExpressionLength {
                errors.add(.tooLong(cel["expression"].path, maximumBytes: maximumExpressionLength))
            }
        }
    }

    static func configuration(_ configuration: Fields, _ errors: inout FieldErrors) {
        guard let opaque = configuration.ifPresent("opaque") else { return errors.required(configuration["opaque"]) }
        VolumeSourceRules.driverName(opaque["driver"], &errors)
        DeviceFieldRules.document(opaque["parameters"], atMost: maximumParametersLength, &errors)
    }
}
