import APIMachinery
import JSON
import TestSupport

/// The body of a write, in one of the forms that a client may send.
enum RandomBody {
    typealias Content = (type: String, bytes: [UInt8])

    static func make(_ corpus: CorpusKind, _ path: RequestPath, _ random: inout SeededGenerator) -> Content? {
        if path.method == "DELETE" {
            if random.chance(oneIn: 2) { return nil }
            return encoded(deleteOptions(&random), Schema(.any), &random)
        }
        let document = document(corpus, path, &random)
        if path.method == "PATCH" { return patch(document, &random) }
        return encoded(document, path.subresource?.schema ?? corpus.version.schema, &random)
    }

    private static func document(_ corpus: CorpusKind, _ path: RequestPath, _ random: inout SeededGenerator) -> JSON {
        var document: JSON
        if let part = path.subresource, let schema = part.schema {
            document = RandomObject.make(part.kind, schema, using: &random)
        } else if let sample = ValidObjects.sample(of: corpus.kind), !random.chance(oneIn: 4) {
            document = sample
            if random.chance(oneIn: 3) { document = document.applying(mergePatch: corpus.object(&random)) }
        } else {
            document = corpus.object(&random)
        }
        if random.chance(oneIn: 3) { document = document.mutated(using: &random) }
        return document
    }

    private static func encoded(_ document: JSON, _ schema: Schema, _ random: inout SeededGenerator) -> Content {
        var content: Content
        switch random.below(8) {
        case 0: content = ("application/yaml", RandomYAML.text(of: document, &random))
        case 1: content = ("application/vnd.kubernetes.protobuf", protobuf(document, schema))
        case 2:
            content = (
                random.pick(["", "text/plain", "application/json;charset=utf-8", "application/cbor"]), document.encoded
            )
        default: content = ("application/json", document.encoded)
        }
        if random.chance(oneIn: 5) { content.bytes = random.mutated(content.bytes) }
        return content
    }

    private static func protobuf(_ document: JSON, _ schema: Schema) -> [UInt8] {
        var document = document
        guard (try? schema.canonicalize(&document)) != nil, ProtobufEncoder(schema).isAvailable,
            let bytes = try? ProtobufEncoder(schema).envelope(document)
        else { return ProtobufEnvelope.magic }
        return bytes
    }

    private static func patch(_ document: JSON, _ random: inout SeededGenerator) -> Content {
        var content: Content
        switch random.below(5) {
        case 0:
            let operations: JSON = [
                ["op": "add", "path": "/metadata/labels", "value": ["x": "y"]],
                ["op": "replace", "path": "/spec", "value": document["spec"] ?? .null],
                [
                    "op": .string(random.pick(["test", "copy", "move", "remove"])), "path": "/metadata/name",
                    "from": "/spec",
                ],
            ]
            content = ("application/json-patch+json", operations.mutated(using: &random).encoded)
        case 1: content = ("application/merge-patch+json", document.encoded)
        case 2: content = ("application/strategic-merge-patch+json", document.encoded)
        case 3:
            content = (
                "application/apply-patch+yaml",
                random.chance(oneIn: 4) ? RandomYAML.text(of: document, &random) : document.encoded
            )
        default: content = (random.pick(["application/apply-patch+cbor", "application/json", ""]), document.encoded)
        }
        if random.chance(oneIn: 5) { content.bytes = random.mutated(content.bytes) }
        return content
    }

    private static func deleteOptions(_ random: inout SeededGenerator) -> JSON {
        let options: JSON = [
            "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0,
            "propagationPolicy": .string(random.pick(["Foreground", "Background", "Orphan"])),
            "preconditions": ["uid": "x", "resourceVersion": "1"], "dryRun": ["All"],
        ]
        return options.mutated(using: &random)
    }
}

/// Objects that the server accepts, so that what comes after validation is reached.
enum ValidObjects {
    static func sample(of kind: GroupVersionKind) -> JSON? {
        guard var object = samples[kind.kind] else { return nil }
        object["kind"] = .string(kind.kind)
        object["apiVersion"] = .string(kind.groupVersion.description)
        if object["metadata"] == nil { object["metadata"] = ["name": "a", "labels": ["a": "x"]] }
        return object
    }

    private static let podSpec: JSON = [
        "containers": [
            [
                "name": "c", "image": "i", "ports": [["containerPort": 80]], "env": [["name": "A", "value": "b"]],
                "resources": ["requests": ["cpu": "100m"], "limits": ["memory": "1Gi"]],
            ]
        ], "volumes": [["name": "v", "emptyDir": [:]]],
    ]
    private static let template: JSON = ["metadata": ["labels": ["a": "x"]], "spec": podSpec]
    private static let workload: JSON = ["selector": ["matchLabels": ["a": "x"]], "template": template]

    private static let samples: [String: JSON] = [
        "ConfigMap": ["data": ["a": "b"], "binaryData": ["c": "aGk="]],
        "Secret": ["data": ["a": "aGk="], "type": "Opaque"],
        "Pod": ["spec": podSpec], "Deployment": ["spec": workload], "ReplicaSet": ["spec": workload],
        "DaemonSet": ["spec": workload], "StatefulSet": ["spec": workload.applying(mergePatch: ["serviceName": "a"])],
        "Job": ["spec": ["template": ["spec": podSpec.applying(mergePatch: ["restartPolicy": "Never"])]]],
        "Service": ["spec": ["selector": ["a": "x"], "ports": [["port": 80, "name": "http"]]]],
        "Namespace": [:], "ServiceAccount": [:], "Node": ["spec": [:], "status": ["capacity": ["cpu": "4"]]],
        "PersistentVolumeClaim": [
            "spec": ["accessModes": ["ReadWriteOnce"], "resources": ["requests": ["storage": "1Gi"]]]
        ],
        "PersistentVolume": [
            "spec": ["accessModes": ["ReadWriteOnce"], "capacity": ["storage": "1Gi"], "hostPath": ["path": "/a"]]
        ],
        "StorageClass": ["provisioner": "example.com/p"], "Lease": ["spec": ["holderIdentity": "a"]],
        "Role": ["rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]]],
        "ClusterRole": ["rules": [["apiGroups": [""], "resources": ["pods"], "verbs": ["get"]]]],
        "HorizontalPodAutoscaler": [
            "spec": ["maxReplicas": 3, "scaleTargetRef": ["kind": "Deployment", "name": "a"]]
        ],
        "PodDisruptionBudget": ["spec": ["minAvailable": 1, "selector": ["matchLabels": ["a": "x"]]]],
        "ResourceQuota": ["spec": ["hard": ["pods": "1000", "requests.cpu": "100"]]],
        "LimitRange": ["spec": ["limits": [["type": "Container", "default": ["cpu": "1"], "max": ["cpu": "2"]]]]],
        "PriorityClass": ["value": 10], "NetworkPolicy": ["spec": ["podSelector": [:]]],
        "CronJob": [
            "spec": [
                "schedule": "*/5 * * * *",
                "jobTemplate": [
                    "spec": ["template": ["spec": podSpec.applying(mergePatch: ["restartPolicy": "Never"])]]
                ],
            ]
        ],
        "EndpointSlice": ["addressType": "IPv4", "endpoints": [["addresses": ["10.1.2.3"]]], "ports": [["port": 80]]],
    ]
}
