import APIMachinery
import JSON
import KubernetesAPI

/// What becomes of the objects that belong to a deleted one.
enum PropagationPolicy: String, Sendable, Hashable {
    case orphan = "Orphan"
    case background = "Background"
    case foreground = "Foreground"
}

/// How an object is to be deleted (`metav1.DeleteOptions`): from the body, or from the query where there is none.
struct DeleteOptions: Sendable, Hashable {
    struct Preconditions: Sendable, Hashable {
        var uid: String?
        var resourceVersion: String?
    }

    var gracePeriodSeconds: Int64?
    var preconditions = Preconditions()
    var propagationPolicy: PropagationPolicy?
    /// The old spelling of the policy.
    var orphansDependents: Bool?
    var isDryRun = false
    /// Whether preconditions were given, if only empty ones.
    private var hasPreconditions = false

    init() {}

    /// - Throws: 400 where the body cannot be read, 422 where an option has no such value.
    init(body: [UInt8], contentType: String?, query: QueryParameters) throws {
        if body.isEmpty {
            try self.init(query)
        } else {
            try self.init(body, as: try BodyCodec(contentType: contentType))
        }
    }

    private init(_ bytes: [UInt8], as codec: BodyCodec) throws {
        let document: JSON
        do {
            document = try codec.parse(bytes, expecting: "DeleteOptions", Self.schema).document
        } catch {
            let prefix = codec == .json ? "couldn't get version/kind; json parse error: " : ""
            throw APIStatus.badRequest(prefix + error.message)
        }
        try Self.checkKind(of: document)
        try self.init(document)
    }

    private static let schema =
        TypeLibrary.builtIn.schema(of: GroupVersionKind(group: "", version: "v1", kind: "DeleteOptions")) ?? .any

    /// Reads the members of a `DeleteOptions` document, which an eviction carries too.
    init(_ document: JSON) throws {
        gracePeriodSeconds = try Self.value(document, "gracePeriodSeconds", "int64") { $0.intValue }
        orphansDependents = try Self.value(document, "orphanDependents", "bool") { $0.boolValue }
        if let preconditions = document["preconditions"], !preconditions.isNull {
            hasPreconditions = true
            self.preconditions.uid = try Self.value(preconditions, "uid", "types.UID") { $0.stringValue }
            self.preconditions.resourceVersion = try Self.value(preconditions, "resourceVersion", "string") {
                $0.stringValue
            }
        }
        let policy = try Self.value(document, "propagationPolicy", "v1.DeletionPropagation") { $0.stringValue }
        let ignoresErrors = try Self.value(document, Self.ignoreErrors, "bool") { $0.boolValue } ?? false
        let dryRun =
            try Self.value(document, "dryRun", "[]string") { value -> [String]? in
                guard let items = value.arrayValue else { return nil }
                let texts = items.compactMap(\.stringValue)
                return texts.count == items.count ? texts : nil
            } ?? []
        try validate(policy: policy, dryRun: dryRun, ignoresErrors: ignoresErrors)
    }

    private init(_ query: QueryParameters) throws {
        if let text = query["gracePeriodSeconds"] {
            guard let seconds = Int64(text) else {
                throw APIStatus.badRequest("strconv.ParseInt: parsing \(JSON.string(text)): invalid syntax")
            }
            gracePeriodSeconds = seconds
        }
        if query["orphanDependents"] != nil { orphansDependents = query.flag("orphanDependents") }
        try validate(
            policy: query["propagationPolicy"], dryRun: query.all("dryRun"),
            ignoresErrors: query.flag(Self.ignoreErrors))
    }

    /// `ValidateDeleteOptions` of apimachinery.
    private mutating func validate(policy: String?, dryRun: [String], ignoresErrors: Bool) throws {
        var problems: [FieldError] = []
        if let policy {
            let path = FieldPath("propagationPolicy")
            propagationPolicy = PropagationPolicy(rawValue: policy)
            if orphansDependents != nil {
                problems.append(
                    .invalid(
                        path, .string(policy), "orphanDependents and deletionPropagation cannot be both set"))
            }
            if propagationPolicy == nil {
                problems.append(
                    .notSupported(
                        path, .string(policy), supported: ["Foreground", "Background", "Orphan", "nil"]))
            }
        }
        isDryRun = WriteOptions.readDryRun(dryRun, &problems)
        if ignoresErrors { problems += problemsBesideIgnoring(policy: policy, dryRun: dryRun) }
        if !problems.isEmpty { throw WriteOptions.invalid("DeleteOptions", problems) }
    }

    /// An object that cannot be read, which this option is for (a feature that is off), goes without a further word.
    private static let ignoreErrors = "ignoreStoreReadErrorWithClusterBreakingPotential"

    private func problemsBesideIgnoring(policy: String?, dryRun: [String]) -> [FieldError] {
        let others = [
            ("dryRun", !dryRun.isEmpty), ("propagationPolicy", policy != nil),
            ("orphanDependents", orphansDependents != nil), ("gracePeriodSeconds", gracePeriodSeconds != nil),
            ("preconditions", hasPreconditions),
        ]
        return others.filter(\.1).map {
            .invalid(FieldPath(Self.ignoreErrors), true, "cannot be set together with .\($0.0)")
        }
    }

    private static func checkKind(of document: JSON) throws {
        guard case .object = document else {
            if document.isNull { return }
            throw APIStatus.badRequest(
                "couldn't get version/kind; json parse error: " + TypeMeta.problem(ofNonObject: document))
        }
        let kind = document["kind"]?.stringValue ?? "DeleteOptions"
        guard kind != "DeleteOptions", !kind.isEmpty else { return }
        let version = GroupVersion(apiVersion: document["apiVersion"]?.stringValue ?? "v1")?.version ?? "v1"
        throw APIStatus.badRequest("converting (\(version).\(kind)) to (v1.DeleteOptions): unknown conversion")
    }

    private static func value<Value>(
        _ document: JSON, _ name: String, _ goType: String, _ read: (JSON) -> Value?
    ) throws -> Value? {
        guard let member = document[name], !member.isNull else { return nil }
        guard let value = read(member) else {
            throw APIStatus.badRequest(
                "json: cannot unmarshal \(member.goTypeName) into Go struct field DeleteOptions.\(name) of type \(goType)"
            )
        }
        return value
    }
}
