import APIMachinery
import JSON

/// What writers of smaller kinds are told.
enum SmallKindWarnings {
    static func networkPolicy(_ policy: JSONObject, _ old: JSONObject?) -> [String] {
        let spec = Fields(policy).fields("spec")
        return [("ingress", "from"), ("egress", "to")].flatMap { direction, peers in
            spec[direction].items.flatMap { $0.fields[peers].items }.flatMap { peer in
                let block = peer.fields.fields("ipBlock")
                return ([block["cidr"]] + block["except"].items).compactMap(IPWarnings.block)
            }
        }
    }

    static func endpointSlice(_ slice: JSONObject, _ old: JSONObject?) -> [String] {
        Fields(slice)["endpoints"].items.flatMap { $0.fields["addresses"].items }.compactMap(IPWarnings.address)
    }

    static func endpoints(_ endpoints: JSONObject, _ old: JSONObject?) -> [String] {
        Fields(endpoints)["subsets"].items.flatMap { subset in
            ["addresses", "notReadyAddresses"].flatMap { list in
                subset.fields[list].items.compactMap { IPWarnings.address($0.fields["ip"]) }
            }
        }
    }

    static func node(_ node: JSONObject, _ old: JSONObject?) -> [String] {
        let spec = Fields(node).fields("spec")
        var list: [String] = []
        if !spec["externalID"].isEmpty {
            list.append("spec.externalID: this field is deprecated, and is unused by Kubernetes")
        }
        return list + spec["podCIDRs"].items.compactMap(IPWarnings.block)
    }

    static func runtimeClass(_ runtimeClass: JSONObject, _ old: JSONObject?) -> [String] {
        let labels = Fields(runtimeClass).fields("scheduling")["nodeSelector"]
        return labels.entries.compactMap { label in
            guard let (version, successor) = PodWarnings.deprecation(ofNodeLabel: label.key) else { return nil }
            return "\(label.field.path): deprecated since \(version); use \"\(successor)\" instead"
        }
    }

    static func statefulSet(_ set: JSONObject, _ old: JSONObject?) -> [String] {
        let spec = Fields(set).fields("spec")
        var list = WorkloadWarnings.template(at: ["spec", "template"], named: false)(set, old)
        for claim in spec["volumeClaimTemplates"].items {
            // The path leaves out the spec.
            PodWarnings.fractions(
                of: Fields(claim.fields.fields("spec").members, at: claim.path).fields("resources"), &list)
        }
        if let count = spec["revisionHistoryLimit"].int, count < 0 {
            list.append(
                "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is "
                    + "recommended")
        }
        return list
    }

    static func job(_ job: JSONObject, _ old: JSONObject?) -> [String] {
        jobSpec(at: ["spec"], of: job, old)
    }

    static func cronJob(_ job: JSONObject, _ old: JSONObject?) -> [String] {
        jobSpec(at: ["spec", "jobTemplate", "spec"], of: job, old)
    }

    /// What is said of a `JobSpec` (`WarningsForJobSpec`) and of the name of what holds it.
    private static func jobSpec(at path: [String], of object: JSONObject, _ old: JSONObject?) -> [String] {
        let names = old == nil ? WorkloadWarnings.podNames(of: object) : []
        guard WorkloadWarnings.hasNewGeneration(object, old) else { return names }
        let spec = path.reduce(Fields(object)) { $0.fields($1) }
        let template = PodWarnings.warnings(of: spec.fields("template"), place: spec.path.child("template"))
        let isHuge = (spec["completions"].int ?? 0) > 100_000 && (spec["parallelism"].int ?? 0) > 10_000
        guard isHuge, spec["completionMode"].text == "Indexed" else { return names + template }
        return names + [
            "\(spec.path): In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than "
                + "10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
        ] + template
    }
}
