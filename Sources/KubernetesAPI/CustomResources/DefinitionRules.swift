import APIMachinery
import JSON

/// Rules of `CustomResourceDefinition` (`apiextensions/validation`).
///
/// Kubernetes lifts what all versions have in common (schema, subresources, columns) to the top before it looks, and
/// tells errors there.
enum DefinitionRules {
    static func check(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        let names = spec.fields("names")
        let name = object.fields("metadata")["name"]
        if !name.isEmpty, name.text != names["plural"].text + "." + spec["group"].text {
            errors.invalid(name, "must be spec.names.plural+\".\"+spec.group")
        }
        checkGroup(spec["group"], &errors)
        errors.requireOne(of: ["Cluster", "Namespaced"], spec["scope"])
        checkVersions(spec, &errors)
        for member in ["plural", "singular", "kind", "listKind"] { errors.require(names[member]) }
        checkNames(names, &errors)
        checkCommonParts(spec, &errors)
        checkConversion(spec, &errors)
        checkNames(object.fields("status").fields("acceptedNames"), &errors)
        checkStoredVersions(object, &errors)
    }

    /// What is asked of new definitions alone, or of a change.
    static func checkCreation(_ object: Fields, _ errors: inout FieldErrors) {
        checkApproval(object, replacing: nil, &errors)
        checkPreservation(object, replacing: nil, &errors)
    }

    static func checkUpdate(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, before) = (object.fields("spec"), old.fields("spec"))
        let isEstablished = old.fields("status")["conditions"].items.contains {
            $0.fields["type"].text == "Established" && $0.fields["status"].text == "True"
        }
        if isEstablished {
            errors.immutable(spec["scope"], before["scope"])
            errors.immutable(spec.fields("names")["kind"], before.fields("names")["kind"])
        }
        errors.immutable(spec["group"], before["group"])
        errors.immutable(spec.fields("names")["plural"], before.fields("names")["plural"])
        checkApproval(object, replacing: old, &errors)
        checkPreservation(object, replacing: old, &errors)
    }

    static func checkStatus(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        checkNames(object.fields("status").fields("acceptedNames"), &errors)
    }

    private static func checkGroup(_ group: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(group) else { return }
        let problems = NameRules.problemsOfSubdomain(group.text)
        if problems.isEmpty, !group.text.contains(".") {
            errors.invalid(group, "should be a domain with at least one dot")
        }
        if !problems.isEmpty { errors.invalid(group, problems.joined(separator: ",")) }
    }

    private static func checkLabel(_ field: FieldValue, _ errors: inout FieldErrors) {
        let problems = NameRules.problemsOfLabel1035(field.text)
        if !problems.isEmpty { errors.invalid(field, problems.joined(separator: ",")) }
    }

    // MARK: Versions

    private static func checkVersions(_ spec: Fields, _ errors: inout FieldErrors) {
        let versions = spec["versions"]
        let rows = versions.items.map(\.fields)
        for row in rows where !row.fields("schema")["openAPIV3Schema"].isSet {
            errors.add(.required(row.path.child("schema", "openAPIV3Schema")))
        }
        for row in rows {
            checkLabel(row["name"], &errors)
            VersionRules.checkDeprecation(row, &errors)
            for part in Part.allCases where !part.isCommon(to: rows) {
                part.check(
                    in: row, at: row.path, isCommon: false, hasStatus: row.fields("subresources")["status"].isSet,
                    &errors)
            }
        }
        let names = rows.map { $0["name"].text }
        let shown = JSON.array(rows.map(internalForm))
        if Set(names).count != names.count {
            errors.add(.invalid(versions.path, shown, "must contain unique version names"))
        }
        if rows.filter({ $0["storage"].bool == true }).count != 1 {
            errors.add(.invalid(versions.path, shown, "must have exactly one version marked as storage version"))
        }
        if let first = names.first, case let problems = NameRules.problemsOfLabel1035(first), !problems.isEmpty {
            errors.add(
                .invalid(spec.path.child("version"), .string(first), problems.joined(separator: ",")))
        }
    }

    /// A version as Kubernetes' own type has it, which its errors show.
    private static func internalForm(_ row: Fields) -> JSON {
        [
            "Name": .string(row["name"].text), "Served": .bool(row["served"].bool ?? false),
            "Storage": .bool(row["storage"].bool ?? false), "Deprecated": .bool(row["deprecated"].bool ?? false),
            "DeprecationWarning": row["deprecationWarning"].value ?? .null, "Schema": .null, "Subresources": .null,
            "AdditionalPrinterColumns": .null, "SelectableFields": .null,
        ]
    }

    /// A part that versions may have in common.
    private enum Part: String, CaseIterable {
        case schema, subresources, additionalPrinterColumns, selectableFields

        func isCommon(to rows: [Fields]) -> Bool {
            guard let first = rows.first else { return false }
            return rows.allSatisfy { $0[rawValue].value == first[rawValue].value }
        }

        /// - Parameters:
        ///   - row: a version.
        ///   - path: of what holds the part: the version, or, where it is common to all, the whole.
        ///   - hasStatus: whether objects have a `status` subresource.
        func check(
            in row: Fields, at path: FieldPath, isCommon: Bool, hasStatus: Bool, _ errors: inout FieldErrors
        ) {
            switch self {
            case .schema:
                guard let schema = row.fields("schema")["openAPIV3Schema"].value?.objectValue else { return }
                StructuralRules.check(
                    Fields(schema, at: path.child(isCommon ? "validation" : "schema", "openAPIV3Schema")),
                    hasStatus: hasStatus, into: &errors)
            case .subresources:
                guard let parts = row["subresources"].value else { return }
                VersionRules.checkSubresources(Fields(parts, at: path.child("subresources")), &errors)
            case .additionalPrinterColumns:
                for (index, column) in row["additionalPrinterColumns"].items.enumerated() {
                    let place = path.child("additionalPrinterColumns").index(index)
                    VersionRules.checkColumn(Fields(column.fields.members, at: place), &errors)
                }
            case .selectableFields:
                let schema = row.fields("schema")["openAPIV3Schema"].value ?? [:]
                VersionRules.checkSelectableFields(
                    row["selectableFields"].items.map { $0.fields["jsonPath"].text }, in: schema,
                    at: path.child("selectableFields"), &errors)
            }
        }
    }

    private static func checkCommonParts(_ spec: Fields, _ errors: inout FieldErrors) {
        let rows = spec["versions"].items.map(\.fields)
        guard let first = rows.first else { return }
        let hasStatus = rows.contains { $0.fields("subresources")["status"].isSet }
        for part in Part.allCases where part.isCommon(to: rows) {
            part.check(in: first, at: spec.path, isCommon: true, hasStatus: hasStatus, &errors)
        }
    }

    private static func checkNames(_ names: Fields, _ errors: inout FieldErrors) {
        for member in ["plural", "singular"] where !names[member].isEmpty { checkLabel(names[member], &errors) }
        for member in ["kind", "listKind"] where !names[member].isEmpty {
            let problems = NameRules.problemsOfLabel1035(names[member].text.lowercased())
            if !problems.isEmpty {
                errors.invalid(
                    names[member], "may have mixed case, but should otherwise match: " + problems.joined(separator: ",")
                )
            }
        }
        for item in names["shortNames"].items { checkLabel(item, &errors) }
        if !names["kind"].isEmpty, names["kind"].text == names["listKind"].text {
            errors.invalid(names["listKind"], "kind and listKind may not be the same")
        }
        for item in names["categories"].items { checkLabel(item, &errors) }
    }

    // MARK: Conversion

    private static func checkConversion(_ spec: Fields, _ errors: inout FieldErrors) {
        guard let conversion = spec.ifPresent("conversion") else { return }
        let strategy = conversion["strategy"]
        if spec["preserveUnknownFields"].bool == true, strategy.text != "None" {
            errors.add(
                ["must be None if spec.preserveUnknownFields is true"], at: strategy.path, value: .string(strategy.text)
            )
        }
        errors.requireOne(of: ["None", "Webhook"], strategy)
        let webhook = conversion.fields("webhook")
        let client = conversion.path.child("webhookClientConfig")
        let reviews = conversion.path.child("conversionReviewVersions")
        let versions = webhook["conversionReviewVersions"]
        if conversion["strategy"].text == "Webhook" {
            if let configuration = webhook.ifPresent("clientConfig") {
                WebhookRules.client(Fields(configuration.members, at: client), &errors)
            } else {
                errors.add(.required(client, "required when strategy is set to Webhook"))
            }
            VersionRules.checkReviewVersions(versions, at: reviews, &errors)
        } else {
            let why = "should not be set when strategy is not set to Webhook"
            if webhook["clientConfig"].isSet { errors.add(.forbidden(client, why)) }
            if !versions.isEmpty { errors.add(.forbidden(reviews, why)) }
        }
    }

    // MARK: The rest

    private static func checkStoredVersions(_ object: Fields, _ errors: inout FieldErrors) {
        let field = object.fields("status")["storedVersions"]
        let stored = field.items.map(\.text)
        if stored.isEmpty {
            return errors.add(.invalid(field.path, field.value ?? .null, "must have at least one stored version"))
        }
        let rows = object.fields("spec")["versions"].items.map(\.fields)
        for row in rows where row["storage"].bool == true && !stored.contains(row["name"].text) {
            errors.invalid(field, "must have the storage version \(row["name"].text)")
        }
        let names = Set(rows.map { $0["name"].text })
        for item in field.items where !names.contains(item.text) {
            errors.invalid(
                item,
                "missing from spec.versions; \(item.text) was previously a storage version, and must remain in "
                    + "spec.versions until a storage migration ensures no data remains persisted in \(item.text) and "
                    + "removes \(item.text) from status.storedVersions")
        }
    }

    private static func checkApproval(_ object: Fields, replacing old: Fields?, _ errors: inout FieldErrors) {
        guard let state = DefinitionApproval(of: .object(object.members)) else { return }
        // What was let through once may stay, and all else change.
        if let old, DefinitionApproval(of: .object(old.members)) == state { return }
        let field = object.fields("metadata").fields("annotations")[DefinitionApproval.annotation]
        let path = FieldPath("metadata", "annotations").key(DefinitionApproval.annotation)
        switch state.state {
        case .approved, .bypassed: return
        case .missing: errors.add(.required(path, state.reason))
        case .invalid: errors.add(.invalid(path, .string(field.text), state.reason))
        }
    }

    private static func checkPreservation(_ object: Fields, replacing old: Fields?, _ errors: inout FieldErrors) {
        let field = object.fields("spec")["preserveUnknownFields"]
        guard field.bool == true, old?.fields("spec")["preserveUnknownFields"].bool != true else { return }
        errors.invalid(
            field,
            "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead")
    }
}
