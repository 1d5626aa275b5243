import APIMachinery
import JSON

/// What configurations of webhooks may look like, and the rules that policies share with them
/// (`pkg/apis/admissionregistration/validation`).
enum WebhookRules {
    private static let operations = ["*", "CONNECT", "CREATE", "DELETE", "UPDATE"]
    private static let reviewVersions = ["v1", "v1beta1"]
    private static let timeouts: ClosedRange<Int64> = 1...30
    private static let maximumConditions = 64

    static func validating(_ object: Fields, _ errors: inout FieldErrors) { check(object, isMutating: false, &errors) }
    static func mutating(_ object: Fields, _ errors: inout FieldErrors) { check(object, isMutating: true, &errors) }

    private static func check(_ object: Fields, isMutating: Bool, _ errors: inout FieldErrors) {
        var names = Set<String>()
        for hook in object["webhooks"].items.map(\.fields) {
            webhook(hook, isMutating: isMutating, &errors)
            versions(hook["admissionReviewVersions"], &errors)
            if !hook["name"].isEmpty, !names.insert(hook["name"].text).inserted { errors.duplicate(hook["name"]) }
        }
    }

    private static func webhook(_ hook: Fields, isMutating: Bool, _ errors: inout FieldErrors) {
        qualifiedName(hook["name"], &errors)
        for rule in hook["rules"].items.map(\.fields) { operationRule(rule, &errors) }
        errors.oneOf(["Fail", "Ignore"], hook["failurePolicy"])
        errors.oneOf(["Equivalent", "Exact"], hook["matchPolicy"])
        let effects = ["None", "NoneOnDryRun"]
        if hook["sideEffects"].isSet {
            errors.oneOf(effects, hook["sideEffects"])
        } else {
            errors.required(hook["sideEffects"], "must specify one of \(effects.joined(separator: ", "))")
        }
        if let seconds = hook["timeoutSeconds"].int, !timeouts.contains(seconds) {
            errors.invalid(hook["timeoutSeconds"], "the timeout value must be between 1 and 30 seconds")
        }
        SelectorRules.check(hook["namespaceSelector"], &errors)
        SelectorRules.check(hook["objectSelector"], &errors)
        if isMutating { errors.oneOf(["IfNeeded", "Never"], hook["reinvocationPolicy"]) }
        client(hook.fields("clientConfig"), &errors)
        conditions(hook["matchConditions"], &errors)
    }

    /// A name of at least three parts, so that nobody's is anybody else's.
    private static func qualifiedName(_ name: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(name) else { return }
        let problems = NameRules.problemsOfSubdomain(name.text)
        if !problems.isEmpty { return errors.add(problems, at: name) }
        if name.text.split(separator: ".").count < 3 {
            errors.invalid(name, "should be a domain with at least three segments separated by dots")
        }
    }

    private static func versions(_ versions: FieldValue, _ errors: inout FieldErrors) {
        let known = reviewVersions.joined(separator: ", ")
        if versions.isEmpty {
            return errors.required(versions, "must specify one of \(known)")
        }
        var seen = Set<String>()
        for version in versions.items {
            if !seen.insert(version.text).inserted {
                errors.invalid(version, "duplicate version")
                continue
            }
            for problem in NameRules.problemsOfLabel1035(version.text) { errors.invalid(version, problem) }
        }
        if !versions.items.contains(where: { reviewVersions.contains($0.text) }) {
            errors.invalid(versions, "must include at least one of \(known)")
        }
    }

    /// Conditions of a match; that they compile is not looked at here.
    static func conditions(_ field: FieldValue, _ errors: inout FieldErrors) {
        if field.items.count > maximumConditions {
            errors.add(.tooMany(field.path, count: field.items.count, maximum: maximumConditions))
        }
        var names = Set<String>()
        for condition in field.items.map(\.fields) {
            if isBlank(condition["expression"]) { errors.required(condition["expression"]) }
            let name = condition["name"]
            guard errors.require(name) else { continue }
            errors.add(NameRules.problemsOfQualifiedName(name.text), at: name)
            if !names.insert(name.text).inserted { errors.duplicate(name) }
        }
    }

    static func isBlank(_ field: FieldValue) -> Bool { field.text.allSatisfy(\.isWhitespace) }
}

// What a rule matches.
extension WebhookRules {
    /// - Parameter operations: those that the rule may name.
    static func operationRule(
        _ rule: Fields, operations: [String] = WebhookRules.operations, _ errors: inout FieldErrors
    ) {
        let field = rule["operations"]
        if field.isEmpty { errors.required(field) }
        if field.items.count > 1, has("*", field) {
            errors.invalid(field, "if '*' is present, must not specify other operations")
        }
        for operation in field.items { errors.oneOf(operations, operation) }
        resources(of: rule, &errors)
    }

    /// The groups, versions and resources of a rule.
    private static func resources(of rule: Fields, _ errors: inout FieldErrors) {
        let groups = rule["apiGroups"]
        if groups.isEmpty { errors.required(groups) }
        if groups.items.count > 1, has("*", groups) {
            errors.invalid(groups, "if '*' is present, must not specify other API groups")
        }
        let versions = rule["apiVersions"]
        if versions.isEmpty { errors.required(versions) }
        if versions.items.count > 1, has("*", versions) {
            errors.invalid(versions, "if '*' is present, must not specify other API versions")
        }
        for version in versions.items where version.text.isEmpty { errors.required(version) }
        resourceNames(rule["resources"], &errors)
        errors.oneOf(["*", "Cluster", "Namespaced"], rule["scope"])
    }

    private static func resourceNames(_ field: FieldValue, _ errors: inout FieldErrors) {
        if field.isEmpty { errors.required(field) }
        var (wholes, subresources) = (Set<String>(), Set<String>())
        var hasPlain = false
        for resource in field.items {
            let text = resource.text
            if text.isEmpty {
                errors.required(resource)
                continue
            }
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                // The last one without a slash decides, as in Kubernetes.
                hasPlain = text != "*"
                continue
            }
            if wholes.contains(parts[0]) {
                errors.invalid(resource, "if '\(parts[0])/*' is present, must not specify \(text)")
            }
            if subresources.contains(parts[1]) {
                errors.invalid(resource, "if '*/\(parts[1])' is present, must not specify \(text)")
            }
            if parts[1] == "*" { wholes.insert(parts[0]) }
            if parts[0] == "*" { subresources.insert(parts[1]) }
        }
        if field.items.count > 1, has("*/*", field) {
            errors.invalid(field, "if '*/*' is present, must not specify other resources")
        }
        if hasPlain, has("*", field) {
            errors.invalid(field, "if '*' is present, must not specify other resources without subresources")
        }
    }

    private static func has(_ text: String, _ field: FieldValue) -> Bool {
        field.items.contains { $0.text == text }
    }
}

// Where a webhook is.
extension WebhookRules {
    static func client(_ configuration: Fields, _ errors: inout FieldErrors) {
        let url = configuration["url"]
        if url.isSet == configuration["service"].isSet {
            errors.add(.required(configuration.path, "exactly one of url or service is required"))
        }
        guard url.isSet != configuration["service"].isSet else { return }
        if url.isSet { self.url(url, &errors) }
        if let service = configuration.ifPresent("service") { self.service(service, &errors) }
    }

    private static let form = #"; desired format: https://host[/path]"#

    static func url(_ field: FieldValue, _ errors: inout FieldErrors) {
        let text = field.text
        guard let separator = text.range(of: "://") else {
            let scheme = text.firstIndex(of: ":").map { String(text[..<$0]) } ?? ""
            errors.invalidURL(field, scheme, "'https' is the only allowed URL scheme\(form)")
            return errors.invalidURL(field, "", "host must be specified\(form)")
        }
        if text[..<separator.lowerBound] != "https" {
            errors.invalidURL(
                field, String(text[..<separator.lowerBound]), "'https' is the only allowed URL scheme\(form)")
        }
        var rest = text[separator.upperBound...]
        let fragment = cut(&rest, at: "#")
        let query = cut(&rest, at: "?")
        var host = rest.prefix { $0 != "/" }
        let user = host.lastIndex(of: "@").map { at in
            let user = host[..<at]
            host = host[host.index(after: at)...]
            return user
        }
        if host.isEmpty { errors.invalidURL(field, "", "host must be specified\(form)") }
        if let user { errors.invalidURL(field, String(user), "user information is not permitted in the URL") }
        if let fragment, !fragment.isEmpty {
            errors.invalidURL(field, String(fragment), "fragments are not permitted in the URL")
        }
        if let query, !query.isEmpty {
            errors.invalidURL(field, String(query), "query parameters are not permitted in the URL")
        }
    }

    private static func cut(_ text: inout Substring, at mark: Character) -> Substring? {
        guard let place = text.firstIndex(of: mark) else { return nil }
        defer { text = text[..<place] }
        return text[text.index(after: place)...]
    }

    static func service(_ service: Fields, _ errors: inout FieldErrors) {
        // Kubernetes has the two paths the wrong way round.
        if service["name"].isEmpty {
            errors.add(.required(service.path.child("namespace"), "service name is required"))
        }
        if service["namespace"].isEmpty {
            errors.add(.required(service.path.child("name"), "service namespace is required"))
        }
        if let port = service["port"].int, !(1...65535).contains(port) {
            errors.invalid(
                service["port"], "port is not valid: must be between 1 and 65535, inclusive")
        }
        path(service["path"], &errors)
    }

    private static func path(_ field: FieldValue, _ errors: inout FieldErrors) {
        guard !field.isEmpty, field.text != "/" else { return }
        guard field.text.hasPrefix("/") else { return errors.invalid(field, "must start with a '/'") }
        var segments = field.text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        if segments.last?.isEmpty ?? false { segments.removeLast() }
        for (index, segment) in segments.enumerated() {
            if segment.isEmpty {
                errors.invalid(field, "segment[\(index)] may not be empty")
                continue
            }
            for problem in NameRules.problemsOfSubdomain(segment) {
                errors.invalid(field, "segment[\(index)]: \(problem)")
            }
        }
    }
}

extension StringProtocol {
    /// Where a text stands within.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}

extension FieldErrors {
    /// An error that shows the part of an URL that is wrong.
    fileprivate mutating func invalidURL(_ field: FieldValue, _ part: String, _ detail: String) {
        add(.invalid(field.path, .string(part), detail))
    }
}
