public import JSON

/// A query under construction; parameters that say nothing are left out.
struct Query {
    private(set) var text = ""

    mutating func add(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        text += (text.isEmpty ? "?" : "&") + name + "=" + PercentEncoding.queryValue(value)
    }

    mutating func add(_ name: String, _ value: Int?) { add(name, value.map { String($0) }) }

    mutating func add(_ name: String, ifSet value: Bool) { if value { add(name, "true") } }
}

/// `resourceVersionMatch` of a list: how new the answer must be.
/// https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list
public enum ResourceVersionMatch: String, Sendable {
    case exact = "Exact"
    case notOlderThan = "NotOlderThan"
}

/// Which objects a list or a watch is about. Both selectors in the form of the query: `app=web,tier!=db`.
public struct ObjectSelection: Sendable, Hashable {
    public var labelSelector: String
    public var fieldSelector: String

    public init(labelSelector: String = "", fieldSelector: String = "") {
        self.labelSelector = labelSelector
        self.fieldSelector = fieldSelector
    }

    public static let all = ObjectSelection()

    func encode(into query: inout Query) {
        query.add("labelSelector", labelSelector)
        query.add("fieldSelector", fieldSelector)
    }
}

public struct ListOptions: Sendable {
    public var selection: ObjectSelection
    /// Objects a page at most.
    public var limit: Int?
    /// From the page before.
    public var continueToken: String?
    /// `nil`: the newest state. "0": whatever the server has at hand.
    public var resourceVersion: String?
    public var resourceVersionMatch: ResourceVersionMatch?

    public init(
        selection: ObjectSelection = .all, limit: Int? = nil, continueToken: String? = nil,
        resourceVersion: String? = nil, resourceVersionMatch: ResourceVersionMatch? = nil
    ) {
        self.selection = selection
        self.limit = limit
        self.continueToken = continueToken
        self.resourceVersion = resourceVersion
        self.resourceVersionMatch = resourceVersionMatch
    }

    var query: Query {
        var query = Query()
        selection.encode(into: &query)
        query.add("limit", limit)
        query.add("continue", continueToken)
        query.add("resourceVersion", resourceVersion)
        query.add("resourceVersionMatch", resourceVersionMatch?.rawValue)
        return query
    }
}

public struct WatchOptions: Sendable {
    public var selection: ObjectSelection
    /// Events after this version; `nil` begins with the newest state as added objects.
    public var resourceVersion: String?
    public var allowsBookmarks: Bool
    /// The state as added objects first, then a bookmark annotated `k8s.io/initial-events-end` (KEP-3157).
    public var sendsInitialEvents: Bool
    /// After which the server ends the watch; the client gives up a little later.
    public var timeoutSeconds: Int?

    public init(
        selection: ObjectSelection = .all, resourceVersion: String? = nil, allowsBookmarks: Bool = true,
        sendsInitialEvents: Bool = false, timeoutSeconds: Int? = nil
    ) {
        self.selection = selection
        self.resourceVersion = resourceVersion
        self.allowsBookmarks = allowsBookmarks
        self.sendsInitialEvents = sendsInitialEvents
        self.timeoutSeconds = timeoutSeconds
    }

    var query: Query {
        var query = Query()
        query.add("watch", ifSet: true)
        selection.encode(into: &query)
        query.add("resourceVersion", resourceVersion)
        query.add("allowWatchBookmarks", ifSet: allowsBookmarks)
        if sendsInitialEvents {
            query.add("sendInitialEvents", ifSet: true)
            query.add("resourceVersionMatch", ResourceVersionMatch.notOlderThan.rawValue)
        }
        query.add("timeoutSeconds", timeoutSeconds)
        return query
    }
}

/// What goes with a create, an update or a patch.
public struct WriteOptions: Sendable {
    public enum FieldValidation: String, Sendable {
        case ignore = "Ignore"
        case warn = "Warn"
        case strict = "Strict"
    }

    /// Goes through everything but storing.
    public var isDryRun: Bool
    /// Who the changed fields belong to.
    public var fieldManager: String?
    public var fieldValidation: FieldValidation?

    public init(isDryRun: Bool = false, fieldManager: String? = nil, fieldValidation: FieldValidation? = nil) {
        self.isDryRun = isDryRun
        self.fieldManager = fieldManager
        self.fieldValidation = fieldValidation
    }

    var query: Query {
        var query = Query()
        query.add("dryRun", isDryRun ? "All" : nil)
        query.add("fieldManager", fieldManager)
        query.add("fieldValidation", fieldValidation?.rawValue)
        return query
    }
}

public enum PropagationPolicy: String, Sendable {
    case orphan = "Orphan"
    case background = "Background"
    case foreground = "Foreground"
}

/// `metav1.DeleteOptions`.
public struct DeleteOptions: Sendable {
    /// Refuse (409) unless the object is this very one.
    public struct Preconditions: Sendable, Hashable {
        public var uid: String?
        public var resourceVersion: String?

        public init(uid: String? = nil, resourceVersion: String? = nil) {
            self.uid = uid
            self.resourceVersion = resourceVersion
        }
    }

    public var preconditions: Preconditions?
    public var propagationPolicy: PropagationPolicy?
    public var gracePeriodSeconds: Int?
    public var isDryRun: Bool

    public init(
        preconditions: Preconditions? = nil, propagationPolicy: PropagationPolicy? = nil,
        gracePeriodSeconds: Int? = nil, isDryRun: Bool = false
    ) {
        self.preconditions = preconditions
        self.propagationPolicy = propagationPolicy
        self.gracePeriodSeconds = gracePeriodSeconds
        self.isDryRun = isDryRun
    }

    /// The body of the request.
    public var json: JSON {
        var object: JSONObject = ["kind": "DeleteOptions", "apiVersion": "v1"]
        if let gracePeriodSeconds { object["gracePeriodSeconds"] = .int(Int64(gracePeriodSeconds)) }
        if let preconditions {
            var json: JSONObject = [:]
            json["uid"] = preconditions.uid.map { .string($0) }
            json["resourceVersion"] = preconditions.resourceVersion.map { .string($0) }
            object["preconditions"] = .object(json)
        }
        object["propagationPolicy"] = propagationPolicy.map { .string($0.rawValue) }
        if isDryRun { object["dryRun"] = ["All"] }
        return .object(object)
    }
}

/// A change to an object, in one of the forms that the API takes.
public enum Patch: Sendable {
    /// RFC 6902: a list of operations.
    case json(JSON)
    /// RFC 7386.
    case merge(JSON)
    /// Kubernetes' own: lists are merged by the keys of their items. Built-in kinds only.
    case strategic(JSON)
    /// Server-side apply: the fields that the manager wants, and no others.
    case apply(JSON, fieldManager: String, force: Bool)

    var contentType: String {
        switch self {
        case .json: "application/json-patch+json"
        case .merge: "application/merge-patch+json"
        case .strategic: "application/strategic-merge-patch+json"
        case .apply: "application/apply-patch+yaml"
        }
    }

    var body: JSON {
        switch self {
        case .json(let body), .merge(let body), .strategic(let body), .apply(let body, _, _): body
        }
    }
}
