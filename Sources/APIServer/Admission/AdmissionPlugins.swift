/// The admission plugins that there are, by kube-apiserver's names, and the operator's choice among them.
public struct AdmissionPlugins: Sendable {
    /// Why a choice of plugins is refused.
    public struct InvalidChoice: Error, CustomStringConvertible {
        public let description: String
    }

    /// In the order in which they run (kube-apiserver's).
    private static let all: [(name: String, plugin: any AdmissionPlugin)] = [
        ("NamespaceLifecycle", NamespaceLifecycle()), ("LimitRanger", LimitRanger()),
        ("TaintNodesByCondition", NodeReadinessTaint()),
        ("Priority", PodPriority()), ("DefaultTolerationSeconds", DefaultTolerations()),
        ("DefaultStorageClass", DefaultClass.ofClaims), ("StorageObjectInUseProtection", StorageProtection()),
        ("PersistentVolumeClaimResize", ClaimResize()),
        ("CertificateSubjectRestriction", CertificateSubjectRestriction()),
        ("DefaultIngressClass", DefaultClass.ofIngresses),
    ]
    /// Not a step of the chain but of the store's commit, which alone counts without a race.
    private static let quota = "ResourceQuota"
    /// Those of kube-apiserver that are not built.
    private static let missing: Set<String> = [
        "AlwaysAdmit", "AlwaysDeny", "AlwaysPullImages", "CertificateApproval", "CertificateSigning",
        "ClusterTrustBundleAttest", "DenyServiceExternalIPs", "EventRateLimit", "ExtendedResourceToleration",
        "ImagePolicyWebhook", "LimitPodHardAntiAffinityTopology", "MutatingAdmissionPolicy",
        "MutatingAdmissionWebhook", "NamespaceAutoProvision", "NamespaceExists", "NodeDeclaredFeatureValidator",
        "NodeRestriction", "OwnerReferencesPermissionEnforcement", "PodNodeSelector", "PodSecurity",
        "PodTolerationRestriction", "PodTopologyLabels", "RuntimeClass", "ServiceAccount", "ValidatingAdmissionPolicy",
        "ValidatingAdmissionWebhook",
    ]

    /// Switched on by name, and not built.
    public let withoutEffect: [String]
    let chain: AdmissionChain
    let countsQuota: Bool

    /// All plugins that are built are on by default.
    public init() {
        withoutEffect = []
        chain = AdmissionChain(Self.all)
        countsQuota = true
    }

    /// - Throws: `InvalidChoice` for a name that kube-apiserver does not know, and for one in both lists, in its words.
    public init(enabled: [String], disabled: [String]) throws(InvalidChoice) {
        for (flag, names) in [("enable", enabled), ("disable", disabled)] {
            for name in names where !Self.isKnown(name) {
                throw InvalidChoice(description: "\(flag)-admission-plugins plugin \"\(name)\" is unknown")
            }
        }
        let both = Set(enabled).intersection(disabled).sorted()
        guard both.isEmpty else {
            throw InvalidChoice(
                description: "[\(both.joined(separator: " "))] in enable-admission-plugins and "
                    + "disable-admission-plugins overlapped")
        }
        withoutEffect = enabled.filter(Self.missing.contains)
        chain = AdmissionChain(Self.all.filter { !disabled.contains($0.name) })
        countsQuota = !disabled.contains(Self.quota)
    }

    private static func isKnown(_ name: String) -> Bool {
        name == quota || missing.contains(name) || all.contains { $0.name == name }
    }
}
