import APIMachinery
import JSON

/// What the status of a claim of devices may say (`validateResourceClaimStatusUpdate`).
enum ClaimStatusRules {
    private static let maximumReservations = 256
    private static let maximumConditions = 8
    private static let maximumDataLength = 10 * 1024
    private static let maximumAddresses = 16
    private static let maximumInterfaceNameLength = 256
    private static let maximumHardwareAddressLength = 128

    static func check(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (status, stored) = (object.fields("status"), old.fields("status"))
        DeviceFieldRules.set(
            atMost: maximumReservations, status["reservedFor"], by: { $0.fields["uid"].text }, &errors
        ) { user, errors in
            for name in ["resource", "name", "uid"] { errors.require(user.fields[name]) }
        }
        let results = status.fields("allocation").fields("devices")["results"].items
        let allocated = Set(results.map { id(of: $0.fields) })
        DeviceFieldRules.set(atMost: .max, status["devices"], by: { id(of: $0.fields) }, &errors) {
            device($0.fields, allocated: allocated, &$1)
        }
        reservations(status, stored, isDeleted: object.fields("metadata")["deletionTimestamp"].isSet, &errors)
        guard status["allocation"].isSet else { return }
        if stored["allocation"].isSet {
            errors.immutable(status["allocation"], stored["allocation"])
        } else {
            let known = DynamicResourceRules.requestNames(of: object.fields("spec"))
            allocation(status.fields("allocation"), known: known, &errors)
        }
    }

    private static func reservations(
        _ status: Fields, _ old: Fields, isDeleted: Bool, _ errors: inout FieldErrors
    ) {
        let field = status["reservedFor"]
        if field.isEmpty { return }
        if !status["allocation"].isSet {
            errors.forbidden(field, "may not be specified when `allocated` is not set")
        } else if isDeleted {
            let before = old["reservedFor"].items.map(\.value)
            if field.items.contains(where: { !before.contains($0.value) }) {
                errors.forbidden(
                    field,
                    "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set")
            }
        }
    }

    /// A device, or the share of it that is the claim's.
    private static func id(of device: Fields) -> String {
        let names = ["driver", "pool", "device"].map { device[$0].text }
        return (names + (device["shareID"].isSet ? [device["shareID"].text] : [])).joined(separator: "/")
    }

    private static func device(_ device: Fields, allocated: Set<String>, _ errors: inout FieldErrors) {
        VolumeSourceRules.driverName(device["driver"], &errors)
        DeviceFieldRules.poolName(device["pool"], &errors)
        DeviceFieldRules.label(device["device"], &errors)
        if device["shareID"].isSet { DeviceFieldRules.uid(device["shareID"], &errors) }
        if !allocated.contains(id(of: device)) {
            errors.add(["must be an allocated device in the claim"], at: device.path, value: .string(id(of: device)))
        }
        let conditions = device["conditions"]
        if conditions.items.count > maximumConditions {
            errors.add(.tooMany(conditions.path, count: conditions.items.count, maximum: maximumConditions))
        }
        ConditionRules.check(conditions, &errors)
        if device["data"].isSet { DeviceFieldRules.document(device["data"], atMost: maximumDataLength, &errors) }
        network(device.fields("networkData"), &errors)
    }

    private static func network(_ data: Fields, _ errors: inout FieldErrors) {
        let limits = [
            ("interfaceName", maximumInterfaceNameLength), ("hardwareAddress", maximumHardwareAddressLength),
        ]
        for (name, maximum) in limits where data[name].text.utf8.count > maximum {
            errors.add(.tooLong(data[name].path, maximumBytes: maximum))
        }
        DeviceFieldRules.set(atMost: maximumAddresses, data["ips"], by: \.text, &errors) { address, errors in
            if IPAddressBlock(address.text) == nil {
                errors.invalid(
                    address, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)")
            }
        }
    }

    private static func allocation(_ allocation: Fields, known: Set<String>, _ errors: inout FieldErrors) {
        let devices = allocation.fields("devices")
        let maximum = DynamicResourceRules.maximumItems
        for result in DeviceFieldRules.atMost(maximum, devices["results"], &errors).map(\.fields) {
            DynamicResourceRules.reference(result["request"], known: known, &errors)
            VolumeSourceRules.driverName(result["driver"], &errors)
            DeviceFieldRules.poolName(result["pool"], &errors)
            DeviceFieldRules.label(result["device"], &errors)
            DeviceFieldRules.bindingConditions(of: result, &errors)
            if result["shareID"].isSet { DeviceFieldRules.uid(result["shareID"], &errors) }
        }
        // Those of the class and those of the claim.
        for item in DeviceFieldRules.atMost(2 * maximum, devices["config"], &errors).map(\.fields) {
            errors.requireOne(of: ["FromClaim", "FromClass"], item["source"])
            DynamicResourceRules.references(item["requests"], known: known, &errors)
            DynamicResourceRules.configuration(item, &errors)
        }
        if let selector = allocation.ifPresent("nodeSelector") { AffinityRules.nodeSelector(selector, &errors) }
    }
}
