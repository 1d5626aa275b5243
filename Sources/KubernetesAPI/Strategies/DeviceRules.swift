import APIMachinery
import JSON

/// What a device that a driver offers may look like.
enum DeviceRules {
    private static let maximumProperties = 32
    private static let maximumTextLength = 64
    private static let maximumTaints = 16
    private static let maximumConsumptions = 2
    private static let maximumCounters = 32
    private static let labelLength = 63

    /// - Parameter isPlacedAlone: whether each device of its slice tells its nodes.
    static func device(_ device: Fields, isPlacedAlone: Bool, _ errors: inout FieldErrors) {
        DeviceFieldRules.label(device["name"], &errors)
        let count = device["attributes"].entries.count + device["capacity"].entries.count
        if count > maximumProperties {
            let why = "the total number of attributes and capacities must not exceed \(maximumProperties)"
            errors.add(.invalid(device.path, .int(Int64(count)), why))
        }
        for entry in DeviceFieldRules.entries(atMost: nil, device["attributes"], &errors) {
            DeviceFieldRules.qualifiedName(entry.key, at: entry.path, &errors)
            attribute(entry.value, &errors)
        }
        let isShared = device["allowMultipleAllocations"].bool ?? false
        for entry in DeviceFieldRules.entries(atMost: nil, device["capacity"], &errors) {
            DeviceFieldRules.qualifiedName(entry.key, at: entry.path, &errors)
            guard let policy = entry.value.ifPresent("requestPolicy") else { continue }
            if isShared {
                RequestPolicyRules.check(policy, of: entry.value["value"], &errors)
            } else {
                errors.add(.forbidden(policy.path, "allowMultipleAllocations must be true"))
            }
        }
        for item in DeviceFieldRules.atMost(maximumTaints, device["taints"], &errors) { taint(item.fields, &errors) }
        DeviceFieldRules.set(
            atMost: maximumConsumptions, device["consumesCounters"], by: { $0.fields["counterSet"].text }, &errors
        ) { counters(of: $0.fields, named: "counterSet", &$1) }
        place(of: device, isPlacedAlone: isPlacedAlone, &errors)
        DeviceFieldRules.bindingConditions(of: device, &errors)
    }

    /// Counters, as a set of them has or a device takes them.
    static func counters(of owner: Fields, named name: String, _ errors: inout FieldErrors) {
        errors.requireShape(NameRules.problemsOfLabel, owner[name])
        guard errors.require(owner["counters"]) else { return }
        let entries = DeviceFieldRules.entries(
            atMost: maximumCounters, owner["counters"], shownKeyLength: labelLength, &errors)
        for entry in entries {
            errors.add(NameRules.problemsOfLabel(entry.key), at: entry.path, value: .string(entry.key))
        }
    }

    /// One value of one of a few types.
    private static func attribute(_ attribute: Fields, _ errors: inout FieldErrors) {
        let types = [
            ("IntValue", "int"), ("BoolValue", "bool"), ("StringValue", "string"), ("VersionValue", "version"),
        ]
        let count = types.count { attribute[$0.1].isSet }
        text(attribute["string"], &errors)
        let version = attribute["version"]
        if version.isSet, !SemanticVersion.isOne(version.text) {
            errors.invalid(version, "must be a string compatible with semver.org spec 2.0.0")
        }
        text(version, &errors)
        if count == 1 { return }
        var shown = JSONObject(minimumCapacity: types.count)
        for (name, member) in types { shown[name] = attribute[member].value ?? .null }
        errors.add(
            ["exactly one value must be specified"], at: attribute.path, value: count == 0 ? "" : .object(shown))
    }

    private static func text(_ field: FieldValue, _ errors: inout FieldErrors) {
        if field.text.utf8.count > maximumTextLength {
            errors.add(.tooLong(field.path, maximumBytes: maximumTextLength))
        }
    }

    private static func taint(_ taint: Fields, _ errors: inout FieldErrors) {
        errors.add(
            NameRules.problemsOfLabelKey(taint["key"].text), at: taint["key"].path, value: .string(taint["key"].text))
        errors.shape(NameRules.problemsOfLabelValue, taint["value"])
        errors.requireOne(of: DynamicResourceRules.effects, taint["effect"])
    }

    private static func place(of device: Fields, isPlacedAlone: Bool, _ errors: inout FieldErrors) {
        let (name, selector, all) = (device["nodeName"], device["nodeSelector"], device["allNodes"])
        guard isPlacedAlone else {
            if name.isSet || selector.isSet || all.isSet {
                errors.add(
                    .invalid(
                        device.path, .null,
                        "`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to "
                            + "true in the ResourceSlice spec"))
            }
            return
        }
        var ways: [String] = []
        if name.isSet {
            if name.isEmpty {
                errors.invalid(name, "must not be empty")
            } else {
                ways.append("`nodeName`")
                errors.add(NameRules.problemsOfSubdomain(name.text), at: name)
            }
        }
        if let fields = device.ifPresent("nodeSelector") {
            ways.append("`nodeSelector`")
            AffinityRules.nodeSelector(fields, &errors)
        }
        if all.isSet {
            if all.bool == true {
                ways.append("`allNodes`")
            } else {
                errors.invalid(all, "must be either unset or set to true")
            }
        }
        let rule =
            "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to "
            + "true in the ResourceSlice spec"
        if ways.isEmpty { errors.add(.required(device.path, rule)) }
        if ways.count > 1 {
            errors.add([rule], at: device.path, value: .string("{" + ways.joined(separator: ", ") + "}"))
        }
    }
}
