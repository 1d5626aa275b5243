import APIMachinery
import JSON

// Who may do what, and what is let in.
extension Tables {
    static func access(_ resource: String) -> [TableColumn] {
        switch resource {
        case "rolebindings", "clusterrolebindings": binding
        case "certificatesigningrequests": signingRequest
        default: standard
        }
    }

    private static let binding: [TableColumn] = [
        .name,
        .text("Role", "The role that is given.") { object in
            object.text("roleRef", "kind") + "/" + object.text("roleRef", "name")
        },
        .age,
        .text("Users", wide: true, "Users who have the role.") { subjects("User", of: $0) },
        .text("Groups", wide: true, "Groups that have the role.") { subjects("Group", of: $0) },
        .text("ServiceAccounts", wide: true, "Service accounts that have the role.") {
            subjects("ServiceAccount", of: $0)
        },
    ]

    private static func subjects(_ kind: String, of binding: JSON) -> String {
        binding.items("subjects").filter { $0.text("kind") == kind }.map { subject in
            kind == "ServiceAccount" ? subject.text("namespace") + "/" + subject.text("name") : subject.text("name")
        }.joined(separator: ", ")
    }

    private static let signingRequest: [TableColumn] = [
        .name,
        .age,
        .text("SignerName", "Who is to sign.", at: "spec", "signerName", or: CellText.none),
        .text("Requestor", "Who asked.", at: "spec", "username"),
        .text("RequestedDuration", "How long the certificate is to hold.") { object in
            guard let seconds = object.at("spec", "expirationSeconds")?.intValue else { return CellText.none }
            return KubernetesTime.humanDuration(seconds: seconds)
        },
        .text("Condition", "Whether the request was granted, and the certificate made.", signingState),
    ]

    private static func signingState(_ request: JSON) -> String {
        func has(_ type: String) -> Bool { request.condition(type) != nil }
        var state = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending"
        if has("Failed") { state += ",Failed" }
        if !request.text("status", "certificate").isEmpty { state += ",Issued" }
        return state
    }

    static func admission(_ resource: String) -> [TableColumn] {
        switch resource {
        case "mutatingwebhookconfigurations", "validatingwebhookconfigurations":
            [.name, .count("Webhooks", "How many webhooks there are.", of: "webhooks"), .age]
        case "validatingadmissionpolicies":
            [.name, .count("Validations", "How many rules there are.", of: "spec", "validations"), parameterKind, .age]
        case "mutatingadmissionpolicies":
            [.name, .count("Mutations", "How many changes there are.", of: "spec", "mutations"), parameterKind, .age]
        case "validatingadmissionpolicybindings", "mutatingadmissionpolicybindings":
            [.name, .text("PolicyName", "The policy that is put to use.", at: "spec", "policyName"), parameters, .age]
        default: standard
        }
    }

    private static let parameterKind = TableColumn.text("ParamKind", "The kind of the policy's settings.") { object in
        guard let kind = object.at("spec", "paramKind") else { return CellText.unset }
        return kind.text("apiVersion") + "/" + kind.text("kind")
    }

    private static let parameters = TableColumn.text("ParamRef", "The settings that the policy is used with.") {
        object in
        guard let reference = object.at("spec", "paramRef") else { return CellText.unset }
        let name = reference.text("name")
        guard !name.isEmpty else { return CellText.selector(reference["selector"]) }
        let namespace = reference.text("namespace")
        return (namespace.isEmpty ? "*" : namespace) + "/" + name
    }

    static func flowControl(_ resource: String) -> [TableColumn] {
        switch resource {
        case "flowschemas": flowSchema
        case "prioritylevelconfigurations": priorityLevel
        default: standard
        }
    }

    private static let flowSchema: [TableColumn] = [
        .name,
        .text("PriorityLevel", "Where matching requests go.", at: "spec", "priorityLevelConfiguration", "name"),
        .integer(
            "MatchingPrecedence", type: "string", "The lowest of those that match counts.", at: "spec",
            "matchingPrecedence"),
        .text(
            "DistinguisherMethod", "What tells one flow from another.", at: "spec", "distinguisherMethod", "type",
            or: CellText.none),
        .age,
        .text("MissingPL", "Whether the priority level is not there.") { object in
            object.condition("Dangling")?.text("status") ?? "?"
        },
    ]

    private static let priorityLevel: [TableColumn] = [
        .name,
        .text("Type", "Whether the level is limited.", at: "spec", "type"),
        number("NominalConcurrencyShares", "The level's part of what the server can do.", "nominalConcurrencyShares"),
        number("Queues", "How many queues there are.", "limitResponse", "queuing", "queues"),
        number("HandSize", "How many queues a flow may use.", "limitResponse", "queuing", "handSize"),
        number(
            "QueueLengthLimit", "How many requests one queue holds.", "limitResponse", "queuing", "queueLengthLimit"),
        .age,
    ]

    /// A number of a limited priority level.
    private static func number(_ name: String, _ description: String, _ path: String...) -> TableColumn {
        TableColumn(name: name, type: "string", description: description) { object, _ in
            object.at(["spec", "limited"] + path) ?? .string(CellText.none)
        }
    }

    static let apiService: [TableColumn] = [
        .name,
        .text("Service", "Who answers for the group and version.") { object in
            guard let service = object.at("spec", "service") else { return "Local" }
            return service.text("namespace") + "/" + service.text("name")
        },
        .text("Available", "Whether it can be reached.") { object in
            guard let condition = object.condition("Available") else { return "Unknown" }
            let status = condition.text("status")
            let reason = condition.text("reason")
            return status == "True" || reason.isEmpty ? status : "\(status) (\(reason))"
        },
        .age,
    ]

    static let priorityClass: [TableColumn] = [
        .name,
        .integer("Value", "The priority; more comes first.", at: "value"),
        .flag("Global-Default", "Whether pods without a class get this one.", at: "globalDefault"),
        .age,
        .text("PreemptionPolicy", "Whether pods may push out others.", at: "preemptionPolicy"),
    ]
}
