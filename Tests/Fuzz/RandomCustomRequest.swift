import APIMachinery
import JSON
import TestSupport

/// Definitions of custom resources, and requests for the objects of those that were sent last.
final class RandomCustomRequest {
    private static let plurals = ["gadgets", "widgets", "sprockets"]
    private var schemas: [String: JSON] = [:]

    func request(_ random: inout SeededGenerator) -> RandomRequest {
        let plural = random.pick(Self.plurals)
        guard let schema = schemas[plural], !random.chance(oneIn: 25) else { return definition(plural, &random) }
        let path = "/apis/\(RandomSchema.group)/v1/namespaces/default/\(plural)"
        let singular = plural.dropLast()
        let kind = GroupVersionKind(
            group: RandomSchema.group, version: "v1", kind: singular.prefix(1).uppercased() + singular.dropFirst())
        let name = random.pick(["a", "b"])
        var object = RandomSchema.object(of: kind, schema, name: name, &random)
        if random.chance(oneIn: 4) { object = object.mutated(using: &random) }
        switch random.below(8) {
        case 0: return RandomRequest("POST", path, body: ("application/json", object.encoded))
        case 1: return RandomRequest("POST", path, body: ("application/yaml", RandomYAML.text(of: object, &random)))
        case 2: return read(path, name, &random)
        case 3: return RandomRequest("DELETE", path + "/" + name)
        default: return write(path + "/" + name, object, &random)
        }
    }

    private func definition(_ plural: String, _ random: inout SeededGenerator) -> RandomRequest {
        let schema = RandomSchema.root(&random)
        schemas[plural] = schema
        var definition = RandomSchema.definition(plural: plural, schema: schema)
        definition["status"] = nil
        if random.chance(oneIn: 6) { definition = definition.mutated(using: &random) }
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/\(plural).\(RandomSchema.group)"
        if random.chance(oneIn: 20) { return RandomRequest("DELETE", path) }
        return RandomRequest(
            "PATCH", path + "?fieldManager=f&force=true", body: (Self.apply, definition.encoded))
    }

    private func read(_ path: String, _ name: String, _ random: inout SeededGenerator) -> RandomRequest {
        let target = random.pick([
            path, path + "/" + name, path + "/\(name)/scale", path + "?fieldSelector=spec.name%3Da",
            path + "?limit=1", path + "/\(name)/status",
        ])
        return RandomRequest("GET", target, headers: [("Accept", random.pick(RandomRequest.accepted))])
    }

    private func write(_ path: String, _ object: JSON, _ random: inout SeededGenerator) -> RandomRequest {
        let path = path + random.pick(["", "", "", "/status", "/scale"])
        let types = ["application/merge-patch+json", "application/json-patch+json", Self.apply, Self.apply, Self.apply]
        let type = random.pick(types)
        if type == Self.apply {
            let query = random.pick([
                "?fieldManager=m", "?fieldManager=n&force=true", "?fieldManager=f&force=1&dryRun=All",
            ])
            return RandomRequest("PATCH", path + query, body: (type, object.encoded))
        }
        if type == "application/json-patch+json" {
            let patch = LibraryTargets.randomJSONPatch(of: object, &random)
            return RandomRequest("PATCH", path, body: (type, patch.encoded))
        }
        return RandomRequest("PATCH", path, body: (type, object.encoded))
    }

    static let apply = "application/apply-patch+yaml"
}

/// Writes that say who owns what, in ways that only a client's hand makes up, and applies of what they left.
enum RandomManagers {
    static func request(_ random: inout SeededGenerator) -> RandomRequest {
        let (kind, group, plural) = random.pick([
            ("ConfigMap", "/api/v1", "configmaps"), ("Deployment", "/apis/apps/v1", "deployments"),
            ("Service", "/api/v1", "services"),
            ("HorizontalPodAutoscaler", "/apis/autoscaling/v2", "horizontalpodautoscalers"),
            ("HorizontalPodAutoscaler", "/apis/autoscaling/v1", "horizontalpodautoscalers"),
        ])
        let version =
            GroupVersion(apiVersion: String(group.drop { $0 == "/" }.drop { $0 != "/" }.dropFirst()))
            ?? GroupVersion(group: "", version: "v1")
        var object =
            ValidObjects.sample(of: GroupVersionKind(group: version.group, version: version.version, kind: kind)) ?? [:]
        object["metadata"] = ["name": "managed", "labels": ["a": "x", "b": .hostile(using: &random)]]
        let path = "\(group)/namespaces/default/\(plural)/managed"
        let applying = "?fieldManager=" + random.pick(["m", "n", "kubectl"]) + random.pick(["", "&force=true"])
        switch random.below(4) {
        case 0: return RandomRequest("PATCH", path + applying, body: (RandomCustomRequest.apply, object.encoded))
        case 1:
            let patch: JSON = [["op": "add", "path": "/metadata/managedFields", "value": managers(&random)]]
            return RandomRequest("PATCH", path, body: ("application/json-patch+json", patch.encoded))
        case 2:
            let patch: JSON = ["metadata": ["managedFields": managers(&random), "labels": ["c": "d"]]]
            return RandomRequest("PATCH", path, body: ("application/merge-patch+json", patch.encoded))
        default:
            if random.chance(oneIn: 2) { object = object.mutated(using: &random) }
            return RandomRequest("PATCH", path + applying, body: (RandomCustomRequest.apply, object.encoded))
        }
    }

    private static func managers(_ random: inout SeededGenerator) -> JSON {
        func fields(_ random: inout SeededGenerator) -> JSON {
            var fields: JSON = [
                "f:metadata": ["f:labels": [".": [:], "f:a": [:]]],
                "f:spec": [
                    "f:ports": [".": [:], "k:{\"port\":80,\"protocol\":\"TCP\"}": [".": [:], "f:name": [:]]],
                    "f:template": ["f:spec": ["f:containers": ["k:{\"name\":\"c\"}": ["f:image": [:]]]]],
                    "f:x": ["v:[[1]]": [:], "i:-1": [:], "k:{}": [:], "q:": [:]],
                ],
            ]
            if random.chance(oneIn: 2) { fields = fields.mutated(using: &random) }
            return fields
        }
        var list: [JSON] = []
        for _ in 0..<random.pick([0, 1, 2, 15]) {
            list.append([
                "manager": .string(random.pick(["m", "n", "", "kubectl"])),
                "operation": .string(random.pick(["Apply", "Update", "x"])),
                "apiVersion": .string(random.pick(["v1", "apps/v1", "autoscaling/v1", "autoscaling/v2", "x/v9", ""])),
                "time": .string(random.pick(["2026-01-02T03:04:05Z", "x", "9999-12-31T23:59:59Z"])),
                "fieldsType": .string(random.pick(["FieldsV1", "FieldsV1", "FieldsV1", "x"])),
                "fieldsV1": fields(&random), "subresource": .string(random.pick(["", "", "status", "scale"])),
            ])
        }
        let value = JSON.array(list)
        return random.chance(oneIn: 4) ? value.mutated(using: &random) : value
    }
}
