import APIMachinery
import JSON

/// What the containers of a pod may look like.
enum ContainerRules {
    static let pullPolicies = ["Always", "IfNotPresent", "Never"]
    static let messagePolicies = ["File", "FallbackToLogsOnError"]
    static let protocols = ["SCTP", "TCP", "UDP"]
    static let restartPolicies = ["Always", "Never", "OnFailure"]

    /// What ephemeral containers do without.
    private static let notEphemeral = [
        "ports", "resources", "resizePolicy", "restartPolicy", "restartPolicyRules", "livenessProbe", "readinessProbe",
        "startupProbe", "lifecycle",
    ]

    /// What of its pod a container's rules depend on.
    private struct Context {
        var volumes: [String: JSON]
        var claims: Set<String>
        var sharesUsers: Bool
        var restartPolicy: String
    }

    /// - Parameter claims: the names of the pod's resource claims.
    static func containers(
        of spec: Fields, volumes: [String: JSON], claims: Set<String>, _ errors: inout FieldErrors
    ) {
        let context = Context(
            volumes: volumes, claims: claims, sharesUsers: SecurityRules.sharesUsers(spec),
            restartPolicy: spec["restartPolicy"].text)
        var names = Set<String>()
        regular(spec, in: context, names: &names, &errors)
        initial(spec, in: context, names: &names, &errors)
        ephemeral(spec, in: context, names: &names, &errors)
    }

    private static func regular(
        _ spec: Fields, in context: Context, names: inout Set<String>, _ errors: inout FieldErrors
    ) {
        guard errors.require(spec["containers"]) else { return }
        let containers = spec["containers"].items
        for field in containers {
            let container = field.fields
            common(container, in: context, &errors)
            if !names.insert(container["name"].text).inserted { errors.duplicate(container["name"]) }
            handlers(container, spec: spec, &errors)
            restarts(container, &errors)
        }
        hostPortConflicts(containers.map(\.fields), &errors)
    }

    private static func initial(
        _ spec: Fields, in context: Context, names: inout Set<String>, _ errors: inout FieldErrors
    ) {
        for field in spec["initContainers"].items {
            let container = field.fields
            common(container, in: context, &errors)
            restarts(container, &errors)
            if !names.insert(container["name"].text).inserted, !container["name"].isEmpty {
                errors.duplicate(container["name"])
            }
            // Each is looked at as if it were alone, and the paths say so.
            let alone = Fields(container.members, at: spec.path.child("initContainers").index(0))
            hostPortConflicts([alone], &errors)
            if container["restartPolicy"].text == "Always" {
                handlers(container, spec: spec, &errors)
            } else {
                for name in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]
                where container[name].isSet {
                    errors.forbidden(container[name], "may not be set for init containers without restartPolicy=Always")
                }
            }
        }
    }

    private static func ephemeral(
        _ spec: Fields, in context: Context, names: inout Set<String>, _ errors: inout FieldErrors
    ) {
        let others = names
        for field in spec["ephemeralContainers"].items {
            let container = field.fields
            common(container, in: context, &errors)
            PodRules.trimmedImage(container["image"], &errors)
            if !names.insert(container["name"].text).inserted { errors.duplicate(container["name"]) }
            let target = container["targetContainerName"]
            if !target.isEmpty, !others.contains(target.text) { errors.notFound(target) }
            for name in notEphemeral where !container[name].isEmpty {
                errors.forbidden(container[name], "cannot be set for an Ephemeral Container")
            }
            for mount in container["volumeMounts"].items.map(\.fields) {
                for name in ["subPath", "subPathExpr"] where !mount[name].isEmpty {
                    errors.forbidden(mount[name], "cannot be set for an Ephemeral Container")
                }
            }
        }
    }

    /// What holds for containers of every sort.
    private static func common(_ container: Fields, in context: Context, _ errors: inout FieldErrors) {
        errors.requireShape(NameRules.problemsOfLabel, container["name"])
        errors.require(container["image"])
        errors.requireOne(of: messagePolicies, container["terminationMessagePolicy"])
        ports(container["ports"], &errors)
        EnvironmentRules.variables(container["env"], &errors)
        EnvironmentRules.sources(container["envFrom"], &errors)
        mounts(container, volumes: context.volumes, &errors)
        devices(container, volumes: context.volumes, &errors)
        errors.requireOne(of: pullPolicies, container["imagePullPolicy"])
        ResourceRules.requirements(container.fields("resources"), claims: context.claims, &errors)
        resizePolicies(container["resizePolicy"], restartPolicy: context.restartPolicy, &errors)
        SecurityRules.container(container["securityContext"], sharesUsers: context.sharesUsers, &errors)
    }

    private static let maximumRestartRules = 20
    private static let maximumExitCodes = 255
    private static let restartActions =
        ["Restart"] + (FeatureGates.isEnabled("RestartAllContainersOnContainerExits") ? ["RestartAllContainers"] : [])

    /// One of some texts; a missing one is none of them.
    private static func oneOf(_ supported: [String], _ field: FieldValue, _ errors: inout FieldErrors) {
        guard !supported.contains(field.text) else { return }
        errors.add(.notSupported(field.path, .string(field.text), supported: supported))
    }

    /// What is done when a container ends, whatever its pod does.
    private static func restarts(_ container: Fields, _ errors: inout FieldErrors) {
        let (policy, rules) = (container["restartPolicy"], container["restartPolicyRules"])
        errors.oneOf(restartPolicies, policy)
        guard !rules.isEmpty else { return }
        if !policy.isSet { errors.required(policy, "must specify restartPolicy when restart rules are used") }
        if rules.items.count > maximumRestartRules {
            errors.add(.tooMany(rules.path, count: rules.items.count, maximum: maximumRestartRules))
        }
        for rule in rules.items.map(\.fields) {
            oneOf(restartActions, rule["action"], &errors)
            guard let codes = rule.ifPresent("exitCodes") else {
                errors.required(rule["exitCodes"], "must be specified")
                continue
            }
            oneOf(["In", "NotIn"], codes["operator"], &errors)
            let values = codes["values"]
            if values.items.count > maximumExitCodes {
                errors.add(.tooMany(values.path, count: values.items.count, maximum: maximumExitCodes))
            }
        }
    }

    /// How a container takes to other resources. The paths of these errors are without an index, but for duplicates.
    private static func resizePolicies(_ field: FieldValue, restartPolicy: String, _ errors: inout FieldErrors) {
        let (resources, policies) = (["cpu", "memory"], ["NotRequired", "RestartContainer"])
        var seen = Set<String>()
        for item in field.items {
            let list = Fields(item.fields.members, at: field.path)
            for (name, supported) in [("resourceName", resources), ("restartPolicy", policies)] {
                let text = list[name].text
                if name == "resourceName", !seen.insert(text).inserted {
                    errors.add(.duplicate(item.path, .string(text)))
                }
                if text.isEmpty {
                    errors.required(field)
                } else if !supported.contains(text) {
                    errors.add(.notSupported(field.path, .string(text), supported: supported))
                }
            }
            let policy = list["restartPolicy"].text
            if restartPolicy == "Never", policy != "NotRequired" {
                errors.add(
                    ["must be 'NotRequired' when `restartPolicy` is 'Never'"], at: field.path, value: .string(policy))
            }
        }
    }

    private static func ports(_ field: FieldValue, _ errors: inout FieldErrors) {
        var names = Set<String>()
        for port in field.items.map(\.fields) {
            let name = port["name"]
            if !name.isEmpty {
                let problems = NameRules.problemsOfPortName(name.text)
                errors.add(problems, at: name)
                if problems.isEmpty, !names.insert(name.text).inserted { errors.duplicate(name) }
            }
            let number = port["containerPort"]
            if (number.int ?? 0) == 0 { errors.required(number) } else { errors.port(number) }
            if (port["hostPort"].int ?? 0) != 0 { errors.port(port["hostPort"]) }
            errors.requireOne(of: protocols, port["protocol"])
        }
    }

    private static func hostPortConflicts(_ containers: [Fields], _ errors: inout FieldErrors) {
        var seen = Set<String>()
        for container in containers {
            for port in container["ports"].items.map(\.fields) {
                guard let number = port["hostPort"].int, number != 0 else { continue }
                let key = "\(port["protocol"].text)/\(port["hostIP"].text)/\(number)"
                if !seen.insert(key).inserted { errors.add(.duplicate(port.path.child("hostPort"), .string(key))) }
            }
        }
    }
}

// Mounts.
extension ContainerRules {
    private static func mounts(_ container: Fields, volumes: [String: JSON], _ errors: inout FieldErrors) {
        var paths = Set<String>()
        let devices = container["volumeDevices"].items.map(\.fields)
        for mount in container["volumeMounts"].items.map(\.fields) {
            let (name, path) = (mount["name"], mount["mountPath"])
            errors.require(name)
            if volumes[name.text] == nil { errors.notFound(name) }
            errors.require(path)
            if !paths.insert(path.text).inserted { errors.invalid(path, "must be unique") }
            if devices.contains(where: { $0["name"].text == name.text }) {
                errors.invalid(name, "must not already exist in volumeDevices")
            }
            if devices.contains(where: { $0["devicePath"].text == path.text }) {
                errors.invalid(path, "must not already exist as a path in volumeDevices")
            }
            subPaths(of: mount, in: container, &errors)
            propagation(of: mount, in: container, &errors)
            recursion(of: mount, in: container, &errors)
        }
    }

    /// The paths of these errors are without an index, as Kubernetes has them.
    private static func subPaths(of mount: Fields, in container: Fields, _ errors: inout FieldErrors) {
        let mounts = container.path.child("volumeMounts")
        for name in ["subPath", "subPathExpr"] where !mount[name].isEmpty {
            if name == "subPathExpr", !mount["subPath"].isEmpty {
                errors.invalid(mount[name], "subPathExpr and subPath are mutually exclusive")
            }
            errors.add(
                PathRules.problemsOfRelative(mount[name].text), at: mounts.child(name), value: mount[name].value ?? "")
        }
    }

    private static func propagation(of mount: Fields, in container: Fields, _ errors: inout FieldErrors) {
        let propagation = mount["mountPropagation"]
        guard propagation.isSet else { return }
        let path = container.path.child("volumeMounts", "mountPropagation")
        let supported = ["Bidirectional", "HostToContainer", "None"]
        if !supported.contains(propagation.text) {
            errors.add(.notSupported(path, propagation.value ?? "", supported: supported))
        }
        let isPrivileged = container.fields("securityContext")["privileged"].bool ?? false
        if propagation.text == "Bidirectional", !isPrivileged {
            errors.add(.forbidden(path, "Bidirectional mount propagation is available only to privileged containers"))
        }
    }

    private static func recursion(of mount: Fields, in container: Fields, _ errors: inout FieldErrors) {
        let recursion = mount["recursiveReadOnly"]
        guard recursion.isSet else { return }
        let path = container.path.child("volumeMounts", "recursiveReadOnly")
        switch recursion.text {
        case "Disabled": return
        case "Enabled", "IfPossible":
            if mount["readOnly"].bool != true {
                errors.add(.forbidden(path, "may only be specified when readOnly is true"))
            }
            if !["", "None"].contains(mount["mountPropagation"].text) {
                errors.add(.forbidden(path, "may only be specified when mountPropagation is None or not specified"))
            }
        default:
            errors.add(.notSupported(path, recursion.value ?? "", supported: ["Disabled", "Enabled", "IfPossible"]))
        }
    }

    private static func devices(_ container: Fields, volumes: [String: JSON], _ errors: inout FieldErrors) {
        var (names, paths) = (Set<String>(), Set<String>())
        let mounts = container["volumeMounts"].items.map(\.fields)
        for device in container["volumeDevices"].items.map(\.fields) {
            let (name, path) = (device["name"], device["devicePath"])
            errors.require(name)
            if !name.isEmpty, !names.insert(name.text).inserted { errors.invalid(name, "must be unique") }
            if let volume = volumes[name.text] {
                if volume["persistentVolumeClaim"] == nil, volume["ephemeral"] == nil {
                    errors.invalid(
                        name, "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode")
                }
            } else {
                errors.notFound(name)
            }
            errors.require(path)
            if paths.contains(path.text) { errors.invalid(path, "must be unique") }
            if PathRules.problemsOfBacksteps(path.text).isEmpty {
                paths.insert(path.text)
            } else {
                errors.invalid(path, "can not contain backsteps ('..')")
            }
            if mounts.contains(where: { $0["name"].text == name.text }) {
                errors.invalid(name, "must not already exist in volumeMounts")
            }
            if mounts.contains(where: { $0["mountPath"].text == path.text }) {
                errors.invalid(path, "must not already exist as a path in volumeMounts")
            }
        }
    }
}

// Probes and hooks.
extension ContainerRules {
    private static let handlerNames = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"]

    private static func handlers(_ container: Fields, spec: Fields, _ errors: inout FieldErrors) {
        if let lifecycle = container.ifPresent("lifecycle") {
            for name in ["postStart", "preStop"] {
                guard let hook = lifecycle.ifPresent(name) else { continue }
                handler(hook, grace: spec["terminationGracePeriodSeconds"].int ?? 0, &errors)
            }
        }
        for name in ["livenessProbe", "readinessProbe", "startupProbe"] {
            guard let probe = container.ifPresent(name) else { continue }
            check(probe, &errors)
            let threshold = probe["successThreshold"]
            if name != "readinessProbe", let value = threshold.int, value != 1 {
                errors.invalid(threshold, "must be 1")
            }
            if name == "readinessProbe", probe["terminationGracePeriodSeconds"].isSet {
                errors.invalid(probe["terminationGracePeriodSeconds"], "must not be set for readinessProbes")
            }
        }
    }

    private static func check(_ probe: Fields, _ errors: inout FieldErrors) {
        handler(probe, grace: nil, &errors)
        for name in [
            "initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold",
        ] {
            errors.nonNegative(probe[name])
        }
        if let grace = probe["terminationGracePeriodSeconds"].int, grace <= 0 {
            errors.invalid(probe["terminationGracePeriodSeconds"], "must be greater than 0")
        }
    }

    /// One action: exactly one of its forms.
    private static func handler(_ owner: Fields, grace: Int64?, _ errors: inout FieldErrors) {
        var count = 0
        for name in handlerNames {
            guard let action = owner.ifPresent(name) else { continue }
            count += 1
            if count > 1 {
                errors.add(.forbidden(action.path, "may not specify more than 1 handler type"))
                continue
            }
            switch name {
            case "exec": errors.require(action["command"])
            case "httpGet": httpGet(action, &errors)
            case "tcpSocket": errors.portOrName(action["port"])
            case "grpc": errors.port(action["port"])
            default: sleep(action, grace: grace ?? 0, &errors)
            }
        }
        if count == 0 { errors.add(.required(owner.path, "must specify a handler type")) }
    }

    private static func sleep(_ action: Fields, grace: Int64, _ errors: inout FieldErrors) {
        let seconds = action["seconds"].int ?? 0
        if seconds < 0 || seconds > grace {
            errors.add(
                ["must be non-negative and less than terminationGracePeriodSeconds (\(grace))"], at: action.path,
                value: .int(seconds))
        }
    }

    private static func httpGet(_ action: Fields, _ errors: inout FieldErrors) {
        errors.require(action["path"])
        errors.portOrName(action["port"])
        errors.requireOne(of: ["HTTP", "HTTPS"], action["scheme"])
        for header in action["httpHeaders"].items.map(\.fields) {
            let name = header["name"]
            let isRight =
                !name.isEmpty
                && name.text.utf8.allSatisfy {
                    ByteRules.isAlphanumeric($0) || $0 == UInt8(ascii: "-")
                }
            guard !isRight else { continue }
            let why =
                "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used "
                + "for validation is '[-A-Za-z0-9]+')"
            errors.add([why], at: action.path.child("httpHeaders"), value: name.value ?? "")
        }
    }
}
