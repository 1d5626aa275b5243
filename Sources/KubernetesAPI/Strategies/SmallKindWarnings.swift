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
        if spec["configSource"].isSet { list.append("spec.configSource: the feature is no longer available") }
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
        let limit = Fields(set).fields("spec")["revisionHistoryLimit"]
        let template = WorkloadWarnings.template(at: ["spec", "template"], named: false)(set, old)
        guard let count = limit.int, count < 0 else { return template }
        return template + [
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"
        ]
    }

    static func job(_ job: JSONObject, _ old: JSONObject?) -> [String] {
        let spec = Fields(job).fields("spec")
        let template = WorkloadWarnings.template(at: ["spec", "template"], named: true)(job, old)
        let isHuge = (spec["completions"].int ?? 0) > 100_000 && (spec["parallelism"].int ?? 0) > 10_000
        guard isHuge, spec["completionMode"].text == "Indexed" else { return template }
        return [
            "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes "
                + "might not be able to track completedIndexes when a big number of indexes fail"
        ] + template
    }
}
