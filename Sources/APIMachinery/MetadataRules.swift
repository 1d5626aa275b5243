import JSON

/// What may stand in the metadata of every object (`apimachinery/pkg/api/validation`).
package enum MetadataRules {
    /// Bytes of all annotations of an object together.
    static let maximumAnnotationsBytes = 256 * 1024
    /// Bytes of a field manager's name.
    static let maximumManagerLength = 128
    /// Bytes of a subresource's name in `managedFields`.
    static let maximumSubresourceLength = 256
    static let standardFinalizers: Set<String> = ["kubernetes", "orphan", "foregroundDeletion"]

    /// The metadata of a new object.
    package static func checkCreation(
        _ object: Fields, isNamespaced: Bool, restrictsFinalizers: Bool, into errors: inout FieldErrors,
        problemsOfName: (String, Bool) -> [String]
    ) {
        let metadata = object.fields("metadata")
        let generateName = metadata["generateName"]
        if !generateName.isEmpty { errors.add(problemsOfName(generateName.text, true), at: generateName) }
        let name = metadata["name"]
        if name.isEmpty {
            errors.required(name, "name or generateName is required")
        } else {
            errors.add(problemsOfName(name.text, false), at: name)
        }
        checkNamespace(metadata["namespace"], isNamespaced: isNamespaced, into: &errors)
        errors.nonNegative(metadata["generation"])
        errors.labels(metadata["labels"])
        checkAnnotations(metadata["annotations"], into: &errors)
        checkOwners(metadata["ownerReferences"], into: &errors)
        checkFinalizers(metadata["finalizers"], into: &errors)
        checkManagedFields(metadata["managedFields"], into: &errors)
        if restrictsFinalizers { checkFinalizerNames(metadata["finalizers"], into: &errors) }
    }

    /// The metadata of an object that is to take the place of `old`.
    package static func checkUpdate(
        _ object: Fields, from old: Fields, restrictsFinalizers: Bool, into errors: inout FieldErrors
    ) {
        let metadata = object.fields("metadata")
        let stored = old.fields("metadata")
        if stored["deletionTimestamp"].isSet {
            checkNoNewFinalizers(metadata["finalizers"], stored["finalizers"], into: &errors)
        }
        if metadata["resourceVersion"].isEmpty {
            errors.add(["must be specified for an update"], at: metadata["resourceVersion"])
        }
        if (metadata["generation"].int ?? 0) < (stored["generation"].int ?? 0) {
            errors.add(
                ["must not be decremented"], at: metadata["generation"].path, value: metadata["generation"].value ?? 0)
        }
        for key in ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]
        {
            errors.immutable(metadata[key], stored[key])
        }
        errors.labels(metadata["labels"])
        checkAnnotations(metadata["annotations"], into: &errors)
        checkOwners(metadata["ownerReferences"], into: &errors)
        checkManagedFields(metadata["managedFields"], into: &errors)
        if restrictsFinalizers { checkFinalizerNames(metadata["finalizers"], into: &errors) }
    }

    private static func checkNamespace(_ namespace: FieldValue, isNamespaced: Bool, into errors: inout FieldErrors) {
        switch (isNamespaced, namespace.isEmpty) {
        case (true, true): errors.required(namespace)
        case (true, false): errors.add(NameRules.problemsOfLabel(namespace.text), at: namespace)
        case (false, true): return
        case (false, false): errors.forbidden(namespace, "not allowed on this type")
        }
    }

    /// Keys of annotations are those of labels, whatever their case.
    package static func checkAnnotations(_ field: FieldValue, into errors: inout FieldErrors) {
        guard case .object(let annotations)? = field.value else { return }
        var bytes = 0
        for annotation in annotations {
            let problems = NameRules.problemsOfQualifiedName(annotation.key.lowercasedASCII)
            if !problems.isEmpty { errors.add(problems, at: field.path, value: .string(annotation.key)) }
            bytes += annotation.key.utf8.count + (annotation.value.stringValue?.utf8.count ?? 0)
        }
        if bytes > maximumAnnotationsBytes {
            errors.add(.tooLong(field.path, maximumBytes: maximumAnnotationsBytes))
        }
    }

    private static func checkOwners(_ field: FieldValue, into errors: inout FieldErrors) {
        guard case .array(let references)? = field.value else { return }
        var controller: OwnerReference?
        for reference in references {
            let owner = OwnerReference(reference)
            check(owner, as: reference, at: field, into: &errors)
            guard owner.isController else { continue }
            if let first = controller {
                errors.invalid(
                    field,
                    "Only one reference can have Controller set to true. Found \"true\" in references for "
                        + "\(first.kind)/\(first.name) and \(owner.kind)/\(owner.name)")
            }
            controller = controller ?? owner
        }
    }

    private static func check(
        _ owner: OwnerReference, as json: JSON, at field: FieldValue, into errors: inout FieldErrors
    ) {
        let version = GroupVersion(apiVersion: owner.apiVersion)
        if version?.version.isEmpty ?? true {
            errors.add(
                ["version must not be empty"], at: field.path.child("apiVersion"), value: .string(owner.apiVersion))
        }
        for (name, text) in [("kind", owner.kind), ("name", owner.name), ("uid", owner.uid)] where text.isEmpty {
            errors.add(["must not be empty"], at: field.path.child(name), value: "")
        }
        if owner.kind == "Event", let version, version == GroupVersion(group: "", version: "v1") {
            errors.add(["/v1, Kind=Event is disallowed from being an owner"], at: field.path, value: json)
        }
    }

    private static func checkFinalizers(_ field: FieldValue, into errors: inout FieldErrors) {
        guard case .array(let finalizers)? = field.value else { return }
        for finalizer in finalizers {
            let problems = NameRules.problemsOfQualifiedName(finalizer.stringValue ?? "")
            if !problems.isEmpty { errors.add(problems, at: field.path, value: finalizer) }
        }
        if finalizers.contains("orphan"), finalizers.contains("foregroundDeletion") {
            errors.invalid(field, "finalizer foregroundDeletion and orphan cannot be both set")
        }
    }

    /// A built-in kind's finalizers: a name without a prefix must be one of Kubernetes' own.
    package static func checkFinalizerNames(_ field: FieldValue, into errors: inout FieldErrors) {
        for finalizer in field.items {
            errors.add(problemsOfFinalizer(finalizer.text), at: finalizer)
        }
    }

    static func checkFinalizers(of object: Fields, into errors: inout FieldErrors) {
        checkFinalizers(object.fields("metadata")["finalizers"], into: &errors)
    }

    static func checkFinalizerNames(of object: Fields, into errors: inout FieldErrors) {
        checkFinalizerNames(object.fields("metadata")["finalizers"], into: &errors)
    }

    package static func problemsOfFinalizer(_ name: String) -> [String] {
        let isKnown = name.utf8.contains(UInt8(ascii: "/")) || standardFinalizers.contains(name)
        return isKnown ? [] : ["name is neither a standard finalizer name nor is it fully qualified"]
    }

    private static func checkNoNewFinalizers(_ field: FieldValue, _ old: FieldValue, into errors: inout FieldErrors) {
        let stored = old.value?.arrayValue ?? []
        var added: [String] = []
        for case .string(let name) in field.value?.arrayValue ?? []
        where !stored.contains(.string(name)) && !added.contains(name) {
            added.append(name)
        }
        guard !added.isEmpty else { return }
        let names = added.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
        errors.forbidden(
            field,
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{\(names)}")
    }

    private static func checkManagedFields(_ field: FieldValue, into errors: inout FieldErrors) {
        for entry in field.items.map(\.fields) {
            let operation = entry["operation"]
            if operation.text != "Apply", operation.text != "Update" {
                errors.add(["must be `Apply` or `Update`"], at: operation)
            }
            let fieldsType = entry["fieldsType"]
            if !fieldsType.isEmpty, fieldsType.text != "FieldsV1" {
                errors.add(["must be `FieldsV1`"], at: fieldsType)
            }
            checkManager(entry["manager"], into: &errors)
            if entry["subresource"].text.utf8.count > maximumSubresourceLength {
                errors.add(.tooLong(entry["subresource"].path, maximumBytes: maximumSubresourceLength))
            }
        }
    }

    package static func checkManager(_ manager: FieldValue, into errors: inout FieldErrors) {
        if manager.text.utf8.count > maximumManagerLength {
            errors.add(.tooLong(manager.path, maximumBytes: maximumManagerLength))
        }
        if manager.text.unicodeScalars.contains(where: \.isControl) {
            errors.add(["should only contain printable characters"], at: manager)
        }
    }
}

extension String {
    /// Lower case of the letters that keys may have; most keys are so already.
    fileprivate var lowercasedASCII: String {
        utf8.contains { $0 &- 0x41 < 26 } ? lowercased() : self
    }
}

extension Unicode.Scalar {
    fileprivate var isControl: Bool {
        isASCII ? value < 0x20 || value == 0x7F : properties.generalCategory == .control
    }
}
