package import APIMachinery
package import JSON
package import KubernetesClient

/// A node that is none: what it tells the API server of itself.
package struct SimulatedNode: Sendable, Hashable {
    /// What each simulated node offers.
    package struct Capacity: Sendable, Hashable {
        package var cpu = "16"
        package var memory = "64Gi"
        package var ephemeralStorage = "256Gi"
        package var pods = "250"

        package init() {}

        var json: JSON {
            [
                "cpu": .string(cpu), "ephemeral-storage": .string(ephemeralStorage), "memory": .string(memory),
                "pods": .string(pods), "hugepages-1Gi": "0", "hugepages-2Mi": "0",
            ]
        }
    }

    package static let kubeletVersion = "v1.36.0"
    package static let leaseDurationSeconds: Int64 = 40

    package var name: String
    package var index: Int
    package var zone: String
    package var address: String
    package var capacity = Capacity()

    /// - Parameter index: From 0; addresses and zones follow from it.
    package init(prefix: String, index: Int, zones: Int) {
        name = prefix + String(index)
        self.index = index
        zone = "z" + String(index % max(1, zones))
        address = "172.\(16 + (index >> 16) % 16).\((index >> 8) & 255).\(index & 255)"
    }

    private static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "amd64"
        #endif
    }

    private var labels: JSON {
        [
            "beta.kubernetes.io/arch": .string(Self.architecture), "beta.kubernetes.io/os": "linux",
            "kubernetes.io/arch": .string(Self.architecture), "kubernetes.io/hostname": .string(name),
            "kubernetes.io/os": "linux", "topology.kubernetes.io/zone": .string(zone), "martlet.dev/simulated": "true",
        ]
    }

    /// The object to register with.
    package func object(now: KubernetesTime) -> KubernetesObject {
        var node = KubernetesObject(.nodes, name: name, ["spec": [:]])
        node.setMetadata("labels", labels)
        node.status = status(of: nil, now: now)
        return node
    }

    /// The status of the node as it is registered, with the conditions' times as they are due.
    package func status(of node: KubernetesObject?, now: KubernetesTime) -> JSON {
        var status = node?.status ?? .object([:])
        status["capacity"] = capacity.json
        status["allocatable"] = capacity.json
        status["addresses"] = [
            ["type": "InternalIP", "address": .string(address)], ["type": "Hostname", "address": .string(name)],
        ]
        status["nodeInfo"] = nodeInfo
        status["daemonEndpoints"] = ["kubeletEndpoint": ["Port": 10250]]
        status["conditions"] = conditions(present: node?.status?["conditions"]?.arrayValue ?? [], now: now)
        return status
    }

    private var nodeInfo: JSON {
        [
            "architecture": .string(Self.architecture), "bootID": .string("simulated-" + name),
            "containerRuntimeVersion": "simulated://1.0", "kernelVersion": "simulated", "kubeProxyVersion": "",
            "kubeletVersion": .string(Self.kubeletVersion), "machineID": .string("simulated-" + name),
            "operatingSystem": "linux", "osImage": "simulated", "systemUUID": .string("simulated-" + name),
        ]
    }

    private func conditions(present: [JSON], now: KubernetesTime) -> JSON {
        let own: [(type: String, status: String, reason: String, message: String)] = [
            ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ]
        let conditions: [JSON] = own.map { state in
            let before = present.first { $0["type"]?.stringValue == state.type }
            let isSame = before?["status"]?.stringValue == state.status
            return [
                "type": .string(state.type), "status": .string(state.status), "lastHeartbeatTime": now.json,
                "lastTransitionTime": (isSame ? before?["lastTransitionTime"] : nil) ?? now.json,
                "reason": .string(state.reason), "message": .string(state.message),
            ]
        }
        let names = Set(own.map(\.type))
        return .array(conditions + present.filter { !names.contains($0["type"]?.stringValue ?? "") })
    }

    /// The lease by which the node shows that it lives.
    package func lease(of node: KubernetesObject, now: KubernetesTime) -> KubernetesObject {
        var lease = KubernetesObject(
            .leases, namespace: "kube-node-lease", name: name,
            [
                "spec": [
                    "holderIdentity": .string(name), "leaseDurationSeconds": .int(Self.leaseDurationSeconds),
                    "renewTime": .string(now.microTime),
                ]
            ])
        lease.ownerReferences = [
            OwnerReference(apiVersion: "v1", kind: "Node", name: name, uid: node.uid)
        ]
        return lease
    }
}
