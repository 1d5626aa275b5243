import APIMachinery
import JSON

/// What the smaller kinds of the core group may look like.
enum CoreRules {
    /// Bytes of all values of a ConfigMap or a Secret.
    static let maximumDataBytes = 1 << 20

    static func configMap(_ object: Fields, _ errors: inout FieldErrors) {
        var bytes = 0
        let binary = object["binaryData"].value?.objectValue ?? [:]
        for entry in object["data"].entries {
            errors.add(NameRules.problemsOfConfigMapKey(entry.key), at: entry.field.path, value: .string(entry.key))
            if binary.has(entry.key) {
                errors.add(
                    ["duplicate of key present in binaryData"], at: entry.field.path, value: .string(entry.key))
            }
            bytes += entry.field.text.utf8.count
        }
        for entry in object["binaryData"].entries {
            errors.add(NameRules.problemsOfConfigMapKey(entry.key), at: entry.field.path, value: .string(entry.key))
            bytes += base64Bytes(entry.field.text)
        }
        // The path of the whole object is an empty name, which Kubernetes prints like a key.
        if bytes > maximumDataBytes { errors.add(.tooLong(FieldPath.root.key(""), maximumBytes: maximumDataBytes)) }
    }

    static func keepsConfigMap(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        keepsImmutable(["data", "binaryData"], object, old, &errors)
    }

    static func keepsSecret(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object["type"], old["type"])
        keepsImmutable(["data"], object, old, &errors)
    }

    private static func keepsImmutable(
        _ names: [String], _ object: Fields, _ old: Fields, _ errors: inout FieldErrors
    ) {
        guard old["immutable"].bool == true else { return }
        let why = "field is immutable when `immutable` is set"
        if object["immutable"].bool != true { errors.forbidden(object["immutable"], why) }
        for name in names {
            let (data, before) = (object[name].value ?? [:], old[name].value ?? [:])
            if data != before { errors.forbidden(object[name], why) }
        }
    }

    /// Bytes that a base64 text stands for.
    static func base64Bytes(_ text: String) -> Int {
        let padding = text.utf8.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        return text.utf8.count / 4 * 3 - padding
    }

    static func namespace(_ object: Fields, _ errors: inout FieldErrors) {
        for finalizer in object.fields("spec")["finalizers"].items {
            let path = object.path.child("spec", "finalizers")
            errors.add(problemsOfFinalizer(finalizer.text), at: path, value: finalizer.value ?? "")
        }
    }

    /// A namespace whose finalizers are changed: here the paths tell which one is wrong.
    static func finalizedNamespace(_ object: Fields, _ errors: inout FieldErrors) {
        for finalizer in object.fields("spec")["finalizers"].items {
            errors.add(problemsOfFinalizer(finalizer.text), at: finalizer)
        }
    }

    private static func problemsOfFinalizer(_ name: String) -> [String] {
        NameRules.problemsOfQualifiedName(name) + MetadataRules.problemsOfFinalizer(name)
    }

    static func namespaceStatus(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let phase = object.fields("status")["phase"]
        let path = object.path.child("status", "Phase")
        let isGoing = object.fields("metadata")["deletionTimestamp"].isSet
        if isGoing, phase.text != "Terminating" {
            errors.add(
                ["may only be 'Terminating' if `deletionTimestamp` is not empty"], at: path, value: phase.value ?? "")
        } else if !isGoing, phase.text != "Active" {
            errors.add(["may only be 'Active' if `deletionTimestamp` is empty"], at: path, value: phase.value ?? "")
        }
    }

    static func endpoints(_ object: Fields, _ errors: inout FieldErrors) {
        for subset in object["subsets"].items {
            let fields = subset.fields
            if fields["addresses"].isEmpty, fields["notReadyAddresses"].isEmpty {
                errors.required(subset, "must specify `addresses` or `notReadyAddresses`")
            }
            for list in ["addresses", "notReadyAddresses"] {
                for address in fields[list].items.map(\.fields) { endpointAddress(address, &errors) }
            }
            let ports = fields["ports"].items
            for port in ports.map(\.fields) {
                if port["name"].isEmpty {
                    if ports.count > 1 { errors.required(port["name"]) }
                } else {
                    errors.shape(NameRules.problemsOfLabel, port["name"])
                }
                errors.port(port["port"])
                errors.requireOne(of: ServiceRules.protocols, port["protocol"])
                errors.shapeIfSet(NameRules.problemsOfQualifiedName, port["appProtocol"])
            }
        }
    }

    private static func endpointAddress(_ address: Fields, _ errors: inout FieldErrors) {
        let ip = address["ip"]
        IPRules.address(ip, &errors)
        errors.shape(NameRules.problemsOfLabel, address["hostname"])
        errors.shapeIfSet(NameRules.problemsOfSubdomain, address["nodeName"])
        errors.add(IPRules.problemsOfSpecial(ip.text), at: ip)
    }
}

// Nodes.
extension CoreRules {
    static func node(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        let status = object.fields("status")
        taints(spec["taints"], at: object.path.child("metadata", "taints"), &errors)
        amounts(status, &errors)
        swap(status.fields("nodeInfo").fields("swap")["capacity"], of: object, &errors)
        podRanges(spec["podCIDRs"], &errors)
        features(status["declaredFeatures"], &errors)
    }

    private static func podRanges(_ field: FieldValue, _ errors: inout FieldErrors) {
        let blocks = field.items
        for block in blocks { IPRules.block(block, &errors) }
        guard blocks.count > 1 else { return }
        let families = blocks.map { IPAddressBlock($0.text, leadingZeros: .ignored)?.address.unmapped.family }
        if families.contains(nil), let wrong = zip(blocks, families).first(where: { $0.1 == nil })?.0 {
            let why = "invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR address: \(wrong.text)"
            errors.add(FieldError(.internal, field.path, detail: why))
        }
        if blocks.count > 2 || families.contains(nil) || Set(families).count < 2 {
            errors.invalid(field, "may specify no more than one CIDR for each IP family")
        }
        var seen = Set<String>()
        for block in blocks where !seen.insert(block.text).inserted { errors.duplicate(block) }
    }

    /// The path of the swap's size starts with `metadata` in Kubernetes, like that of taints.
    private static func swap(_ size: FieldValue, of node: Fields, _ errors: inout FieldErrors) {
        guard let bytes = size.int, bytes <= 0 else { return }
        let path = node.path.child("metadata", "nodeSwapStatus", "capacity")
        errors.add(["must be greater than zero"], at: path, value: .int(bytes))
    }

    /// Features that a node declares: named in camel case, in their order, each once.
    private static func features(_ field: FieldValue, _ errors: inout FieldErrors) {
        var before = ""
        for feature in field.items {
            let isRight = feature.text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                (part.first?.isASCII ?? false) && (part.first?.isUppercase ?? false)
                    && part.utf8.allSatisfy(ByteRules.isAlphanumeric)
            }
            if !isRight { errors.invalid(feature, "must be UpperCamelCase segments joined by '/'") }
            if feature.text == before {
                errors.duplicate(feature)
            } else if feature.text < before {
                errors.invalid(field, "must be sorted")
            }
            before = feature.text
        }
    }

    /// The paths of taints start with `metadata` in Kubernetes.
    private static func taints(_ field: FieldValue, at path: FieldPath, _ errors: inout FieldErrors) {
        var seen = Set<[String]>()
        for (index, taint) in field.items.enumerated() {
            let place = Fields(taint.value ?? [:], at: path.index(index))
            errors.add(NameRules.problemsOfLabelKey(place["key"].text), at: place["key"])
            let problems = NameRules.problemsOfLabelValue(place["value"].text)
            if !problems.isEmpty { errors.add([problems.joined(separator: ";")], at: place["value"]) }
            errors.requireOne(of: PodRules.tolerationEffects, place["effect"])
            if !seen.insert([place["key"].text, place["effect"].text]).inserted {
                let shown: JSON = [
                    "Key": .string(place["key"].text), "Value": .string(place["value"].text),
                    "Effect": .string(place["effect"].text), "TimeAdded": place["timeAdded"].value ?? .null,
                ]
                errors.add(
                    FieldError(
                        .duplicate, place.path, value: shown, detail: "taints must be unique by key and effect pair"))
            }
        }
    }

    private static func amounts(_ status: Fields, _ errors: inout FieldErrors) {
        for list in ["capacity", "allocatable"] {
            for entry in status[list].entries {
                // A member here, where other resource lists have a key.
                let field = Fields(status[list].value ?? [:], at: status.path.child(list))[entry.key]
                ResourceRules.amount(entry.key, field, &errors)
            }
        }
    }

    static func keepsNode(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        amounts(object.fields("status"), &errors)
        uniqueAddresses(object.fields("status")["addresses"], &errors)
        keepsPodRanges(spec["podCIDRs"], stored["podCIDRs"], &errors)
        if !stored["providerID"].isEmpty, spec["providerID"].text != stored["providerID"].text {
            errors.forbidden(spec["providerID"], "node updates may not change providerID except from \"\" to valid")
        }
        taints(spec["taints"], at: object.path.child("metadata", "taints"), &errors)
        if spec["externalID"].text != stored["externalID"].text {
            errors.forbidden(spec["externalID"], "may not be updated")
        }
    }

    private static func uniqueAddresses(_ field: FieldValue, _ errors: inout FieldErrors) {
        var seen = Set<[String]>()
        for address in field.items {
            let (type, text) = (address.fields["type"].text, address.fields["address"].text)
            if !seen.insert([type, text]).inserted {
                errors.add(.duplicate(address.path, ["Type": .string(type), "Address": .string(text)]))
            }
        }
    }

    /// Ranges are given once; each that is another one is told of.
    private static func keepsPodRanges(_ field: FieldValue, _ old: FieldValue, _ errors: inout FieldErrors) {
        guard !old.isEmpty else { return }
        let (blocks, before) = (field.items, old.items)
        let changed = zip(blocks, before).filter { $0.text != $1.text }.count
        for _ in 0..<(blocks.count == before.count ? changed : 1) {
            errors.forbidden(field, "node updates may not change podCIDR except from \"\" to valid")
        }
    }
}
