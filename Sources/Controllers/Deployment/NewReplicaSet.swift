import APIMachinery
import JSON
import KubernetesClient

/// The replica set of a Deployment's present template, as it is created.
enum NewReplicaSet {
    static func make(for deployment: Deployment, replicas: Int64, revision: Int64) -> ReplicaSet {
        let hash = TemplateHash(of: deployment.template, collisionCount: deployment.collisionCount).text
        var template = deployment.template
        template["metadata"] = labelled(template["metadata"] ?? .object([:]), hash)
        var selector = deployment.spec["selector"] ?? .object([:])
        var matchLabels = selector["matchLabels"] ?? .object([:])
        matchLabels[TemplateHash.label] = .string(hash)
        selector["matchLabels"] = matchLabels
        var spec: JSONObject = [
            "replicas": .int(replicas), "selector": selector, "template": template,
        ]
        if deployment.minReadySeconds > 0 { spec["minReadySeconds"] = .int(deployment.minReadySeconds) }
        var object = KubernetesObject(
            .replicaSets, namespace: deployment.namespace, name: deployment.name + "-" + hash, ["spec": .object(spec)])
        object.labels = template["metadata"]?["labels"]?.stringMap ?? [:]
        object.ownerReferences = [OwnerReference(controller: deployment.object)]
        let set = DeploymentRevision.annotated(ReplicaSet(object), for: deployment, revision: revision)
        return DeploymentRevision.sized(set, for: deployment)
    }

    private static func labelled(_ metadata: JSON, _ hash: String) -> JSON {
        var metadata = metadata.isNull ? .object([:]) : metadata
        var labels = metadata["labels"] ?? .object([:])
        if labels.isNull { labels = .object([:]) }
        labels[TemplateHash.label] = .string(hash)
        metadata["labels"] = labels
        return metadata
    }
}
