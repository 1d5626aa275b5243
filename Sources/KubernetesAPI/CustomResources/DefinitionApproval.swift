public import JSON

import APIMachinery

/// Whether a `CustomResourceDefinition` in a group of the Kubernetes project says who agreed to it.
public struct DefinitionApproval: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        case approved, bypassed, missing, invalid
    }

    static let annotation = "api-approved.kubernetes.io"
    private static let rule = "see https://github.com/kubernetes/enhancements/pull/1111"

    public let state: State
    private let text: String

    /// - Returns: `nil` for a definition in a group of its own.
    public init?(of definition: JSON) {
        let group = definition["spec"]?["group"]?.stringValue ?? ""
        guard ["k8s.io", "kubernetes.io"].contains(where: { group == $0 || group.hasSuffix("." + $0) }) else {
            return nil
        }
        text = definition["metadata"]?["annotations"]?[Self.annotation]?.stringValue ?? ""
        if text.isEmpty {
            state = .missing
        } else if text.hasPrefix("unapproved") {
            state = .bypassed
        } else {
            state = Self.isAddress(text) ? .approved : .invalid
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].hasPrefix("//") && parts[1].utf8.count > 2
            && !parts[1].hasPrefix("///")
    }

    /// The state in words, as the condition `KubernetesAPIApprovalPolicyConformant` and errors have it.
    public var reason: String {
        let must = "protected groups must have approval annotation \"\(Self.annotation)\""
        return switch state {
        case .approved: "approved in \(text)"
        case .bypassed: "not approved: \(FieldError.quoted(text))"
        case .missing: "\(must), \(Self.rule)"
        case .invalid: "\(must) with either a URL or a reason starting with \"unapproved\", \(Self.rule)"
        }
    }

    public static func == (lhs: DefinitionApproval, rhs: DefinitionApproval) -> Bool { lhs.state == rhs.state }
    public func hash(into hasher: inout Hasher) { hasher.combine(state) }
}
