import APIMachinery
import Testing

@testable import KubernetesAPI

/// What new objects may not look like, a kind of mistake a row.
struct FieldRulesTests {
    static let pods: [RuleRow] = [
        RuleRow(
            "/Pod", "a name for the host goes with no host network",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"hostNetwork":true,"hostnameOverride":"h"}}"#,
            "spec.hostnameOverride | Forbidden"),
        RuleRow(
            "/Pod", "a mirror without its node",
            #"{"metadata":{"annotations":{"kubernetes.io/config.mirror":"x"}},"spec":{"containers":[{"name":"c","image":"n"}]}}"#,
            "metadata.annotations[kubernetes.io/config.mirror] | Invalid"),
        RuleRow(
            "/Pod", "a cost with a plus",
            #"{"metadata":{"annotations":{"controller.kubernetes.io/pod-deletion-cost":"+1"}},"spec":{"containers":[{"name":"c","image":"n"}]}}"#,
            "metadata.annotations[controller.kubernetes.io/pod-deletion-cost] | Invalid"),
        RuleRow(
            "/Pod", "a cost",
            #"{"metadata":{"annotations":{"controller.kubernetes.io/pod-deletion-cost":"-10"}},"spec":{"containers":[{"name":"c","image":"n"}]}}"#
        ),
        RuleRow(
            "/Pod", "an AppArmor profile for no container",
            #"{"metadata":{"annotations":{"container.apparmor.security.beta.kubernetes.io/d":"odd"}},"spec":{"containers":[{"name":"c","image":"n"}]}}"#,
            "metadata.annotations[container.apparmor.security.beta.kubernetes.io/d] | Invalid",
            "metadata.annotations[container.apparmor.security.beta.kubernetes.io/d] | Invalid"),
        RuleRow(
            "/Pod", "users of its own beside the host's processes",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"hostUsers":false,"hostPID":true,"hostIPC":true}}"#,
            "spec.HostPID | Forbidden",
            "spec.HostIPC | Forbidden"),
        RuleRow(
            "/Pod", "the unmasked /proc needs users of its own",
            #"{"spec":{"containers":[{"name":"c","image":"n","securityContext":{"procMount":"Unmasked"}}]}}"#,
            "spec.containers[0].securityContext.procMount | Invalid"),
        RuleRow(
            "/Pod", "the unmasked /proc with users of its own",
            #"{"spec":{"hostUsers":false,"containers":[{"name":"c","image":"n","securityContext":{"procMount":"Unmasked"}}]}}"#
        ),
        RuleRow(
            "/Pod", "Linux with options for Windows",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"os":{"name":"linux"},"securityContext":{"windowsOptions":{"runAsUserName":"u"}}}}"#,
            "spec.securityContext.windowsOptions | Forbidden"),
        RuleRow(
            "/Pod", "Windows with options for Linux",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"os":{"name":"windows"},"securityContext":{"fsGroup":1},"hostPID":true}}"#,
            "spec.hostPID | Forbidden",
            "spec.securityContext.fsGroup | Forbidden"),
        RuleRow(
            "/Pod", "a Windows user of two domains",
            #"{"spec":{"containers":[{"name":"c","image":"n","securityContext":{"windowsOptions":{"runAsUserName":"a\\b\\c"}}}]}}"#,
            "spec.containers[0].securityContext.windowsOptions.runAsUserName | Invalid"),
        RuleRow(
            "/Pod", "restart rules without a policy",
            #"{"spec":{"containers":[{"name":"c","image":"n","restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"In","values":[1]}}]}]}}"#,
            "spec.containers[0].restartPolicy | Required"),
        RuleRow(
            "/Pod", "read-only all the way down needs read-only",
            #"{"spec":{"containers":[{"name":"c","image":"n","volumeMounts":[{"name":"v","mountPath":"/v","recursiveReadOnly":"Enabled"}]}],"volumes":[{"name":"v","emptyDir":{}}]}}"#,
            "spec.containers[0].volumeMounts.recursiveReadOnly | Forbidden"),
        RuleRow(
            "/Pod", "a divisor of CPU in mebibytes",
            #"{"spec":{"containers":[{"name":"c","image":"n","env":[{"name":"A","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu","divisor":"1Mi"}}}]}]}}"#,
            "spec.containers[0].env[0].valueFrom.resourceFieldRef.divisor | Invalid"),
        RuleRow(
            "/Pod", "a claim twice",
            #"{"spec":{"containers":[{"name":"c","image":"n","resources":{"claims":[{"name":"r"},{"name":"r"},{"name":"s"}]}}],"resourceClaims":[{"name":"r","resourceClaimName":"x"}]}}"#,
            "spec.containers[0].resources.claims[1] | Duplicate",
            "spec.containers[0].resources.claims[2] | NotFound"),
        RuleRow(
            "/Pod", "less for the pod than for its container",
            #"{"spec":{"resources":{"requests":{"cpu":"1"}},"containers":[{"name":"c","image":"n","resources":{"requests":{"cpu":"2"}}}]}}"#,
            "spec.resources.requests[cpu] | Invalid"),
        RuleRow(
            "/Pod", "a key to match and to mismatch",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"z","labelSelector":{},"matchLabelKeys":["k"],"mismatchLabelKeys":["k"]}]}}}}"#,
            "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys[0] | Invalid"),
        RuleRow(
            "/Pod", "a token without an account",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","projected":{"sources":[{"serviceAccountToken":{"path":"t"}}]}}]}}"#,
            "spec.volumes[0].projected.sources[0].serviceAccountToken | Forbidden"),
        RuleRow(
            "/Pod", "a sysctl of the host's network",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"hostNetwork":true,"securityContext":{"sysctls":[{"name":"net.core.somaxconn","value":"1"}]}}}"#,
            "spec.securityContext.sysctls[0].name | Invalid"),
    ]

    static let hugePages: [RuleRow] = [
        RuleRow(
            "/Pod", "a page and a half",
            #"{"spec":{"containers":[{"name":"c","image":"n","resources":{"limits":{"cpu":"1","hugepages-2Mi":"3Mi"}}}]}}"#,
            "spec.containers[0].resources.limits[hugepages-2Mi] | Invalid",
            "spec.containers[0].resources.requests[hugepages-2Mi] | Invalid"),
        RuleRow(
            "/Pod", "two pages",
            #"{"spec":{"containers":[{"name":"c","image":"n","resources":{"limits":{"cpu":"1","hugepages-2Mi":"4Mi"}}}]}}"#
        ),
    ]

    static let volumes: [RuleRow] = [
        RuleRow(
            "/Pod", "a mount of a volume that is wrong itself",
            #"{"spec":{"containers":[{"name":"c","image":"n","volumeMounts":[{"name":"v","mountPath":"/v"}]}],"volumes":[{"name":"v","nfs":{"server":"s","path":"p"}}]}}"#,
            "spec.volumes[0].nfs.path | Invalid",
            "spec.containers[0].volumeMounts[0].name | NotFound"),
        RuleRow(
            "/Pod", "iSCSI with a name of no form",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","iscsi":{"targetPortal":"p","iqn":"x","lun":300}}]}}"#,
            "spec.volumes[0].iscsi.iqn | Invalid",
            "spec.volumes[0].iscsi.lun | Invalid"),
        RuleRow(
            "/Pod", "iSCSI",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","iscsi":{"targetPortal":"p","iqn":"iqn.2001-04.com.example:storage.disk","lun":0}}]}}"#
        ),
        RuleRow(
            "/Pod", "fibre channel without a unit",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","fc":{"targetWWNs":["w"]}}]}}"#,
            "spec.volumes[0].fc.lun | Required"),
        RuleRow(
            "/Pod", "two files of one path",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","projected":{"sources":[{"secret":{"name":"s","items":[{"key":"k","path":"p"}]}},{"configMap":{"name":"m","items":[{"key":"k","path":"p"}]}}]}}]}}"#,
            "spec.volumes[0].projected | Invalid"),
        RuleRow(
            "/Pod", "a file that shows nothing",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","downwardAPI":{"items":[{"path":"../p"}]}}]}}"#,
            "spec.volumes[0].downwardAPI.path | Invalid",
            "spec.volumes[0].downwardAPI | Required"),
        RuleRow(
            "/Pod", "a driver without a name",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","csi":{"driver":""}}]}}"#,
            "spec.volumes[0].csi.driver | Required",
            "spec.volumes[0].csi.driver | Invalid"),
        RuleRow(
            "/Pod", "a claim template with a name",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","ephemeral":{"volumeClaimTemplate":{"metadata":{"name":"x"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}}}]}}"#,
            "spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.name | Forbidden"),
        RuleRow(
            "/Pod", "an option of Kubernetes' own",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","flexVolume":{"driver":"d","options":{"kubernetes.io/x":"y"}}}]}}"#,
            "spec.volumes[0].flexVolume.options[kubernetes.io/x] | Invalid"),
        RuleRow(
            "/Pod", "a managed disk by an URL",
            #"{"spec":{"containers":[{"name":"c","image":"n"}],"volumes":[{"name":"v","azureDisk":{"diskName":"d","diskURI":"https://x","kind":"Managed"}}]}}"#,
            "spec.volumes[0].azureDisk.diskURI | NotSupported"),
        RuleRow(
            "/PersistentVolume", "a local volume of no node",
            #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"local":{"path":"/d"}}}"#,
            "spec.nodeAffinity | Required"),
        RuleRow(
            "/PersistentVolume", "the root is not recycled",
            #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"persistentVolumeReclaimPolicy":"Recycle","hostPath":{"path":"/"}}}"#,
            "spec.persistentVolumeReclaimPolicy | Forbidden"),
        RuleRow(
            "/PersistentVolume", "a secret without its namespace",
            #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"csi":{"driver":"d","volumeHandle":"h","nodeStageSecretRef":{},"nodePublishSecretRef":{"name":"s"}}}}"#,
            "spec.csi.nodePublishSecretRef.namespace | Required"),
        RuleRow(
            "/PersistentVolume", "attributes without a driver",
            #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/d"},"volumeAttributesClassName":""}}"#,
            "spec.volumeAttributesClassName | Required",
            "spec.csi | Required"),
        RuleRow(
            "/PersistentVolumeClaim", "two sources that differ",
            #"{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSource":{"kind":"PersistentVolumeClaim","name":"a"},"dataSourceRef":{"kind":"PersistentVolumeClaim","name":"b"}}}"#,
            "spec | Invalid"),
        RuleRow(
            "storage.k8s.io/StorageClass", "a topology twice",
            #"{"provisioner":"p","allowedTopologies":[{"matchLabelExpressions":[{"key":"k","values":["a","a"]},{"key":"k","values":[]}]}]}"#,
            "allowedTopologies[0].matchLabelExpressions[0].values[1] | Duplicate",
            "allowedTopologies[0].matchLabelExpressions[1].values | Required",
            "allowedTopologies[0].matchLabelExpressions[1].key | Duplicate"),
        RuleRow(
            "storage.k8s.io/CSIDriver", "an audience twice, of which the second is not looked at",
            #"{"spec":{"tokenRequests":[{"audience":"a"},{"audience":"a","expirationSeconds":5}]}}"#,
            "spec.tokenRequests[1].audience | Duplicate"),
        RuleRow(
            "storage.k8s.io/CSINode", "a key twice",
            #"{"spec":{"drivers":[{"name":"d","nodeID":"i","topologyKeys":["k","k"]}]}}"#,
            "spec.drivers[0] | Duplicate"),
        RuleRow(
            "storage.k8s.io/VolumeAttributesClass", "no parameters",
            #"{"driverName":"d"}"#,
            "parameters | Required"),
        RuleRow(
            "storage.k8s.io/VolumeAttachment", "nothing to attach",
            #"{"spec":{"attacher":"d","nodeName":"n","source":{}}}"#,
            "spec.source | Required"),
    ]

    static let workloads: [RuleRow] = [
        RuleRow(
            "batch/Job", "an indexed job whose pods have no host name",
            #"{"metadata":{"name":"a.b"},"spec":{"completionMode":"Indexed","completions":2,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            "metadata.name | Invalid"),
        RuleRow(
            "batch/Job", "too many at once",
            #"{"spec":{"completionMode":"Indexed","completions":2,"parallelism":100001,"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            "spec.parallelism | Invalid"),
        RuleRow(
            "batch/Job", "success without indexes",
            #"{"spec":{"successPolicy":{"rules":[{"succeededCount":1}]},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            "spec.successPolicy | Invalid"),
        RuleRow(
            "batch/Job", "success by a list that falls",
            #"{"spec":{"completionMode":"Indexed","completions":9,"successPolicy":{"rules":[{"succeededIndexes":"3,1"},{"succeededIndexes":"1-3","succeededCount":4},{}]},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            "spec.successPolicy.rules[0].succeededIndexes | Invalid",
            "spec.successPolicy.rules[1].succeededCount | Invalid",
            "spec.successPolicy.rules[2] | Required"),
        RuleRow(
            "batch/Job", "a rule about no container",
            #"{"spec":{"podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"containerName":"x","operator":"In","values":[1]}}]},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}"#,
            "spec.podFailurePolicy.rules[0].action | Invalid",
            "spec.podFailurePolicy.rules[0].onExitCodes.containerName | Invalid"),
        RuleRow(
            "batch/CronJob", "a selector of its own",
            #"{"spec":{"schedule":"@daily","jobTemplate":{"spec":{"selector":{},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"n"}]}}}}}}"#,
            "spec.jobTemplate.spec.selector | Invalid"),
        RuleRow(
            "apps/StatefulSet", "a service of no name",
            #"{"spec":{"serviceName":"a.b","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Always","containers":[{"name":"c","image":"n"}]}}}}"#,
            "spec.serviceName | Invalid"),
        RuleRow(
            "apps/Deployment", "labels of the template have paths of their own",
            #"{"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b","c d":"e"}},"spec":{"containers":[{"name":"c","image":"n"}]}}}}"#,
            "spec.template.labels | Invalid"),
        RuleRow(
            "autoscaling/HorizontalPodAutoscaler", "an external metric of two targets",
            #"{"spec":{"maxReplicas":2,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},"metrics":[{"type":"External","external":{"metric":{"name":"m"},"target":{"type":"Value","value":"1","averageValue":"1"}}}]}}"#,
            "spec.metrics[0].external.target.value | Forbidden"),
        RuleRow(
            "autoscaling/HorizontalPodAutoscaler", "a container without a name",
            #"{"spec":{"maxReplicas":2,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},"metrics":[{"type":"ContainerResource","containerResource":{"name":"cpu","target":{"type":"Odd","averageUtilization":5}}}]}}"#,
            "spec.metrics[0].containerResource.container | Required",
            "spec.metrics[0].containerResource.target.type | Invalid"),
    ]

    static let namespaces: [RuleRow] = [
        RuleRow(
            "/LimitRange", "a ratio below one, another beyond the limits",
            #"{"spec":{"limits":[{"type":"Container","maxLimitRequestRatio":{"cpu":"500m"}},{"type":"Pod","min":{"cpu":"1"},"max":{"cpu":"2"},"maxLimitRequestRatio":{"cpu":"3"}}]}}"#,
            "spec.limits[0].maxLimitRequestRatio[cpu] | Invalid",
            "spec.limits[1].maxLimitRequestRatio[cpu] | Invalid"),
        RuleRow(
            "/LimitRange", "a resource that containers do not have",
            #"{"spec":{"limits":[{"type":"Container","max":{"pods":"1"}}]}}"#,
            "spec.limits[0].max[pods] | Invalid",
            "spec.limits[0].default[pods] | Invalid",
            "spec.limits[0].defaultRequest[pods] | Invalid"),
        RuleRow(
            "/ResourceQuota", "a scope that does not count a resource",
            #"{"spec":{"hard":{"cpu":"1"},"scopes":["BestEffort"]}}"#,
            "spec.scopes | Invalid"),
        RuleRow(
            "/ResourceQuota", "a scope that only is, asked for a value",
            #"{"spec":{"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"BestEffort","operator":"In"},{"scopeName":"PriorityClass","operator":"In","values":["a"]}]}}}"#,
            "spec.scopeSelector.matchExpressions.operator | Invalid",
            "spec.scopeSelector.matchExpressions.values | Required"),
        RuleRow(
            "/Service", "ranges in an annotation of no balancer",
            #"{"metadata":{"annotations":{"service.beta.kubernetes.io/load-balancer-source-ranges":"x"}},"spec":{"ports":[{"port":80}]}}"#,
            "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges] | Forbidden",
            "metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges] | Invalid"),
    ]

    static let clusterKinds: [RuleRow] = [
        RuleRow(
            "admissionregistration.k8s.io/ValidatingWebhookConfiguration", "all is well",
            #"{"webhooks":[{"name":"a.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"https://e.example.com/h"}}]}"#
        ),
        RuleRow(
            "admissionregistration.k8s.io/ValidatingWebhookConfiguration", "a name of two parts",
            #"{"webhooks":[{"name":"example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"https://e.example.com/h"}}]}"#,
            "webhooks[0].name | Invalid"),
        RuleRow(
            "admissionregistration.k8s.io/ValidatingWebhookConfiguration", "an URL with all that it may not have",
            #"{"webhooks":[{"name":"a.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"http://u@/x?q#f"}}]}"#,
            "webhooks[0].clientConfig.url | Invalid",
            "webhooks[0].clientConfig.url | Invalid",
            "webhooks[0].clientConfig.url | Invalid",
            "webhooks[0].clientConfig.url | Invalid",
            "webhooks[0].clientConfig.url | Invalid"),
        RuleRow(
            "admissionregistration.k8s.io/MutatingWebhookConfiguration",
            "a service without a name, at a path with a hole",
            #"{"webhooks":[{"name":"a.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"service":{"namespace":"n","path":"/a//b"}}}]}"#,
            "webhooks[0].clientConfig.service.namespace | Required",
            "webhooks[0].clientConfig.service.path | Invalid"),
        RuleRow(
            "admissionregistration.k8s.io/MutatingWebhookConfiguration", "everything and more",
            #"{"webhooks":[{"name":"a.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"url":"https://e.example.com/h"},"rules":[{"operations":["*","CREATE"],"apiGroups":["*",""],"apiVersions":[""],"resources":["*","pods","pods/*","pods/log"]}]}]}"#,
            "webhooks[0].rules[0].operations | Invalid",
            "webhooks[0].rules[0].apiGroups | Invalid",
            "webhooks[0].rules[0].apiVersions[0] | Required",
            "webhooks[0].rules[0].resources[3] | Invalid",
            "webhooks[0].rules[0].resources | Invalid"),
        RuleRow(
            "admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding",
            "denied and warned, by neither name nor selector",
            #"{"spec":{"policyName":"p","validationActions":["Deny","Warn"],"paramRef":{}}}"#,
            "spec.paramRef | Required",
            "spec.paramRef.parameterNotFoundAction | Required",
            "spec.validationActions | Invalid"),
        RuleRow(
            "apiregistration.k8s.io/APIService", "another name",
            #"{"metadata":{"name":"a"},"spec":{"group":"g.io","version":"v1","groupPriorityMinimum":1,"versionPriority":2000}}"#,
            "metadata.name | Invalid",
            "spec.versionPriority | Invalid"),
        RuleRow(
            "flowcontrol.apiserver.k8s.io/FlowSchema", "nobody, for nothing",
            #"{"spec":{"matchingPrecedence":1,"priorityLevelConfiguration":{"name":""},"rules":[{}]}}"#,
            "spec.matchingPrecedence | Invalid",
            "spec.priorityLevelConfiguration.name | Required",
            "spec.rules[0].subjects | Required",
            "spec.rules[0] | Required"),
        RuleRow(
            "flowcontrol.apiserver.k8s.io/FlowSchema", "a subject of two kinds",
            #"{"spec":{"matchingPrecedence":5,"priorityLevelConfiguration":{"name":"l"},"rules":[{"subjects":[{"kind":"User","user":{"name":"u"},"group":{"name":"g"}}],"nonResourceRules":[{"verbs":["get"],"nonResourceURLs":["x","/a/*"]}]}]}}"#,
            "spec.rules[0].subjects[0].group | Forbidden",
            "spec.rules[0].nonResourceRules[0].nonResourceURLs[0] | Invalid"),
        RuleRow(
            "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration", "more hands than queues",
            #"{"spec":{"type":"Limited","limited":{"lendablePercent":101,"limitResponse":{"type":"Queue","queuing":{"handSize":9,"queues":8}}}}}"#,
            "spec.limited.lendablePercent | Invalid",
            "spec.limited.limitResponse.queuing.handSize | Invalid"),
        RuleRow(
            "networking.k8s.io/IPAddress", "no canonical name, no parent",
            #"{"metadata":{"name":"2001:DB8::1"}}"#,
            "metadata.name | Invalid",
            "spec.parentRef | Required"),
        RuleRow(
            "networking.k8s.io/ServiceCIDR", "two of a family",
            #"{"spec":{"cidrs":["10.0.0.0/24","10.1.0.0/24"]}}"#,
            "spec.cidrs | Invalid"),
        RuleRow(
            "resource.k8s.io/ResourceClaim", "neither one nor the first of several",
            #"{"spec":{"devices":{"requests":[{"name":"r"},{"name":"r","exactly":{"deviceClassName":"c","allocationMode":"All","count":2}}],"constraints":[{"requests":["x"],"matchAttribute":"plain"}]}}}"#,
            "spec.devices.requests[0] | Required",
            "spec.devices.requests[1].exactly.count | Invalid",
            "spec.devices.requests[1] | Duplicate",
            "spec.devices.constraints[0].requests[0] | Invalid",
            "spec.devices.constraints[0].matchAttribute | Invalid"),
        RuleRow(
            "resource.k8s.io/ResourceSlice", "of no node",
            #"{"spec":{"driver":"d","pool":{"name":"p","resourceSliceCount":1}}}"#,
            "spec | Required"),
        RuleRow(
            "discovery.k8s.io/EndpointSlice", "a zone twice",
            #"{"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.1"],"hints":{"forZones":[{"name":"z"},{"name":"z"}]}}]}"#,
            "endpoints[0].hints.forZones[1].name | Duplicate"),
    ]

    @Test(arguments: pods)
    func podsAreChecked(_ row: RuleRow) throws {
        try check(row)
    }

    @Test(arguments: hugePages)
    func hugePagesAreWhole(_ row: RuleRow) throws {
        try check(row)
    }

    @Test(arguments: volumes)
    func volumesAreChecked(_ row: RuleRow) throws {
        try check(row)
    }

    @Test(arguments: workloads)
    func workloadsAreChecked(_ row: RuleRow) throws {
        try check(row)
    }

    @Test(arguments: namespaces)
    func namespacesAreChecked(_ row: RuleRow) throws {
        try check(row)
    }

    @Test(arguments: clusterKinds)
    func clusterKindsAreChecked(_ row: RuleRow) throws {
        try check(row)
    }

    private func check(_ row: RuleRow) throws {
        let subject = try RuleSubject(row.kind)
        let object = try subject.made(row.object)
        #expect(RuleSubject.texts(subject.strategy.validateCreation(object)) == row.problems)
    }
}
