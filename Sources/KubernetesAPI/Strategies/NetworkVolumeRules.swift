import APIMachinery
import JSON

/// What volumes on storage networks may look like.
enum NetworkVolumeRules {
    private static let units: ClosedRange<Int64> = 0...255
    /// Characters of a volume's name and its portal together, where an initiator is named.
    private static let maximumInitiatorLength = 64
    private static let maximumTenantLength = 64

    static func iscsi(_ source: Fields, _ volume: VolumeSourceRules.Volume, _ errors: inout FieldErrors) {
        errors.require(source["targetPortal"])
        if case .persistentVolume(let name) = volume.owner {
            combinedLength(name, source, at: source.path.child("targetportal"), source["targetPortal"].value, &errors)
        }
        let problems = { problemsOfQualifiedName($0, namesForms: !volume.isPersistent) }
        errors.requireShape(problems, source["iqn"])
        errors.range(units, source["lun"])
        let usesChap = ["chapAuthDiscovery", "chapAuthSession"].contains { source[$0].bool == true }
        if usesChap, !source["secretRef"].isSet { errors.required(source["secretRef"]) }
        if volume.isPersistent, let secret = source.ifPresent("secretRef") { errors.require(secret["name"]) }
        let initiator = source["initiatorName"]
        if initiator.isSet {
            errors.add(
                problems(initiator.text), at: source.path.child("initiatorname"), value: initiator.value ?? "")
        }
        if !volume.isPersistent {
            combinedLength(volume.name.text, source, at: volume.path.child("name"), volume.name.value, &errors)
        }
    }

    private static func combinedLength(
        _ name: String, _ source: Fields, at path: FieldPath, _ value: JSON?, _ errors: inout FieldErrors
    ) {
        let length = (name + ":" + source["targetPortal"].text).utf8.count
        guard source["initiatorName"].isSet, length > maximumInitiatorLength else { return }
        let why =
            "Total length of <volume name>:<iscsi.targetPortal> must be under \(maximumInitiatorLength) characters if "
            + "iscsi.initiatorName is specified."
        errors.add([why], at: path, value: value ?? "")
    }

    /// A name of the forms `iqn.2001-04.com.example:disk`, `eui.` with 16 digits or `naa.` with 32.
    /// - Parameter namesForms: whether the message tells how a name may begin, as for the volumes of pods.
    private static func problemsOfQualifiedName(_ name: String, namesForms: Bool) -> [String] {
        let isRight: Bool
        switch name.prefix(3) {
        case "iqn": isRight = isQualifiedName(name)
        case "eui": isRight = hasDigits(name, count: 16)
        case "naa": isRight = hasDigits(name, count: 32)
        default: return [namesForms ? "must be valid format starting with iqn, eui, or naa" : "must be valid format"]
        }
        return isRight ? [] : ["must be valid format"]
    }

    private static func hasDigits(_ name: String, count: Int) -> Bool {
        let rest = name.utf8.dropFirst(4)
        return rest.count == count && rest.allSatisfy(ByteRules.isAlphanumeric)
    }

    private static func isQualifiedName(_ name: String) -> Bool {
        let bytes = Array(name.utf8.dropFirst(3))
        // A dot, a year and month, a dot, an authority, and after a colon the rest.
        guard bytes.count > 9, bytes[0] == UInt8(ascii: "."), bytes[5] == UInt8(ascii: "-"),
            bytes[8] == UInt8(ascii: "."), (bytes[1...4] + bytes[6...7]).allSatisfy(ByteRules.isDigit)
        else { return false }
        let rest = bytes[9...]
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")), colon > 9, colon < rest.endIndex - 1 else {
            return false
        }
        let isAuthority = rest[..<colon].allSatisfy {
            ByteRules.isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
        return isAuthority && !rest[(colon + 1)...].contains { ",;*&$| \t\n\r".utf8.contains($0) }
    }

    static func flocker(_ source: Fields, _ errors: inout FieldErrors) {
        let (name, uuid) = (source["datasetName"], source["datasetUUID"])
        if name.isEmpty, uuid.isEmpty {
            errors.add(.required(source.path, "one of datasetName and datasetUUID is required"))
        }
        if !name.isEmpty, !uuid.isEmpty {
            errors.add(
                ["datasetName and datasetUUID can not be specified simultaneously"], at: source.path, value: "resource")
        }
        if name.text.contains("/") { errors.invalid(name, "must not contain '/'") }
    }

    static func quobyte(_ source: Fields, _ errors: inout FieldErrors) {
        let (registry, tenant) = (source["registry"], source["tenant"])
        let why = "must be a host:port pair or multiple pairs separated by commas"
        if registry.isEmpty {
            errors.required(registry, why)
        } else if tenant.text.utf8.count > maximumTenantLength {
            errors.required(
                tenant, "must be a UUID and may not exceed a length of \(maximumTenantLength) characters")
        } else {
            for pair in registry.text.split(separator: ",", omittingEmptySubsequences: false) where !isHostPort(pair) {
                errors.invalid(registry, why)
            }
        }
        errors.require(source["volume"])
    }

    /// `host:port`, the host in brackets where it holds colons.
    private static func isHostPort(_ text: Substring) -> Bool {
        guard let colon = text.lastIndex(of: ":") else { return false }
        let host = text[..<colon]
        return host.hasPrefix("[") ? host.hasSuffix("]") : !host.contains(":")
    }

    static func fibreChannel(_ source: Fields, _ errors: inout FieldErrors) {
        let (names, ids) = (source["targetWWNs"], source["wwids"])
        if names.isEmpty, ids.isEmpty {
            errors.required(names, "must specify either targetWWNs or wwids, but not both")
        }
        if !names.isEmpty, !ids.isEmpty {
            errors.invalid(names, "targetWWNs and wwids can not be specified simultaneously")
        }
        guard !names.isEmpty else { return }
        if source["lun"].isSet {
            errors.range(units, source["lun"])
        } else {
            errors.required(source["lun"], "lun is required if targetWWNs is specified")
        }
    }

    static func flexOptions(_ options: FieldValue, _ errors: inout FieldErrors) {
        for option in options.entries {
            let namespace = "." + option.key.prefix { $0 != "/" }.lowercased()
            guard namespace.hasSuffix(".kubernetes.io") || namespace.hasSuffix(".k8s.io") else { continue }
            errors.add(
                ["kubernetes.io and k8s.io namespaces are reserved"], at: option.field.path, value: .string(option.key))
        }
    }

    static func azureDisk(_ source: Fields, _ errors: inout FieldErrors) {
        errors.oneOf(["None", "ReadOnly", "ReadWrite"], source["cachingMode"])
        errors.oneOf(["Dedicated", "Managed", "Shared"], source["kind"])
        guard source["kind"].isSet else { return }
        let isManaged = source["kind"].text == "Managed"
        guard !source["diskURI"].text.hasPrefix(isManaged ? "/subscriptions/" : "https://") else { return }
        let supported =
            isManaged
            ? "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}"
            : "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"
        errors.add(.notSupported(source["diskURI"].path, source["diskURI"].value ?? "", supported: [supported]))
    }
}
