import APIMachinery
import JSON

/// What a container's environment may be made of.
enum EnvironmentRules {
    private static let sourceNames = [
        "fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef",
    ]
    /// Fields of a pod that a container's environment may show.
    private static let fieldPaths = [
        "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
        "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
    ]
    /// Fields of a pod that there are at all.
    private static let knownPaths = Set(
        fieldPaths + [
            "metadata.annotations", "metadata.labels", "spec.restartPolicy", "spec.schedulerName",
            "status.phase",
        ])
    private static let resources = [
        "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage",
        "requests.memory",
    ]

    static func variables(_ field: FieldValue, _ errors: inout FieldErrors) {
        for variable in field.items.map(\.fields) {
            errors.requireShape(problemsOfName, variable["name"])
            if let source = variable.ifPresent("valueFrom") { check(source, of: variable, &errors) }
        }
    }

    static func sources(_ field: FieldValue, _ errors: inout FieldErrors) {
        for source in field.items.map(\.fields) {
            errors.shape(problemsOfName, source["prefix"])
            let set = ["configMapRef", "secretRef"].filter { source[$0].isSet }
            for name in set {
                // A name may end in a dash here, as if more were to follow.
                errors.requireShape(
                    { NameClass.subdomain.problems(of: $0, isPrefix: true) }, source.fields(name)["name"])
            }
            if set.isEmpty {
                errors.add(["must specify one of: `configMapRef` or `secretRef`"], at: field.path, value: "")
            } else if set.count > 1 {
                errors.add(["may not have more than one field specified at a time"], at: field.path, value: "")
            }
        }
    }

    private static func check(_ source: Fields, of variable: Fields, _ errors: inout FieldErrors) {
        let set = sourceNames.filter { source[$0].isSet }
        for name in set {
            let reference = source.fields(name)
            switch name {
            case "fieldRef": fieldReference(reference, paths: fieldPaths, &errors)
            case "resourceFieldRef": resourceReference(reference, needsContainer: false, &errors)
            case "fileKeyRef": fileReference(reference, &errors)
            default:
                errors.add(NameRules.problemsOfSubdomain(reference["name"].text), at: reference["name"])
                errors.requireShape(NameRules.problemsOfConfigMapKey, reference["key"])
            }
        }
        if set.isEmpty {
            let why =
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
            errors.add([why], at: source.path, value: "")
        } else if !variable["value"].isEmpty {
            errors.add(["may not be specified when `value` is not empty"], at: source.path, value: "")
        } else if set.count > 1 {
            errors.add(["may not have more than one field specified at a time"], at: source.path, value: "")
        }
    }

    static func fieldReference(_ reference: Fields, paths: [String], _ errors: inout FieldErrors) {
        let path = reference["fieldPath"]
        guard errors.require(reference["apiVersion"]), errors.require(path) else { return }
        let problem = "error converting fieldPath: "
        let version = reference["apiVersion"].text
        if version != "v1" { return errors.invalid(path, problem + "unsupported pod version: \(version)") }
        if let (owner, key) = subscripted(path.text) {
            guard owner == "metadata.labels" || owner == "metadata.annotations" else {
                return errors.invalid(path, problem + "field label does not support subscript: \(path.text)")
            }
            // The keys of annotations may be in capitals.
            let name = owner == "metadata.labels" ? key : key.lowercased()
            return errors.add(NameRules.problemsOfQualifiedName(name), at: reference.path, value: .string(name))
        }
        // The node's name of the days before v1.
        let label = path.text == "spec.host" ? "spec.nodeName" : path.text
        if !knownPaths.contains(label) {
            errors.invalid(path, problem + "field label not supported: \(path.text)")
        } else if !paths.contains(label) {
            errors.add(.notSupported(path.path, .string(label), supported: paths.sorted()))
        }
    }

    /// The two parts of `metadata.labels['key']`.
    private static func subscripted(_ path: String) -> (owner: String, key: String)? {
        guard path.hasSuffix("']") else { return nil }
        let parts = path.dropLast(2).split(separator: "['", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { return nil }
        return (String(parts[0]), String(parts[1]))
    }

    /// - Parameter needsContainer: whether the container must be named, as in a volume.
    static func resourceReference(_ reference: Fields, needsContainer: Bool, _ errors: inout FieldErrors) {
        let (container, resource) = (reference["containerName"], reference["resource"])
        if needsContainer, container.isEmpty {
            errors.required(container)
        } else if errors.require(resource), !isHugePages(resource.text) {
            errors.oneOf(resources, resource)
        }
        divisor(reference["divisor"], of: resource.text, &errors)
    }

    private static func isHugePages(_ resource: String) -> Bool {
        ["limits.hugepages-", "requests.hugepages-"].contains { resource.hasPrefix($0) }
    }

    private static let cpuDivisors: Set<String> = ["1m", "1"]
    private static let byteDivisors: Set<String> = [
        "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
    ]

    /// What a resource is counted in; none is one.
    private static func divisor(_ divisor: FieldValue, of resource: String, _ errors: inout FieldErrors) {
        guard let amount = ResourceRules.quantity(divisor.value), !amount.isZero else { return }
        guard resources.contains(resource) || isHugePages(resource) else { return }
        let kind = resource.split(separator: ".").last ?? ""
        let known = kind == "cpu" ? cpuDivisors : byteDivisors
        if known.contains(amount.description) { return }
        let noun =
            switch kind {
            case "cpu", "memory": String(kind)
            case "ephemeral-storage": "local ephemeral storage"
            default: "hugepages"
            }
        let list =
            kind == "cpu"
            ? "1m and 1" : "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"
        errors.add(
            ["only divisor's values \(list) are supported with the \(noun) resource"], at: divisor.path,
            value: .string(resource))
    }

    private static func fileReference(_ reference: Fields, _ errors: inout FieldErrors) {
        errors.requireShape(problemsOfName, reference["key"])
        errors.requireShape(NameRules.problemsOfLabel, reference["volumeName"])
        errors.requireShape(PathRules.problemsOfProjected, reference["path"])
    }

    private static func problemsOfName(_ name: String) -> [String] {
        let isRight = name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
        return isRight
            ? []
            : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
    }
}
