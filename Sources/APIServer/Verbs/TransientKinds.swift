import APIMachinery
import HTTPTransport
import JSON

/// Answers to kinds that are sent, answered and never stored.
protocol TransientKind: Sendable {
    /// The document that answers the one that was sent (canonical, in the version of the request).
    func answer(_ document: JSON, _ server: APIServer, _ context: RequestContext) async throws -> JSON
}

enum TransientKinds {
    static func handler(of kind: GroupVersionKind) -> (any TransientKind)? {
        switch (kind.group, kind.kind) {
        case ("authentication.k8s.io", "SelfSubjectReview"): SelfSubjectReview()
        case ("authentication.k8s.io", "TokenReview"): TokenReview()
        case ("authorization.k8s.io", "SelfSubjectAccessReview"): AccessReview(subject: .requester)
        case ("authorization.k8s.io", "SubjectAccessReview"): AccessReview(subject: .named)
        case ("authorization.k8s.io", "LocalSubjectAccessReview"): AccessReview(subject: .namedInNamespace)
        case ("authorization.k8s.io", "SelfSubjectRulesReview"): SelfSubjectRulesReview()
        case ("", "Binding"): CollectionBinding()
        default: nil
        }
    }
}

/// May someone do something.
private struct AccessReview: TransientKind {
    enum Subject: Sendable { case requester, named, namedInNamespace }

    let subject: Subject

    func answer(_ document: JSON, _ server: APIServer, _ context: RequestContext) async throws -> JSON {
        let spec = document["spec"] ?? [:]
        try validate(spec, context)
        let user = subject == .requester ? context.user : Self.user(of: spec)
        var status: JSON = ["allowed": .bool(Self.isAllowed(spec, user, server.authorizer))]
        // What the authorizer has no rule for is not denied by it: nobody allowed it.
        if status["allowed"]?.boolValue != true { status = ["allowed": false] }
        var answer = document
        answer["status"] = status
        return answer
    }

    private func validate(_ spec: JSON, _ context: RequestContext) throws {
        var problems: [FieldError] = []
        let path = FieldPath("spec")
        let resource = spec["resourceAttributes"].flatMap { $0.isNull ? nil : $0 }
        let other = spec["nonResourceAttributes"].flatMap { $0.isNull ? nil : $0 }
        if let other, resource != nil {
            problems.append(
                .invalid(
                    path.child("nonResourceAttributes"),
                    ["Path": other["path"] ?? "", "Verb": other["verb"] ?? ""],
                    "cannot be specified in combination with resourceAttributes"))
        }
        if resource == nil, other == nil {
            problems.append(
                .invalid(
                    path.child("resourceAttributes"), .null,
                    "exactly one of nonResourceAttributes or resourceAttributes must be specified"))
        }
        if subject != .requester, spec["user"]?.stringValue ?? "" == "", spec["groups"]?.arrayValue ?? [] == [] {
            problems.append(.invalid(path.child("user"), "", "at least one of user or group must be specified"))
        }
        if subject == .namedInNamespace, let resource {
            let namespace = resource["namespace"]?.stringValue ?? ""
            if namespace != context.info.namespace ?? "" {
                problems.append(
                    .invalid(
                        path.child("resourceAttributes", "namespace"), .string(namespace),
                        "must match metadata.namespace"))
            }
        }
        if !problems.isEmpty {
            throw APIStatus.invalid(GroupKind(group: "authorization.k8s.io", kind: ""), name: "", problems)
        }
    }

    private static func user(of spec: JSON) -> UserInfo {
        UserInfo(
            name: spec["user"]?.stringValue ?? "", uid: spec["uid"]?.stringValue ?? "",
            groups: spec["groups"]?.arrayValue?.compactMap(\.stringValue) ?? [])
    }

    private static func isAllowed(_ spec: JSON, _ user: UserInfo, _ authorizer: Authorizer) -> Bool {
        if let attributes = spec["nonResourceAttributes"], !attributes.isNull {
            let path = attributes["path"]?.stringValue ?? ""
            return authorizer.allows(user, RequestInfo(verb: attributes["verb"]?.stringValue ?? ""), path: path)
        }
        let attributes = spec["resourceAttributes"] ?? [:]
        var info = RequestInfo(verb: attributes["verb"]?.stringValue ?? "")
        info.isResourceRequest = true
        info.groupVersion = GroupVersion(
            group: attributes["group"]?.stringValue ?? "", version: attributes["version"]?.stringValue ?? "")
        info.resource = attributes["resource"]?.stringValue ?? ""
        info.subresource = attributes["subresource"]?.stringValue
        info.namespace = attributes["namespace"]?.stringValue
        info.name = attributes["name"]?.stringValue
        return authorizer.allows(user, info, path: "")
    }
}

/// What may I do in a namespace. Roles are not built yet: the answer says so, and knows the members of the group that
/// may do everything.
private struct SelfSubjectRulesReview: TransientKind {
    func answer(_ document: JSON, _ server: APIServer, _ context: RequestContext) async throws -> JSON {
        if document["spec"]?["namespace"]?.stringValue ?? "" == "" {
            throw APIStatus.badRequest("no namespace on request")
        }
        var answer = document
        guard context.user.groups.contains(UserInfo.mastersGroup) else {
            answer["status"] = [
                "resourceRules": [], "nonResourceRules": [], "incomplete": true,
                "evaluationError": "role-based rules are not built yet",
            ]
            return answer
        }
        answer["status"] = [
            "resourceRules": [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]],
            "nonResourceRules": [["verbs": ["*"], "nonResourceURLs": ["*"]]], "incomplete": false,
        ]
        return answer
    }
}

/// A binding sent to the collection does what one sent to the pod does.
private struct CollectionBinding: TransientKind {
    func answer(_ document: JSON, _ server: APIServer, _ context: RequestContext) async throws -> JSON {
        guard let pods = server.registry.contents.storageResource(GroupResource(group: "", resource: "pods")) else {
            throw APIStatus.unknownResource
        }
        let options = try WriteOptions(context.query, for: .create)
        try await server.assign(document, pods: pods, isDryRun: options.isDryRun, context)
        var status = APIStatus(code: 201, reason: .unknown, message: "", isSuccess: true).json
        status["code"] = 201
        return status
    }
}
