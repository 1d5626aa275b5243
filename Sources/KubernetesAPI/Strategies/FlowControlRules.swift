import APIMachinery
import JSON

/// What flow schemas and priority levels may look like (`pkg/apis/flowcontrol/validation`).
enum FlowControlRules {
    private static let exempt = "exempt"
    private static let maximumPrecedence: Int64 = 10_000
    private static let verbs = [
        "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch",
    ]

    static func flowSchema(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        let precedence = spec["matchingPrecedence"]
        let value = precedence.int ?? 0
        if value <= 0 { errors.add(["must be a positive value"], at: precedence.path, value: .int(value)) }
        if value > maximumPrecedence {
            errors.invalid(precedence, "must not be greater than \(maximumPrecedence)")
        }
        if value == 1, object.fields("metadata")["name"].text != exempt {
            errors.invalid(precedence, "only the schema named 'exempt' may have matchingPrecedence 1")
        }
        if let method = spec.ifPresent("distinguisherMethod") {
            if !["ByNamespace", "ByUser"].contains(method["type"].text) {
                errors.add(
                    .notSupported(
                        method["type"].path, .string(method["type"].text), supported: ["ByNamespace", "ByUser"]))
            }
        }
        let level = spec.fields("priorityLevelConfiguration")["name"]
        if errors.require(level, "must reference a priority level") {
            errors.add(NameRules.problemsOfSubdomain(level.text), at: level)
        }
        for rule in spec["rules"].items.map(\.fields) { self.rule(rule, &errors) }
        let name = object.fields("metadata")["name"].text
        let fixed = FlowControlObjects.flowSchemas.first { $0.name == name }?.spec
        if let fixed, object["spec"].value != fixed {
            errors.invalid(object["spec"], "spec of '\(name)' must equal the fixed value")
        }
        conditions(object.fields("status"), &errors)
    }

    static func status(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        conditions(object.fields("status"), &errors)
    }

    private static func conditions(_ status: Fields, _ errors: inout FieldErrors) {
        var types = Set<String>()
        for condition in status["conditions"].items.map(\.fields) {
            let type = condition["type"]
            if !types.insert(type.text).inserted { errors.duplicate(type) }
            errors.require(type)
        }
    }

    private static func rule(_ rule: Fields, _ errors: inout FieldErrors) {
        errors.require(rule["subjects"], "subjects must contain at least one value")
        for subject in rule["subjects"].items.map(\.fields) { self.subject(subject, &errors) }
        if rule["resourceRules"].isEmpty, rule["nonResourceRules"].isEmpty {
            errors.add(
                .required(rule.path, "at least one of resourceRules and nonResourceRules has to be non-empty"))
        }
        for part in rule["resourceRules"].items.map(\.fields) { resources(part, &errors) }
        for part in rule["nonResourceRules"].items.map(\.fields) { paths(part, &errors) }
    }

    private static let subjects = [("ServiceAccount", "serviceAccount"), ("User", "user"), ("Group", "group")]

    private static func subject(_ subject: Fields, _ errors: inout FieldErrors) {
        let kind = subject["kind"].text
        guard subjects.contains(where: { $0.0 == kind }) else {
            let known = subjects.map(\.0).sorted()
            return errors.add(.notSupported(subject["kind"].path, .string(kind), supported: known))
        }
        for (name, member) in subjects {
            if name != kind {
                if subject[member].isSet {
                    errors.forbidden(subject[member], "\(member) is forbidden when subject kind is not '\(name)'")
                }
                continue
            }
            guard let fields = subject.ifPresent(member) else {
                errors.required(subject[member], "\(member) is required when subject kind is '\(name)'")
                continue
            }
            let named = fields["name"]
            if errors.require(named), kind == "ServiceAccount", named.text != "*" {
                errors.add(NameRules.problemsOfSubdomain(named.text), at: named)
            }
            if kind == "ServiceAccount" { errors.requireShape(NameRules.problemsOfLabel, fields["namespace"]) }
        }
    }

    private static func verbList(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(field, "verbs must contain at least one value") else { return }
        let list = field.items.map(\.text)
        if list.contains("*") {
            if list.count > 1 { errors.invalid(field, "if '*' is present, must not specify other verbs") }
        } else if list.contains(where: { !verbs.contains($0) }) {
            errors.add(.notSupported(field.path, field.value ?? .null, supported: verbs))
        }
    }

    /// A list that holds one thing at least, and nothing beside `*`.
    private static func list(
        _ field: FieldValue, _ missing: String, others: String, _ errors: inout FieldErrors
    ) {
        guard errors.require(field, missing) else { return }
        if field.items.count > 1, field.items.contains(where: { $0.text == "*" }) {
            errors.invalid(field, "if '*' is present, must not specify other \(others)")
        }
    }

    private static func resources(_ rule: Fields, _ errors: inout FieldErrors) {
        verbList(rule["verbs"], &errors)
        list(rule["apiGroups"], "resource rules must supply at least one api group", others: "api groups", &errors)
        list(rule["resources"], "resource rules must supply at least one resource", others: "resources", &errors)
        let namespaces = rule["namespaces"]
        if namespaces.isEmpty {
            if rule["clusterScope"].bool != true {
                errors.required(
                    namespaces, "resource rules that are not cluster scoped must supply at least one namespace")
            }
        } else if namespaces.items.contains(where: { $0.text == "*" }) {
            list(namespaces, "", others: "namespaces", &errors)
        } else {
            for namespace in namespaces.items {
                let problems = NameRules.problemsOfLabel(namespace.text)
                errors.add(
                    problems.map { "each member of this list must be '*' or a DNS-1123 label; " + $0 }, at: namespace)
            }
        }
    }

    private static func paths(_ rule: Fields, _ errors: inout FieldErrors) {
        verbList(rule["verbs"], &errors)
        let urls = rule["nonResourceURLs"]
        list(urls, "nonResourceURLs must contain at least one value", others: "non-resource URLs", &errors)
        if urls.items.contains(where: { $0.text == "*" }) { return }
        for url in urls.items {
            if let problem = problem(ofPath: url.text) { errors.invalid(url, problem) }
        }
    }

    private static func problem(ofPath path: String) -> String? {
        if path.isEmpty { return "must not be empty" }
        if path == "/" { return nil }
        if !path.hasPrefix("/") { return "must start with slash" }
        if path.contains(" ") { return "must not contain white-space" }
        if path.contains("//") { return "must not contain double slash" }
        let wildcards = path.count { $0 == "*" }
        return wildcards > 1 || wildcards == 1 && !path.hasSuffix("/*") ? "wildcard can only do suffix matching" : nil
    }
}

// Priority levels.
extension FlowControlRules {
    private static let maximumQueues: Int64 = 10_000_000

    static func priorityLevel(_ object: Fields, _ errors: inout FieldErrors) {
        let (spec, name) = (object.fields("spec"), object.fields("metadata")["name"].text)
        let type = spec["type"]
        if (name == exempt) != (type.text == "Exempt") {
            errors.add(
                ["type must be 'Exempt' if and only if name is 'exempt'"], at: type.path, value: .string(type.text))
        }
        switch type.text {
        case "Exempt":
            if spec["limited"].isSet { errors.forbidden(spec["limited"], "must be nil if the type is not Limited") }
            if let own = spec.ifPresent("exempt") { shares(own, &errors) }
        case "Limited":
            if spec["exempt"].isSet { errors.forbidden(spec["exempt"], "must be nil if the type is Limited") }
            if let limited = spec.ifPresent("limited") {
                self.limited(limited, &errors)
            } else {
                errors.required(spec["limited"], "must not be empty when type is Limited")
            }
        default: errors.add(.notSupported(type.path, .string(type.text), supported: ["Exempt", "Limited"]))
        }
        fixed(object["spec"], name, &errors)
        conditions(object.fields("status"), &errors)
    }

    /// What must be as it is, but for the shares of the level that knows no limits.
    private static func fixed(_ spec: FieldValue, _ name: String, _ errors: inout FieldErrors) {
        guard var wanted = FlowControlObjects.priorityLevels.first(where: { $0.name == name })?.spec else { return }
        var found = spec.value ?? .null
        if name == exempt {
            wanted["exempt"] = nil
            found["exempt"] = nil
        }
        if found == wanted { return }
        let exception = name == exempt ? " except the 'spec.exempt' field" : ""
        errors.invalid(spec, "spec of '\(name)'\(exception) must equal the fixed value")
    }

    private static func shares(_ owner: Fields, _ errors: inout FieldErrors) {
        let (shares, percent) = (owner["nominalConcurrencyShares"], owner["lendablePercent"])
        if (shares.int ?? 0) < 0 { errors.invalid(shares, "must be a non-negative integer") }
        if let value = percent.int, !(0...100).contains(value) {
            errors.invalid(percent, "must be between 0 and 100, inclusive")
        }
    }

    private static func limited(_ limited: Fields, _ errors: inout FieldErrors) {
        shares(limited, &errors)
        let borrowing = limited["borrowingLimitPercent"]
        if (borrowing.int ?? 0) < 0 { errors.invalid(borrowing, "if specified, must be a non-negative integer") }
        let response = limited.fields("limitResponse")
        let (type, queuing) = (response["type"], response["queuing"])
        switch type.text {
        case "Reject":
            if queuing.isSet {
                errors.forbidden(queuing, "must be nil if limited.limitResponse.type is not Limited")
            }
        case "Queue":
            if queuing.isSet {
                queues(queuing.fields, &errors)
            } else {
                errors.required(queuing, "must not be empty if limited.limitResponse.type is Limited")
            }
        default: errors.add(.notSupported(type.path, .string(type.text), supported: ["Queue", "Reject"]))
        }
    }

    private static func queues(_ queuing: Fields, _ errors: inout FieldErrors) {
        let (length, queues, hand) = (queuing["queueLengthLimit"], queuing["queues"], queuing["handSize"])
        for field in [length, queues, hand] where (field.int ?? 0) <= 0 {
            errors.add(["must be positive"], at: field.path, value: field.value ?? 0)
        }
        if let count = queues.int, count > maximumQueues {
            errors.invalid(queues, "must not be greater than \(maximumQueues)")
        }
        if let size = hand.int, let count = queues.int, size > count {
            errors.invalid(hand, "should not be greater than queues (\(count))")
        }
    }
}
