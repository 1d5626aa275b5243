import APIMachinery
import JSON

/// What a driver offers (`ValidateResourceSlice`).
enum ResourceSliceRules {
    private static let maximumDevices = 128
    /// Of devices that are tainted or share counters, which take more room.
    private static let maximumLargeDevices = 64
    private static let maximumCounterSets = 8

    static func slice(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        VolumeSourceRules.driverName(spec["driver"], &errors)
        pool(spec.fields("pool"), &errors)
        place(of: spec, &errors)
        if spec["sharedCounters"].isSet, spec["devices"].isSet {
            errors.add(.invalid(spec.path, "", "only one of `sharedCounters` or `devices` is allowed"))
        }
        let devices = spec["devices"]
        let areLarge = devices.items.contains {
            !$0.fields["taints"].isEmpty || !$0.fields["consumesCounters"].isEmpty
        }
        let isPlacedAlone = spec["perDeviceNodeSelection"].bool ?? false
        DeviceFieldRules.set(
            atMost: areLarge ? maximumLargeDevices : maximumDevices, devices, by: { $0.fields["name"].text }, &errors
        ) { DeviceRules.device($0.fields, isPlacedAlone: isPlacedAlone, &$1) }
        DeviceFieldRules.set(
            atMost: maximumCounterSets, spec["sharedCounters"], by: { $0.fields["name"].text }, &errors
        ) { DeviceRules.counters(of: $0.fields, named: "name", &$1) }
    }

    private static func pool(_ pool: Fields, _ errors: inout FieldErrors) {
        DeviceFieldRules.poolName(pool["name"], &errors)
        let count = pool["resourceSliceCount"]
        if (count.int ?? 0) <= 0 {
            errors.add(["must be greater than zero"], at: count.path, value: count.value ?? 0)
        }
        if let generation = pool["generation"].int, generation < 0 {
            errors.invalid(pool["generation"], "must be greater than or equal to zero")
        }
    }

    /// The nodes that can use what is offered are told in one way.
    private static func place(of spec: Fields, _ errors: inout FieldErrors) {
        var ways: [String] = []
        let name = spec["nodeName"]
        if name.isSet {
            if name.isEmpty {
                errors.invalid(name, "must be either unset or set to a non-empty string")
            } else {
                ways.append("`nodeName`")
                errors.add(NameRules.problemsOfSubdomain(name.text), at: name)
            }
        }
        if let selector = spec.ifPresent("nodeSelector") {
            ways.append("`nodeSelector`")
            AffinityRules.nodeSelector(selector, &errors)
            let terms = selector["nodeSelectorTerms"]
            if terms.items.count != 1 {
                errors.add(
                    ["must have exactly one node selector term"], at: terms.path,
                    value: .array(terms.items.map { GatedAffinityRules.shown($0.fields) }))
            }
        }
        for flag in ["allNodes", "perDeviceNodeSelection"] where spec[flag].isSet {
            if spec[flag].bool == true {
                ways.append("`\(flag)`")
            } else {
                errors.invalid(spec[flag], "must be either unset or set to true")
            }
        }
        let rule = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required"
        if ways.isEmpty { errors.add(.required(spec.path, rule)) }
        if ways.count > 1 {
            let shown = JSON.string("{" + ways.joined(separator: ", ") + "}")
            errors.add([rule + ", but multiple fields are set"], at: spec.path, value: shown)
        }
    }

    /// A slice stays its driver's, in its pool and on its node.
    static func keepsSlice(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        errors.immutable(spec.fields("pool")["name"], stored.fields("pool")["name"])
        for name in ["driver", "nodeName"] { errors.immutable(spec[name], stored[name]) }
    }
}
