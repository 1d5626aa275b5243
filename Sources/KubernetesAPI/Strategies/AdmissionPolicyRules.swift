import APIMachinery
import JSON

/// What admission policies and their bindings may look like, expressions aside: that those compile is not looked at
/// here.
enum AdmissionPolicyRules {
    private static let maximumAnnotations = 20
    private static let maximumAnnotationLength = 5 * 1024
    private static let mutatingOperations = ["*", "CONNECT", "CREATE", "UPDATE"]
    private static let reasons = ["Forbidden", "Invalid", "RequestEntityTooLarge"]
    private static let unspecified = "expression is not specified"

    static func validating(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        common(spec, isMutating: false, &errors)
        let (validations, annotations) = (spec["validations"], spec["auditAnnotations"])
        if validations.isEmpty, annotations.isEmpty {
            for field in [validations, annotations] {
                errors.required(field, "validations or auditAnnotations must contain at least one item")
            }
            return
        }
        for validation in validations.items.map(\.fields) { self.validation(validation, &errors) }
        auditAnnotations(annotations, policy: object.fields("metadata")["name"].text, &errors)
    }

    /// What was found out about a policy's expressions.
    static func status(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let status = object.fields("status")
        for warning in status.fields("typeChecking")["expressionWarnings"].items.map(\.fields) {
            errors.require(warning["warning"])
            if WebhookRules.isBlank(warning["fieldRef"]) { errors.required(warning["fieldRef"]) }
        }
        ConditionRules.check(status["conditions"], &errors)
    }

    static func mutating(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        common(spec, isMutating: true, &errors)
        errors.require(spec["mutations"], "mutations must contain at least one item")
        for mutation in spec["mutations"].items.map(\.fields) { self.mutation(mutation, &errors) }
        errors.requireOne(of: ["IfNeeded", "Never"], spec["reinvocationPolicy"])
    }

    private static func common(_ spec: Fields, isMutating: Bool, _ errors: inout FieldErrors) {
        errors.requireOne(of: ["Fail", "Ignore"], spec["failurePolicy"])
        if let kind = spec.ifPresent("paramKind") { parameterKind(kind, &errors) }
        if let constraints = spec.ifPresent("matchConstraints") {
            matchResources(constraints, isMutating: isMutating, &errors)
            errors.require(constraints["resourceRules"])
        } else {
            errors.required(spec["matchConstraints"])
        }
        WebhookRules.conditions(spec["matchConditions"], &errors)
        for variable in spec["variables"].items.map(\.fields) { self.variable(variable, &errors) }
    }

    private static func parameterKind(_ kind: Fields, _ errors: inout FieldErrors) {
        let (version, name) = (kind["apiVersion"], kind["kind"])
        if errors.require(version) {
            parameterVersion(version, &errors)
        }
        guard errors.require(name) else { return }
        let problems = NameRules.problemsOfLabel1035(name.text.lowercased())
        if !problems.isEmpty {
            errors.invalid(
                name, "may have mixed case, but should otherwise match: " + problems.joined(separator: ","))
        }
    }

    /// A version with a group before it, or without. What is wrong with either is one error.
    private static func parameterVersion(_ field: FieldValue, _ errors: inout FieldErrors) {
        let parts = field.text == "/" ? [""] : field.text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let version = parts.last else {
            return errors.invalid(field, "unexpected GroupVersion string: \(field.text)")
        }
        func check(_ part: Substring, _ problems: [String]) {
            if problems.isEmpty { return }
            errors.add([problems.joined(separator: ",")], at: field.path, value: .string(String(part)))
        }
        if parts.count == 2, !parts[0].isEmpty { check(parts[0], NameRules.problemsOfSubdomain(String(parts[0]))) }
        if version.isEmpty { return errors.invalid(field, "version must be specified") }
        check(version, NameRules.problemsOfLabel1035(String(version)))
    }

    private static func matchResources(_ match: Fields, isMutating: Bool, _ errors: inout FieldErrors) {
        errors.requireOne(of: ["Equivalent", "Exact"], match["matchPolicy"])
        for name in ["namespaceSelector", "objectSelector"] {
            errors.requireSet(match[name])
            SelectorRules.check(match[name], &errors)
        }
        for list in ["resourceRules", "excludeResourceRules"] {
            for rule in match[list].items.map(\.fields) {
                var names = Set<String>()
                for name in rule["resourceNames"].items {
                    errors.add(NameRules.problemsOfPathSegment(name.text), at: name)
                    if !names.insert(name.text).inserted { errors.duplicate(name) }
                }
                if isMutating {
                    WebhookRules.operationRule(rule, operations: mutatingOperations, &errors)
                } else {
                    WebhookRules.operationRule(rule, &errors)
                }
            }
        }
    }

    private static func variable(_ variable: Fields, _ errors: inout FieldErrors) {
        let name = variable["name"]
        if WebhookRules.isBlank(name) {
            errors.required(name, "name is not specified")
        } else if !isIdentifier(name.text) {
            errors.invalid(name, "name is not a valid CEL identifier")
        }
        expression(variable["expression"], &errors)
    }

    /// A name of CEL's: letters, digits and underscores, not starting with a digit, and no word of the language.
    private static func isIdentifier(_ name: String) -> Bool {
        let underscore = UInt8(ascii: "_")
        let isWord = name.utf8.allSatisfy { ByteRules.isAlphanumeric($0) || $0 == underscore }
        return isWord && !(name.utf8.first.map(ByteRules.isDigit) ?? true) && !reservedWords.contains(name)
    }

    private static let reservedWords: Set<String> = [
        "as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
        "namespace", "null", "package", "return", "true", "var", "void", "while",
    ]

    private static func expression(_ field: FieldValue, _ errors: inout FieldErrors) {
        if WebhookRules.isBlank(field) { errors.required(field, unspecified) }
    }

    private static func validation(_ validation: Fields, _ errors: inout FieldErrors) {
        let (message, other) = (validation["message"], validation["messageExpression"])
        expression(validation["expression"], &errors)
        if !other.isEmpty, WebhookRules.isBlank(other) { errors.invalid(other, "must be non-empty if specified") }
        if !message.isEmpty, WebhookRules.isBlank(message) {
            errors.invalid(message, "message must be non-empty if specified")
        } else if trimmed(message.text).contains(where: { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }) {
            errors.invalid(message, "message must not contain line breaks")
        }
        errors.oneOf(reasons, validation["reason"])
    }

    /// A text without the blanks around it.
    private static func trimmed(_ text: String) -> Substring {
        let start = text.drop { $0.isWhitespace }
        return start.lastIndex { !$0.isWhitespace }.map { start[...$0] } ?? ""
    }

    private static func auditAnnotations(_ field: FieldValue, policy: String, _ errors: inout FieldErrors) {
        if field.items.count > maximumAnnotations {
            // By the names of Kubernetes' internal fields.
            let shown: [JSON] = field.items.map(\.fields).map { annotation in
                [
                    "Key": .string(annotation["key"].text),
                    "ValueExpression": .string(annotation["valueExpression"].text),
                ]
            }
            errors.add(
                ["must not have more than \(maximumAnnotations) auditAnnotations"], at: field.path,
                value: .array(shown))
        }
        var keys = Set<String>()
        for annotation in field.items.map(\.fields) {
            let (key, value) = (annotation["key"], annotation["valueExpression"])
            if policy.isEmpty {
                errors.add(["requires metadata.name be non-empty"], at: key.path, value: .string(key.text))
            } else {
                let name = policy + "/" + key.text
                errors.add(NameRules.problemsOfQualifiedName(name), at: key.path, value: .string(name))
            }
            if WebhookRules.isBlank(value) {
                errors.required(value, "valueExpression is not specified")
            } else if trimmed(value.text).utf8.count > maximumAnnotationLength {
                errors.required(value, "must not exceed \(maximumAnnotationLength) bytes in length")
            }
            if !keys.insert(key.text).inserted { errors.duplicate(key) }
        }
    }

    private static func mutation(_ mutation: Fields, _ errors: inout FieldErrors) {
        let type = mutation["patchType"]
        errors.requireOne(of: ["ApplyConfiguration", "JSONPatch"], type)
        let members = ["ApplyConfiguration": "applyConfiguration", "JSONPatch": "jsonPatch"]
        guard let own = members[type.text] else { return }
        if let patch = mutation.ifPresent(own) {
            expression(patch["expression"], &errors)
        } else {
            errors.required(mutation[own], "must be specified when patchType is \(type.text)")
        }
        for other in members.values where other != own && mutation[other].isSet {
            errors.add(
                ["must not be specified when patchType is \(type.text)"], at: mutation[other].path,
                value: .string("{\(other)}"))
        }
    }
}

// Bindings.
extension AdmissionPolicyRules {
    static func validatingBinding(_ object: Fields, _ errors: inout FieldErrors) {
        binding(object, isMutating: false, &errors)
        actions(object.fields("spec")["validationActions"], &errors)
    }

    static func mutatingBinding(_ object: Fields, _ errors: inout FieldErrors) {
        binding(object, isMutating: true, &errors)
    }

    private static func binding(_ object: Fields, isMutating: Bool, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        errors.requireShape(NameRules.problemsOfSubdomain, spec["policyName"])
        if let parameter = spec.ifPresent("paramRef") { self.parameter(parameter, &errors) }
        if let match = spec.ifPresent("matchResources") { matchResources(match, isMutating: isMutating, &errors) }
    }

    private static func parameter(_ reference: Fields, _ errors: inout FieldErrors) {
        let (name, selector) = (reference["name"], reference["selector"])
        if !name.isEmpty { errors.add(NameRules.problemsOfPathSegment(name.text), at: name) }
        let hasBoth = !name.isEmpty && selector.isSet
        if hasBoth { errors.forbidden(name, "name and selector are mutually exclusive") }
        SelectorRules.check(selector, &errors)
        if hasBoth { errors.forbidden(selector, "name and selector are mutually exclusive") }
        if name.isEmpty, !selector.isSet {
            errors.add(.required(reference.path, "one of name or selector must be specified"))
        }
        errors.requireOne(of: ["Deny", "Allow"], reference["parameterNotFoundAction"])
    }

    private static func actions(_ field: FieldValue, _ errors: inout FieldErrors) {
        var actions = Set<String>()
        for action in field.items {
            errors.oneOf(["Audit", "Deny", "Warn"], action)
            if !actions.insert(action.text).inserted { errors.duplicate(action) }
        }
        if actions.isSuperset(of: ["Deny", "Warn"]) {
            errors.invalid(
                field,
                "must not contain both Deny and Warn (repeating the same validation failure information in the API "
                    + "response and headers serves no purpose)")
        }
        if actions.isEmpty { errors.required(field, "at least one validation action is required") }
    }
}
