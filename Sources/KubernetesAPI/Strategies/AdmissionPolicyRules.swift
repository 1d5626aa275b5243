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
            if let parsed = GroupVersion(apiVersion: version.text) {
                if !parsed.group.isEmpty { errors.add(NameRules.problemsOfSubdomain(parsed.group), at: version) }
                errors.add(NameRules.problemsOfLabel1035(parsed.version), at: version)
            } else {
                errors.invalid(version, "unexpected GroupVersion string: \(version.text)")
            }
        }
        guard errors.require(name) else { return }
        let problems = NameRules.problemsOfLabel1035(name.text.lowercased())
        if !problems.isEmpty {
            errors.invalid(
                name, "may have mixed case, but should otherwise match: " + problems.joined(separator: ","))
        }
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
            errors.invalid(name, "must be a valid CEL identifier")
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
        } else if message.text.contains(where: \.isNewline) {
            errors.invalid(message, "must not contain line breaks")
        } else if message.isEmpty, validation["expression"].text.contains(where: \.isNewline) {
            errors.required(message, "must be specified if expression contains line breaks")
        }
        errors.oneOf(reasons, validation["reason"])
    }

    private static func auditAnnotations(_ field: FieldValue, policy: String, _ errors: inout FieldErrors) {
        if field.items.count > maximumAnnotations {
            errors.invalid(field, "must not have more than \(maximumAnnotations) auditAnnotations")
        }
        var keys = Set<String>()
        for annotation in field.items.map(\.fields) {
            let (key, value) = (annotation["key"], annotation["valueExpression"])
            let name = policy.isEmpty ? key.text : policy + "/" + key.text
            errors.add(NameRules.problemsOfQualifiedName(name), at: key.path, value: .string(key.text))
            if WebhookRules.isBlank(value) {
                errors.required(value, "valueExpression is not specified")
            } else if value.text.utf8.count > maximumAnnotationLength {
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
        if !name.isEmpty, selector.isSet {
            for field in [name, selector] { errors.forbidden(field, "name and selector are mutually exclusive") }
        }
        SelectorRules.check(selector, &errors)
        if name.isEmpty, !selector.isSet {
            errors.add(.required(reference.path, "one of name or selector must be specified"))
        }
        errors.requireOne(of: ["Allow", "Deny"], reference["parameterNotFoundAction"])
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
