import APIMachinery
import JSON
import KubernetesClient
import Synchronization

/// As much of an API server as controllers need, in memory: create, read, list, watch, update, patch, delete with
/// finalizers and grace, status apart from the rest, binding, and discovery. It validates nothing.
final class MemoryAPI: APITransport {
    private struct Watcher: Sendable {
        var plural: String
        var namespace: String
        var stream: AsyncStream<[UInt8]>.Continuation
    }

    private struct State {
        var revision: Int64 = 0
        var objects: [String: [NamespacedName: JSON]] = [:]
        var watchers: [Int: Watcher] = [:]
        var nextWatcher = 0
    }

    private final class Stream: TransportBody.Source {
        private let stream: AsyncStream<[UInt8]>

        init(_ stream: AsyncStream<[UInt8]>) { self.stream = stream }

        func next() async throws -> [UInt8]? {
            // One reader at a time, and each piece is taken once: a new iterator goes on where the last one stopped.
            var iterator = stream.makeAsyncIterator()
            let piece = await iterator.next()
            try Task.checkCancellation()
            return piece
        }
    }

    static let kinds: [APIResource] = [
        .namespaces, .pods, .nodes, .configMaps, .serviceAccounts, .events, .deployments, .replicaSets, .leases,
    ]

    private let state = Mutex(State())

    var client: APIClient { APIClient(transport: self) }

    /// The objects of a collection, for a test to look at.
    func objects(_ resource: APIResource) -> [KubernetesObject] {
        state.withLock { Array(($0.objects[resource.plural] ?? [:]).values).map { KubernetesObject($0) } }
    }

    func send(_ request: TransportRequest) async throws -> TransportResponse {
        let parts = request.target.split(separator: "?", maxSplits: 1)
        let path = parts[0].split(separator: "/").map(String.init)
        let query = Self.query(parts.count > 1 ? String(parts[1]) : "")
        let body = request.body.flatMap { try? JSON(parsing: $0) } ?? .null
        if path == ["api"] || path == ["apis"] { return Self.answer(200, Self.discovery(core: path == ["api"])) }
        guard let address = Address(path) else { return Self.failure(404, "NotFound", "no such path") }
        if request.method == .get, address.name == nil, query["watch"] == "true" { return watch(address, query) }
        return state.withLock { handle(&$0, request.method, address, query, body) }
    }

    private struct Address {
        var resource: APIResource
        var namespace = ""
        var name: String?
        var subresource: String?

        init?(_ path: [String]) {
            var rest = Array(path.dropFirst(path.first == "api" ? 2 : 3))
            if rest.count > 2, rest[0] == "namespaces", MemoryAPI.kinds.contains(where: { $0.plural == rest[2] }) {
                namespace = rest[1]
                rest.removeFirst(2)
            }
            guard let plural = rest.first, let kind = MemoryAPI.kinds.first(where: { $0.plural == plural }) else {
                return nil
            }
            resource = kind
            name = rest.count > 1 ? rest[1] : nil
            subresource = rest.count > 2 ? rest[2] : nil
        }
    }
}

// Requests.
extension MemoryAPI {
    private func handle(
        _ state: inout State, _ method: TransportRequest.Method, _ address: Address, _ query: [String: String],
        _ body: JSON
    ) -> TransportResponse {
        let plural = address.resource.plural
        guard let name = address.name else {
            switch method {
            case .get: return list(state, address)
            case .post: return create(&state, address, body)
            case .delete:
                for key in Array((state.objects[plural] ?? [:]).keys) where key.namespace == address.namespace {
                    _ = delete(&state, address.resource, key, body)
                }
                return Self.answer(200, ["kind": "Status", "status": "Success"])
            default: return Self.failure(405, "MethodNotAllowed", "method")
            }
        }
        let key = NamespacedName(namespace: address.namespace, name: name)
        guard let present = state.objects[plural]?[key] else {
            return Self.failure(404, "NotFound", "\(plural) \"\(name)\" not found")
        }
        let sent = body["metadata"]
        if let uid = (sent?["uid"] ?? body["preconditions"]?["uid"])?.stringValue, uid != KubernetesObject(present).uid
        {
            return Self.failure(409, "Conflict", "another uid")
        }
        let version = (sent?["resourceVersion"] ?? body["preconditions"]?["resourceVersion"])?.stringValue
        if let version, version != KubernetesObject(present).resourceVersion {
            return Self.failure(409, "Conflict", "another version")
        }
        switch (method, address.subresource) {
        case (.get, _): return Self.answer(200, present)
        case (.delete, _): return delete(&state, address.resource, key, body)
        case (.post, "binding"):
            var bound = present
            bound["spec"] = Self.with(bound["spec"], "nodeName", body["target"]?["name"])
            store(&state, address.resource, bound)
            return Self.answer(201, ["kind": "Status", "status": "Success"])
        case (.put, let subresource), (.patch, let subresource):
            var wanted = method == .put ? body : Self.merged(present, body)
            var next = present
            if subresource == "status" {
                next["status"] = wanted["status"]
                next["metadata"] = wanted["metadata"]
            } else {
                if subresource == nil { wanted["status"] = present["status"] }
                next = wanted
            }
            var object = KubernetesObject(next)
            let metadata = KubernetesObject(present)
            object.uid = metadata.uid
            for member in ["creationTimestamp", "deletionTimestamp"] {
                object.setMetadata(member, present["metadata"]?[member])
            }
            if object.json["spec"] != present["spec"] {
                object.setMetadata("generation", .int(metadata.generation + 1))
            }
            store(&state, address.resource, object.json)
            return Self.answer(200, state.objects[plural]?[key] ?? object.json)
        default: return Self.failure(405, "MethodNotAllowed", "method")
        }
    }

    private func list(_ state: State, _ address: Address) -> TransportResponse {
        let items = (state.objects[address.resource.plural] ?? [:]).filter {
            address.namespace.isEmpty || $0.key.namespace == address.namespace
        }
        return Self.answer(
            200,
            [
                "kind": "List", "metadata": ["resourceVersion": .string(String(state.revision))],
                "items": .array(Array(items.values)),
            ])
    }

    private func create(_ state: inout State, _ address: Address, _ body: JSON) -> TransportResponse {
        var object = KubernetesObject(body)
        if object.name.isEmpty { object.name = object.generateName + String(state.revision + 1) }
        if address.resource.isNamespaced { object.namespace = address.namespace }
        guard state.objects[address.resource.plural]?[object.key] == nil else {
            return Self.failure(409, "AlreadyExists", "\(object.key) already exists")
        }
        if let owner = state.objects["namespaces"]?[NamespacedName(name: address.namespace)],
            KubernetesObject(owner).isBeingDeleted
        {
            return Self.answer(
                403,
                [
                    "kind": "Status", "status": "Failure", "code": 403, "reason": "Forbidden", "message": "terminating",
                    "details": ["causes": [["reason": "NamespaceTerminating"]]],
                ])
        }
        object.uid = "uid-\(state.revision + 1)"
        object.setMetadata("creationTimestamp", KubernetesTime.now.json)
        object.setMetadata("generation", 1)
        if address.resource == .namespaces { object.json["spec"] = ["finalizers": ["kubernetes"]] }
        store(&state, address.resource, object.json)
        return Self.answer(201, state.objects[address.resource.plural]?[object.key] ?? object.json)
    }

    private func delete(
        _ state: inout State, _ resource: APIResource, _ key: NamespacedName, _ options: JSON
    ) -> TransportResponse {
        guard let present = state.objects[resource.plural]?[key] else { return Self.failure(404, "NotFound", "gone") }
        var object = KubernetesObject(present)
        switch options["propagationPolicy"]?.stringValue {
        case "Foreground" where !object.isBeingDeleted: object.finalizers += ["foregroundDeletion"]
        case "Orphan" where !object.isBeingDeleted: object.finalizers += ["orphan"]
        default: break
        }
        if !object.isBeingDeleted { object.setMetadata("deletionTimestamp", KubernetesTime.now.json) }
        store(&state, resource, object.json, isForced: options["gracePeriodSeconds"] == 0)
        return Self.answer(200, object.json)
    }

    /// Stores an object, or lets it go where it is being deleted and nothing holds it. A pod with a node waits for that
    /// to delete it.
    private func store(_ state: inout State, _ resource: APIResource, _ json: JSON, isForced: Bool = false) {
        var object = KubernetesObject(json)
        let before = state.objects[resource.plural]?[object.key]
        state.revision += 1
        object.resourceVersion = String(state.revision)
        let finalizers = object.finalizers.count + (object.json["spec"]?["finalizers"]?.arrayValue?.count ?? 0)
        let waitsForNode = resource == .pods && json["spec"]?["nodeName"] != nil && !isForced
        let isGone = object.isBeingDeleted && finalizers == 0 && !waitsForNode
        if isGone {
            state.objects[resource.plural]?[object.key] = nil
        } else {
            state.objects[resource.plural, default: [:]][object.key] = object.json
        }
        let type = isGone ? "DELETED" : before == nil ? "ADDED" : "MODIFIED"
        for watcher in state.watchers.values
        where watcher.plural == resource.plural
            && (watcher.namespace.isEmpty || watcher.namespace == object.namespace)
        {
            watcher.stream.yield(Self.event(type, object.json))
        }
    }

    private func watch(_ address: Address, _ query: [String: String]) -> TransportResponse {
        let (stream, continuation) = AsyncStream.makeStream(of: [UInt8].self)
        state.withLock { state in
            let since = query["resourceVersion"].flatMap { Int64($0) } ?? 0
            for object in (state.objects[address.resource.plural] ?? [:]).values
            where query["sendInitialEvents"] == "true"
                || (Int64(KubernetesObject(object).resourceVersion) ?? 0) > since
            {
                continuation.yield(Self.event("ADDED", object))
            }
            continuation.yield(
                Self.event(
                    "BOOKMARK",
                    [
                        "kind": .string(address.resource.kind),
                        "metadata": [
                            "resourceVersion": .string(String(state.revision)),
                            "annotations": ["k8s.io/initial-events-end": "true"],
                        ],
                    ]))
            let id = state.nextWatcher
            state.nextWatcher += 1
            state.watchers[id] = Watcher(
                plural: address.resource.plural, namespace: address.namespace, stream: continuation)
        }
        return TransportResponse(status: 200, body: TransportBody(Stream(stream)))
    }
}

// Documents.
extension MemoryAPI {
    private static func answer(_ status: Int, _ json: JSON) -> TransportResponse {
        TransportResponse(status: status, body: TransportBody(json.encoded))
    }

    private static func failure(_ code: Int64, _ reason: String, _ message: String) -> TransportResponse {
        answer(
            Int(code),
            [
                "kind": "Status", "status": "Failure", "code": .int(code), "reason": .string(reason),
                "message": .string(message),
            ])
    }

    private static func event(_ type: String, _ object: JSON) -> [UInt8] {
        (["type": .string(type), "object": object] as JSON).encoded + [UInt8(ascii: "\n")]
    }

    private static func with(_ json: JSON?, _ member: String, _ value: JSON?) -> JSON {
        var json = json ?? [:]
        json[member] = value
        return json
    }

    /// A merge patch; lists whose items have a `type` or a `uid` are merged by it, as a strategic patch does it.
    private static func merged(_ target: JSON, _ patch: JSON) -> JSON {
        switch patch {
        case .object(let members):
            var result = target.objectValue == nil ? [:] : target
            for member in members {
                result[member.key] = member.value.isNull ? nil : merged(result[member.key] ?? .null, member.value)
            }
            return result
        case .array(let items):
            guard let key = ["type", "uid"].first(where: { items.first?[$0] != nil }) else { return patch }
            var result = target.arrayValue ?? []
            for item in items {
                result.removeAll { $0[key] == item[key] }
                if item["$patch"] != "delete" { result.append(item) }
            }
            return result.isEmpty ? .null : .array(result)
        default: return patch
        }
    }

    private static func query(_ text: String) -> [String: String] {
        Dictionary(
            text.split(separator: "&").map { part in
                let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
                return (pair[0], pair.count > 1 ? pair[1] : "")
            }, uniquingKeysWith: { first, _ in first })
    }

    private static func discovery(core: Bool) -> JSON {
        let groups = Dictionary(grouping: kinds.filter { $0.group.isEmpty == core }, by: \.group)
        return [
            "kind": "APIGroupDiscoveryList",
            "items": .array(
                groups.map { group, kinds in
                    [
                        "metadata": ["name": .string(group)],
                        "versions": [
                            [
                                "version": "v1",
                                "resources": .array(
                                    kinds.map { kind in
                                        [
                                            "resource": .string(kind.plural),
                                            "responseKind": ["kind": .string(kind.kind)],
                                            "scope": kind.isNamespaced ? "Namespaced" : "Cluster",
                                            "verbs": [
                                                "get", "list", "watch", "create", "update", "patch", "delete",
                                                "deletecollection",
                                            ],
                                        ]
                                    }),
                            ]
                        ],
                    ]
                }),
        ]
    }
}
