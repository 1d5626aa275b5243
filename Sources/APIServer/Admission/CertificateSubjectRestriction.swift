import APIMachinery
import JSON
import KubernetesAPI
import PKI

/// No certificate for clients of the API server makes its bearer a member of the group that may do everything
/// (Kubernetes' plugin of this name).
struct CertificateSubjectRestriction: AdmissionPlugin {
    private static let kind = GroupKind(group: "certificates.k8s.io", kind: "CertificateSigningRequest")
    private static let signer = "kubernetes.io/kube-apiserver-client"

    func admit(_ request: inout AdmissionRequest) async throws {
        guard request.creates(Self.kind), let spec = request.object?["spec"],
            spec["signerName"]?.stringValue == Self.signer
        else { return }
        let block = PEMBlock.all(in: Base64.decoded(spec["request"]?.stringValue ?? "")).first
        guard let block, block.type == "CERTIFICATE REQUEST" else {
            throw request.forbidden("failed to parse CSR: PEM block type must be CERTIFICATE REQUEST")
        }
        guard let parsed = try? CertificateRequest(der: block.bytes) else {
            throw request.forbidden("failed to parse CSR: not a certificate request")
        }
        if parsed.subject.organizations.contains(UserInfo.mastersGroup) {
            throw request.forbidden("use of \(Self.signer) signer with \(UserInfo.mastersGroup) group is not allowed")
        }
    }
}
