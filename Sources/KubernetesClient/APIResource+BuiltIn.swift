// The resources that come with Kubernetes 1.36 and that a client of the control plane asks for by name.
extension APIResource {
    public static let bindings = APIResource(version: "v1", plural: "bindings", kind: "Binding")
    public static let configMaps = APIResource(version: "v1", plural: "configmaps", kind: "ConfigMap")
    public static let endpoints = APIResource(version: "v1", plural: "endpoints", kind: "Endpoints")
    public static let events = APIResource(version: "v1", plural: "events", kind: "Event")
    public static let limitRanges = APIResource(version: "v1", plural: "limitranges", kind: "LimitRange")
    public static let persistentVolumeClaims = APIResource(
        version: "v1", plural: "persistentvolumeclaims", kind: "PersistentVolumeClaim")
    public static let pods = APIResource(version: "v1", plural: "pods", kind: "Pod")
    public static let podTemplates = APIResource(version: "v1", plural: "podtemplates", kind: "PodTemplate")
    public static let replicationControllers = APIResource(
        version: "v1", plural: "replicationcontrollers", kind: "ReplicationController")
    public static let resourceQuotas = APIResource(version: "v1", plural: "resourcequotas", kind: "ResourceQuota")
    public static let secrets = APIResource(version: "v1", plural: "secrets", kind: "Secret")
    public static let serviceAccounts = APIResource(version: "v1", plural: "serviceaccounts", kind: "ServiceAccount")
    public static let services = APIResource(version: "v1", plural: "services", kind: "Service")
    public static let namespaces = APIResource(
        version: "v1", plural: "namespaces", kind: "Namespace", isNamespaced: false)
    public static let nodes = APIResource(version: "v1", plural: "nodes", kind: "Node", isNamespaced: false)
    public static let persistentVolumes = APIResource(
        version: "v1", plural: "persistentvolumes", kind: "PersistentVolume", isNamespaced: false)

    public static let controllerRevisions = APIResource(
        group: "apps", version: "v1", plural: "controllerrevisions", kind: "ControllerRevision")
    public static let daemonSets = APIResource(group: "apps", version: "v1", plural: "daemonsets", kind: "DaemonSet")
    public static let deployments = APIResource(group: "apps", version: "v1", plural: "deployments", kind: "Deployment")
    public static let replicaSets = APIResource(group: "apps", version: "v1", plural: "replicasets", kind: "ReplicaSet")
    public static let statefulSets = APIResource(
        group: "apps", version: "v1", plural: "statefulsets", kind: "StatefulSet")

    public static let horizontalPodAutoscalers = APIResource(
        group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers", kind: "HorizontalPodAutoscaler")

    public static let cronJobs = APIResource(group: "batch", version: "v1", plural: "cronjobs", kind: "CronJob")
    public static let jobs = APIResource(group: "batch", version: "v1", plural: "jobs", kind: "Job")

    public static let certificateSigningRequests = APIResource(
        group: "certificates.k8s.io", version: "v1", plural: "certificatesigningrequests",
        kind: "CertificateSigningRequest", isNamespaced: false)

    public static let leases = APIResource(group: "coordination.k8s.io", version: "v1", plural: "leases", kind: "Lease")

    public static let endpointSlices = APIResource(
        group: "discovery.k8s.io", version: "v1", plural: "endpointslices", kind: "EndpointSlice")

    public static let ingresses = APIResource(
        group: "networking.k8s.io", version: "v1", plural: "ingresses", kind: "Ingress")
    public static let networkPolicies = APIResource(
        group: "networking.k8s.io", version: "v1", plural: "networkpolicies", kind: "NetworkPolicy")
    public static let ingressClasses = APIResource(
        group: "networking.k8s.io", version: "v1", plural: "ingressclasses", kind: "IngressClass", isNamespaced: false)
    public static let serviceCIDRs = APIResource(
        group: "networking.k8s.io", version: "v1", plural: "servicecidrs", kind: "ServiceCIDR", isNamespaced: false)
    public static let ipAddresses = APIResource(
        group: "networking.k8s.io", version: "v1", plural: "ipaddresses", kind: "IPAddress", isNamespaced: false)

    public static let podDisruptionBudgets = APIResource(
        group: "policy", version: "v1", plural: "poddisruptionbudgets", kind: "PodDisruptionBudget")

    public static let roles = APIResource(
        group: "rbac.authorization.k8s.io", version: "v1", plural: "roles", kind: "Role")
    public static let roleBindings = APIResource(
        group: "rbac.authorization.k8s.io", version: "v1", plural: "rolebindings", kind: "RoleBinding")
    public static let clusterRoles = APIResource(
        group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterroles", kind: "ClusterRole",
        isNamespaced: false)
    public static let clusterRoleBindings = APIResource(
        group: "rbac.authorization.k8s.io", version: "v1", plural: "clusterrolebindings", kind: "ClusterRoleBinding",
        isNamespaced: false)

    public static let priorityClasses = APIResource(
        group: "scheduling.k8s.io", version: "v1", plural: "priorityclasses", kind: "PriorityClass", isNamespaced: false
    )

    public static let storageClasses = APIResource(
        group: "storage.k8s.io", version: "v1", plural: "storageclasses", kind: "StorageClass", isNamespaced: false)
    public static let volumeAttachments = APIResource(
        group: "storage.k8s.io", version: "v1", plural: "volumeattachments", kind: "VolumeAttachment",
        isNamespaced: false)
    public static let csiNodes = APIResource(
        group: "storage.k8s.io", version: "v1", plural: "csinodes", kind: "CSINode", isNamespaced: false)
    public static let csiDrivers = APIResource(
        group: "storage.k8s.io", version: "v1", plural: "csidrivers", kind: "CSIDriver", isNamespaced: false)
    public static let csiStorageCapacities = APIResource(
        group: "storage.k8s.io", version: "v1", plural: "csistoragecapacities", kind: "CSIStorageCapacity")

    public static let resourceClaims = APIResource(
        group: "resource.k8s.io", version: "v1", plural: "resourceclaims", kind: "ResourceClaim")
    public static let resourceClaimTemplates = APIResource(
        group: "resource.k8s.io", version: "v1", plural: "resourceclaimtemplates", kind: "ResourceClaimTemplate")
    public static let resourceSlices = APIResource(
        group: "resource.k8s.io", version: "v1", plural: "resourceslices", kind: "ResourceSlice", isNamespaced: false)
    public static let deviceClasses = APIResource(
        group: "resource.k8s.io", version: "v1", plural: "deviceclasses", kind: "DeviceClass", isNamespaced: false)

    public static let customResourceDefinitions = APIResource(
        group: "apiextensions.k8s.io", version: "v1", plural: "customresourcedefinitions",
        kind: "CustomResourceDefinition", isNamespaced: false)

    public static let apiServices = APIResource(
        group: "apiregistration.k8s.io", version: "v1", plural: "apiservices", kind: "APIService", isNamespaced: false)

    public static let mutatingWebhookConfigurations = APIResource(
        group: "admissionregistration.k8s.io", version: "v1", plural: "mutatingwebhookconfigurations",
        kind: "MutatingWebhookConfiguration", isNamespaced: false)
    public static let validatingWebhookConfigurations = APIResource(
        group: "admissionregistration.k8s.io", version: "v1", plural: "validatingwebhookconfigurations",
        kind: "ValidatingWebhookConfiguration", isNamespaced: false)
    public static let validatingAdmissionPolicies = APIResource(
        group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicies",
        kind: "ValidatingAdmissionPolicy", isNamespaced: false)
    public static let validatingAdmissionPolicyBindings = APIResource(
        group: "admissionregistration.k8s.io", version: "v1", plural: "validatingadmissionpolicybindings",
        kind: "ValidatingAdmissionPolicyBinding", isNamespaced: false)
}
