public import APIMachinery
import JSON

/// The tables that the server prints of the built-in kinds.
///
/// Cells are made of an object in its storage version: both versions of an autoscaler, and both groups of events, show
/// the same cells.
public enum Tables {
    /// The columns of a resource; those of any other are `standard`.
    public static func columns(of resource: GroupResource) -> [TableColumn] {
        switch resource.group {
        case "": core(resource.resource)
        case "apps": apps(resource.resource)
        case "batch": batch(resource.resource)
        case "events.k8s.io": event
        case "autoscaling": autoscaler
        case "policy": disruptionBudget
        case "networking.k8s.io", "discovery.k8s.io": network(resource.resource)
        case "storage.k8s.io": storage(resource.resource)
        case "rbac.authorization.k8s.io", "certificates.k8s.io": access(resource.resource)
        case "admissionregistration.k8s.io": admission(resource.resource)
        case "flowcontrol.apiserver.k8s.io": flowControl(resource.resource)
        case "apiregistration.k8s.io": apiService
        case "resource.k8s.io": devices(resource.resource)
        case "coordination.k8s.io":
            [.name, .text("Holder", "Who holds the lease now.", at: "spec", "holderIdentity"), .age]
        case "scheduling.k8s.io": priorityClass
        case "node.k8s.io": [.name, .text("Handler", "The node's name for the runtime.", at: "handler"), .age]
        default: standard
        }
    }

    /// What is printed of a kind that has no table of its own.
    public static let standard: [TableColumn] = [.name, .createdAt]

    /// What is printed of the `scale` subresource.
    static let scale: [TableColumn] = [
        TableColumn(name: "Name", type: "string", description: ColumnDescription.name) { object, _ in
            .string(object.text("metadata", "name"))
        },
        .integer("Desired", "How many replicas are asked for.", at: "spec", "replicas"),
        .integer("Available", "How many replicas there are.", at: "status", "replicas"),
        .age,
    ]

    /// What is printed of the `scale` subresource of a custom resource.
    static let customScale: [TableColumn] = {
        var columns = scale
        columns[0].format = "name"
        columns[columns.count - 1].type = "date"
        return columns
    }()

    /// The columns of a subresource's own kind.
    static func columns(ofSubresource kind: String) -> [TableColumn] { kind == "Scale" ? scale : standard }

    /// Cells of a resource's rows beyond those that have a column; `nil` where there are none.
    static func extraCells(of resource: GroupResource) -> (@Sendable (JSON, Int64) -> [JSON])? {
        guard resource == GroupResource(group: "networking.k8s.io", resource: "ipaddresses") else { return nil }
        return { object, now in [.string(Age.since(object.at("metadata", "creationTimestamp"), now))] }
    }

    /// The conditions of a resource's rows: a pod that has ended says so. `nil` where there are none.
    static func rowConditions(of resource: GroupResource) -> (@Sendable (JSON) -> [JSON])? {
        guard resource == GroupResource(group: "", resource: "pods") else { return nil }
        return { pod in
            let phase = pod.text("status", "phase")
            let message: String
            switch phase {
            case "Succeeded": message = "The pod has completed successfully."
            case "Failed": message = "The pod failed."
            default: return []
            }
            return [["type": "Completed", "status": "True", "reason": .string(phase), "message": .string(message)]]
        }
    }
}

extension TableColumn {
    public static let name = TableColumn(
        name: "Name", type: "string", format: "name", description: ColumnDescription.name
    ) { object, _ in .string(object.text("metadata", "name")) }

    public static let age = TableColumn(name: "Age", type: "string", description: ColumnDescription.creationTimestamp) {
        object, now in .string(Age.since(object.at("metadata", "creationTimestamp"), now))
    }

    public static let createdAt = TableColumn(
        name: "Created At", type: "date", description: ColumnDescription.creationTimestamp
    ) { object, _ in
        let time = object.at("metadata", "creationTimestamp") ?? .null
        // The zero of Go's clock.
        return time.isNull ? "0001-01-01T00:00:00Z" : time
    }

    /// A column of text made by a function of the object.
    static func text(
        _ name: String, wide: Bool = false, format: String = "", _ description: String,
        _ cell: @escaping @Sendable (JSON) -> String
    ) -> TableColumn {
        TableColumn(
            name: name, type: "string", format: format, description: description, priority: wide ? 1 : 0
        ) { object, _ in .string(cell(object)) }
    }

    /// A column of text that stands in the object.
    static func text(
        _ name: String, wide: Bool = false, format: String = "", _ description: String, at path: String...,
        or absent: String = ""
    ) -> TableColumn {
        text(name, wide: wide, format: format, description) { object in
            let text = object.text(path)
            return text.isEmpty ? absent : text
        }
    }

    static func integer(_ name: String, type: String = "integer", _ description: String, at path: String...)
        -> TableColumn
    {
        TableColumn(name: name, type: type, description: description) { object, _ in
            .int(object.integer(path))
        }
    }

    static func count(_ name: String, type: String = "integer", _ description: String, of path: String...)
        -> TableColumn
    {
        TableColumn(name: name, type: type, description: description) { object, _ in
            .int(Int64(object.count(path)))
        }
    }

    static func flag(
        _ name: String, type: String = "boolean", _ description: String, at path: String..., or absent: Bool = false
    ) -> TableColumn {
        TableColumn(name: name, type: type, description: description) { object, _ in
            .bool(object.at(path)?.boolValue ?? absent)
        }
    }
}

/// How long ago, as tables say it.
enum Age {
    static func since(_ time: JSON?, _ now: Int64) -> String {
        guard let text = time?.stringValue, let moment = moment(text) else { return "<unknown>" }
        return moment.age(at: KubernetesTime(epochSeconds: now))
    }

    static func moment(_ text: String) -> KubernetesTime? { try? KubernetesTime(parsing: text) }
}

/// How cells show lists.
enum CellText {
    static let none = "<none>"
    static let unset = "<unset>"
    static let unknown = "<unknown>"

    /// The first items and how many there are beyond them.
    static func abridged(_ items: [String], limit: Int = 3) -> String {
        let shown = items.prefix(limit).joined(separator: ",")
        return items.count > limit ? shown + " + \(items.count - limit) more..." : shown
    }

    /// Labels as `a=b,c=d`, in the order of their keys.
    static func labels(_ object: JSON?) -> String {
        guard let labels = object?.objectValue, !labels.isEmpty else { return none }
        let sorted = labels.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return sorted.map { "\($0.key)=\($0.value.stringValue ?? "")" }.joined(separator: ",")
    }

    /// A label selector as `kubectl` takes it.
    static func selector(_ selector: JSON?, ifInvalid invalid: String = "<error>") -> String {
        guard let selector, !selector.isNull else { return none }
        guard let parsed = try? LabelSelector(structured: selector) else { return invalid }
        let text = parsed.description
        return text.isEmpty ? none : text
    }

    static func containers(_ podSpec: JSON?, _ member: String) -> String {
        (podSpec?["containers"]?.arrayValue ?? []).map { $0.text(member) }.joined(separator: ",")
    }

    static func joined(_ list: JSON?, separator: String = ",") -> String {
        (list?.arrayValue ?? []).map { $0.stringValue ?? "" }.joined(separator: separator)
    }

    /// A number or a text, as either is written.
    static func intOrString(_ value: JSON?, or absent: String) -> String {
        switch value {
        case .int(let number): "\(number)"
        case .string(let text): text
        default: absent
        }
    }
}

extension JSON {
    func at(_ path: String...) -> JSON? { at(path) }

    func at(_ path: [String]) -> JSON? {
        var value: JSON? = self
        for name in path { value = value?[name] }
        return value
    }

    func text(_ path: String...) -> String { text(path) }
    func text(_ path: [String]) -> String { at(path)?.stringValue ?? "" }
    func integer(_ path: String...) -> Int64 { integer(path) }
    func integer(_ path: [String]) -> Int64 { at(path)?.intValue ?? 0 }

    func count(_ path: [String]) -> Int {
        switch at(path) {
        case .array(let items): items.count
        case .object(let object): object.count
        default: 0
        }
    }

    func items(_ path: String...) -> [JSON] { at(path)?.arrayValue ?? [] }

    /// The condition of a type in `status.conditions`.
    func condition(_ type: String) -> JSON? {
        items("status", "conditions").first { $0["type"]?.stringValue == type }
    }

    func isConditionTrue(_ type: String) -> Bool { condition(type)?["status"]?.stringValue == "True" }
}
