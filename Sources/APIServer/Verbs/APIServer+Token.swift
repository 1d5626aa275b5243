import APIMachinery
import JSON
import Storage

extension APIServer {
    /// `serviceaccounts/token`: a new token of the account, for as long and bound to what the request says.
    func requestToken(
        _ subresource: Subresource, of accounts: ServedResource, _ context: RequestContext
    ) async throws -> Answer {
        guard let issuer = options.serviceAccountIssuer else { throw APIStatus.unknownResource }
        var (request, options) = try await decode(subresource, of: accounts, context)
        let name = context.info.name ?? ""
        let kind = subresource.kind.groupKind
        let given = request.metadataText("name")
        if !given.isEmpty, given != name {
            throw APIStatus.invalid(
                kind, name: name,
                [
                    .invalid(
                        FieldPath("metadata", "name"), .string(given),
                        "must match the service account name if specified")
                ])
        }
        let writer = ObjectWriter(
            self, accounts, context, isDryRun: options.isDryRun, subresource: subresource.name)
        let snapshot = storage.snapshot
        guard let stored = snapshot[writer.key(name)] else { throw writer.notFound(name) }
        let account = try accounts.decode(stored)
        try await writer.admit(&request, replacing: nil, name: name, in: snapshot)

        let plan = TokenPlan(request.spec, issuer)
        if request.spec["expirationSeconds"]?.isNull ?? true {
            var spec = request.spec
            spec["expirationSeconds"] = .int(plan.expirationSeconds)
            request["spec"] = spec
        }
        writer.trackFields(of: &request, subresource)
        try plan.validate(kind)
        var claims = try plan.claims(
            for: account, issuer, uid: NameGenerator(random: environment.random).uid(), now: writer.now.epochSeconds)
        try bind(&claims, plan, in: snapshot)
        Self.fill(&request, plan, account, token: try issuer.token(claims), at: writer.now)
        _ = try subresource.schema?.canonicalize(&request)
        return try answer(with: request, of: nil, in: context, status: 201)
    }

    /// The request with what it left out, and with its answer.
    private static func fill(
        _ request: inout JSON, _ plan: TokenPlan, _ account: JSON, token: String, at now: KubernetesTime
    ) {
        let known = MetadataFields(of: account)
        request.updateMetadata { metadata in
            for field in [MetadataFields.Field.name, .namespace, .uid] { metadata[field] = known[field] }
            metadata[text: .creationTimestamp] = now.description
        }
        var spec = request.spec
        spec["audiences"] = .array(plan.audiences.map { .string($0) })
        spec["expirationSeconds"] = .int(plan.expirationSeconds)
        request["spec"] = spec
        let end = KubernetesTime(epochSeconds: now.epochSeconds + plan.expirationSeconds)
        request["status"] = ["token": .string(token), "expirationTimestamp": .string(end.description)]
    }

    // MARK: Bound objects

    /// Binds the token to the object that the request names.
    private func bind(
        _ claims: inout ServiceAccountClaims, _ plan: TokenPlan, in snapshot: Snapshot
    ) throws {
        guard let reference = plan.boundObject else { return }
        func found(_ plural: String, namespace: String?) throws -> JSON {
            let resource = GroupResource(group: "", resource: plural)
            let key = ObjectKey(
                resource: ResourceKey(group: "", resource: plural), namespace: namespace, name: reference.name)
            guard let object = snapshot[key] else { throw APIStatus.notFound(resource, name: reference.name) }
            return try JSON(parsing: object.bytes)
        }
        func identity(_ object: JSON) -> ServiceAccountClaims.Reference {
            .init(name: object.metadataText("name"), uid: object.metadataText("uid"))
        }
        let object: JSON
        switch (reference.kind.group, reference.kind.kind) {
        case ("", "Pod"):
            object = try found("pods", namespace: claims.namespace)
            let account = claims.serviceAccount.name
            guard object.spec["serviceAccountName"]?.stringValue ?? "" == account else {
                throw APIStatus.badRequest(
                    "cannot bind token for serviceaccount \(JSON.string(account)) to pod running with different "
                        + "serviceaccount name.")
            }
            claims.pod = identity(object)
            claims.node = Self.node(of: object, in: snapshot)
        case ("", "Node"):
            object = try found("nodes", namespace: nil)
            claims.node = identity(object)
        case ("", "Secret"):
            object = try found("secrets", namespace: claims.namespace)
            claims.secret = identity(object)
        default: throw APIStatus.badRequest("cannot bind token to object of type \(reference.kind)")
        }
        try reference.checkUID(of: object)
    }

    /// The node that a pod runs on: its uid too, where it is there.
    private static func node(of pod: JSON, in snapshot: Snapshot) -> ServiceAccountClaims.Reference? {
        let name = pod.spec["nodeName"]?.stringValue ?? ""
        if name.isEmpty { return nil }
        let key = ObjectKey(resource: ResourceKey(group: "", resource: "nodes"), path: name)
        let node = snapshot[key].flatMap { try? JSON(parsing: $0.bytes) }
        return .init(name: name, uid: node?.metadataText("uid") ?? "")
    }
}

/// What a `TokenRequest` asks for, with what it leaves out filled in.
private struct TokenPlan {
    struct BoundObject {
        var kind: GroupVersionKind
        var name: String
        var uid: String

        /// - Throws: 409 where the request means another object of the name.
        func checkUID(of object: JSON) throws(APIStatus) {
            if uid.isEmpty || uid == object.metadataText("uid") { return }
            throw .conflict(
                GroupResource(group: kind.group, resource: kind.kind), name: name,
                "the UID in the bound object reference (\(uid)) does not match the UID in record. The object might "
                    + "have been deleted and then recreated")
        }
    }

    var audiences: [String]
    var expirationSeconds: Int64
    var boundObject: BoundObject?

    /// What Kubernetes' own clients ask for: such tokens of pods outlive their time for old clients that do not read
    /// their file anew.
    private static let extendedExpirationSeconds: Int64 = 3607
    private static let yearSeconds: Int64 = 365 * 86400

    init(_ spec: JSON, _ issuer: ServiceAccountIssuer) {
        audiences = spec["audiences"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if audiences.isEmpty { audiences = issuer.audiences }
        expirationSeconds = spec["expirationSeconds"]?.intValue ?? 3600
        guard let reference = spec["boundObjectRef"], case .object = reference else { return }
        let groupVersion =
            GroupVersion(apiVersion: reference["apiVersion"]?.stringValue ?? "") ?? GroupVersion(group: "", version: "")
        boundObject = BoundObject(
            kind: GroupVersionKind(
                group: groupVersion.group, version: groupVersion.version,
                kind: reference["kind"]?.stringValue ?? ""),
            name: reference["name"]?.stringValue ?? "", uid: reference["uid"]?.stringValue ?? "")
    }

    func validate(_ kind: GroupKind) throws(APIStatus) {
        let path = FieldPath("spec", "expirationSeconds")
        if expirationSeconds < 600 {
            throw .invalid(
                kind, name: "",
                [.invalid(path, .int(expirationSeconds), "may not specify a duration less than 10 minutes")])
        }
        if expirationSeconds > 1 << 32 {
            throw .invalid(
                kind, name: "",
                [.invalid(path, .int(expirationSeconds), "may not specify a duration larger than 2^32 seconds")])
        }
    }

    func claims(
        for account: JSON, _ issuer: ServiceAccountIssuer, uid: String, now: Int64
    ) throws -> ServiceAccountClaims {
        let lives = outlivesItsTime(issuer) ? Self.yearSeconds : expirationSeconds
        return ServiceAccountClaims(
            issuer: issuer.names[0], audiences: audiences, id: uid, issuedAt: now, notBefore: now,
            expiration: now + lives, namespace: account.metadataText("namespace"),
            serviceAccount: .init(name: account.metadataText("name"), uid: account.metadataText("uid")),
            warnAfter: lives == expirationSeconds ? nil : now + expirationSeconds)
    }

    private func outlivesItsTime(_ issuer: ServiceAccountIssuer) -> Bool {
        boundObject?.kind.kind == "Pod" && expirationSeconds == Self.extendedExpirationSeconds
            && audiences.allSatisfy(issuer.audiences.contains)
    }
}

extension JSON {
    fileprivate var spec: JSON { self["spec"] ?? [:] }
}
