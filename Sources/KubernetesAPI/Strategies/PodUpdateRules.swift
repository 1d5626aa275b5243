import APIMachinery
import JSON

/// What of a pod may change once it is made (`ValidatePodUpdate`).
enum PodUpdateRules {
    private static let mutability =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
        + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
        + "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"

    static func check(_ pod: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (pod.fields("spec"), old.fields("spec"))
        PodAnnotationRules.checkUpdate(pod, old, &errors)
        for list in ["containers", "initContainers"] {
            if spec[list].items.count != stored[list].items.count {
                return errors.forbidden(spec[list], "pod updates may not add or remove containers")
            }
            for image in spec[list].items.map({ $0.fields["image"] }) {
                errors.require(image)
                PodRules.trimmedImage(image, &errors)
            }
        }
        guard deadline(spec["activeDeadlineSeconds"], stored["activeDeadlineSeconds"], &errors) else { return }
        addedTolerations(spec["tolerations"], stored["tolerations"], &errors)
        deletedGates(spec["schedulingGates"], stored["schedulingGates"], &errors)
        let isGated = !stored["schedulingGates"].isEmpty
        if isGated {
            addedSelectors(spec["nodeSelector"], stored["nodeSelector"], &errors)
            GatedAffinityRules.check(spec, stored, &errors)
        }
        var expected = spec.members
        putBack(&expected, from: stored.members, isGated: isGated)
        // Kubernetes adds how the two specs differ.
        if expected.differs(from: stored.members, but: []) { errors.add(.forbidden(spec.path, mutability)) }
    }

    /// A deadline may be set and come nearer.
    /// - Returns: whether the rest is to be looked at.
    private static func deadline(_ new: FieldValue, _ old: FieldValue, _ errors: inout FieldErrors) -> Bool {
        guard let seconds = new.int else {
            guard old.isSet else { return true }
            errors.add(["must not update from a positive integer to nil value"], at: new.path, value: .null)
            return true
        }
        let count = errors.count
        errors.range(0...Int64(Int32.max), new)
        if errors.count > count { return false }
        guard let before = old.int, before < seconds else { return true }
        errors.invalid(new, "must be less than or equal to previous value")
        return false
    }

    private static func addedTolerations(_ new: FieldValue, _ old: FieldValue, _ errors: inout FieldErrors) {
        func kept(_ toleration: JSON) -> JSON {
            var toleration = toleration
            toleration["tolerationSeconds"] = nil
            return toleration
        }
        let list = new.items.compactMap(\.value).map(kept)
        if old.items.compactMap(\.value).contains(where: { !list.contains(kept($0)) }) {
            errors.forbidden(new, "existing toleration can not be modified except its tolerationSeconds")
        } else {
            // Kubernetes says a second time what is wrong with them.
            PodRules.tolerations(new, &errors)
        }
    }

    private static func deletedGates(_ new: FieldValue, _ old: FieldValue, _ errors: inout FieldErrors) {
        let names = Set(old.items.map { $0.fields["name"].text })
        for gate in new.items {
            let name = gate.fields["name"]
            if !names.contains(name.text) {
                errors.forbidden(name, "only deletion is allowed, but found new scheduling gate '\(name.text)'")
            }
        }
    }

    private static func addedSelectors(_ new: FieldValue, _ old: FieldValue, _ errors: inout FieldErrors) {
        let labels = new.value?.objectValue ?? [:]
        let isKept = (old.value?.objectValue ?? [:]).allSatisfy { labels[$0.key] == $0.value }
        if !isKept {
            errors.add(
                ["only additions to spec.nodeSelector are allowed (no mutations or deletions)"], at: new.path,
                value: new.value ?? .null)
        }
    }

    /// Puts what may change back to what it was.
    private static func putBack(_ spec: inout JSONObject, from old: JSONObject, isGated: Bool) {
        for list in ["containers", "initContainers"] {
            let images = old.items(list).map { $0["image"] }
            var index = 0
            spec.editItems(of: list) { container in
                if index < images.count { container["image"] = images[index] }
                index += 1
            }
        }
        for name in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] { spec.take(name, from: old) }
        if (old.int("terminationGracePeriodSeconds") ?? 0) < 0, spec.int("terminationGracePeriodSeconds") == 1 {
            spec.take("terminationGracePeriodSeconds", from: old)
        }
        guard isGated else { return }
        spec.take("nodeSelector", from: old)
        var affinity = spec.object("affinity") ?? [:]
        affinity.take("nodeAffinity", from: old.object("affinity"))
        // An affinity that says nothing is none.
        spec["affinity"] = affinity.isEmpty && !old.has("affinity") ? nil : .object(affinity)
    }
}
