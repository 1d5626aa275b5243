import APIMachinery
import JSON

/// The parameters of a list, a watch or a deletion of a collection (`metav1.ListOptions`), checked by Kubernetes' rules.
struct ListOptions: Sendable {
    enum Match: String, Sendable {
        case exact = "Exact"
        case notOlderThan = "NotOlderThan"
    }

    var labelSelector: LabelSelector?
    var fieldSelector: FieldSelector?
    /// Items a page, or `nil` for all.
    var limit: Int?
    var continuation: String?
    /// As given; empty where not.
    var resourceVersion: String
    var match: Match?
    var timeoutSeconds: Int64?
    var allowsWatchBookmarks: Bool
    var sendsInitialEvents: Bool?

    /// - Throws: 400 where a parameter cannot be read, 422 where parameters contradict one another.
    init(_ query: QueryParameters, isWatch: Bool, of resource: ServedResource) throws {
        let limit = try Self.integer(query, "limit")
        timeoutSeconds = try Self.integer(query, "timeoutSeconds")
        self.limit = limit.flatMap { $0 > 0 ? Int(clamping: $0) : nil }
        continuation = query["continue"].flatMap { $0.isEmpty ? nil : $0 }
        resourceVersion = query["resourceVersion"] ?? ""
        allowsWatchBookmarks = query.flag("allowWatchBookmarks")
        sendsInitialEvents = query["sendInitialEvents"] == nil ? nil : query.flag("sendInitialEvents")

        let matchText = query["resourceVersionMatch"] ?? ""
        match = Match(rawValue: matchText)
        labelSelector = try Self.labelSelector(query["labelSelector"])
        fieldSelector = try Self.fieldSelector(query["fieldSelector"], of: resource)
        let problems = isWatch ? watchProblems(matchText) : listProblems(matchText)
        if !problems.isEmpty {
            throw APIStatus.invalid(GroupKind(group: "meta.k8s.io", kind: "ListOptions"), name: "", problems)
        }
    }

    private static func integer(_ query: QueryParameters, _ name: String) throws -> Int64? {
        guard let text = query[name] else { return nil }
        guard let value = Int64(text) else { throw APIStatus.badRequest(GoNumber.parseProblem(text, as: "ParseInt")) }
        return value
    }

    private static func labelSelector(_ text: String?) throws -> LabelSelector? {
        guard let text, !text.isEmpty else { return nil }
        do {
            return try LabelSelector(parsing: text)
        } catch {
            throw APIStatus.badRequest(error.message)
        }
    }

    private static func fieldSelector(_ text: String?, of resource: ServedResource) throws -> FieldSelector? {
        guard let text, !text.isEmpty else { return nil }
        var selector: FieldSelector
        do {
            selector = try FieldSelector(parsing: text)
        } catch {
            throw APIStatus.badRequest(error.message)
        }
        for term in selector.terms where !resource.canSelect(byField: term.field) {
            throw APIStatus.badRequest(resource.unsupportedFieldMessage(term.field))
        }
        for index in selector.terms.indices {
            selector.terms[index].field = resource.definition.storedFieldName(selector.terms[index].field)
        }
        return selector
    }

    /// `ValidateListOptions` of apimachinery, for a list.
    private func listProblems(_ matchText: String) -> [FieldError] {
        var problems: [FieldError] = []
        let path = FieldPath("resourceVersionMatch")
        if !matchText.isEmpty {
            if resourceVersion.isEmpty {
                problems.append(
                    .forbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"))
            }
            if continuation != nil {
                problems.append(.forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
            }
            if match == nil {
                problems.append(.notSupported(path, .string(matchText), supported: ["Exact", "NotOlderThan", ""]))
            }
            if match == .exact, resourceVersion == "0" {
                problems.append(
                    .forbidden(path, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
            }
        }
        if sendsInitialEvents != nil {
            problems.append(.forbidden(FieldPath("sendInitialEvents"), "sendInitialEvents is forbidden for list"))
        }
        return problems
    }

    /// `validateWatchOptions` of apimachinery.
    private func watchProblems(_ matchText: String) -> [FieldError] {
        var problems: [FieldError] = []
        let path = FieldPath("resourceVersionMatch")
        if sendsInitialEvents != nil, match != .notOlderThan {
            problems.append(
                .forbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"))
        }
        if !matchText.isEmpty {
            if sendsInitialEvents == nil {
                problems.append(
                    .forbidden(path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided")
                )
            }
            if match != .notOlderThan {
                problems.append(.notSupported(path, .string(matchText), supported: ["NotOlderThan"]))
            }
        }
        if continuation != nil {
            problems.append(.forbidden(path, "resourceVersionMatch is forbidden when continue is provided"))
        }
        return problems
    }
}

/// How Go's strconv words what is wrong with a number.
enum GoNumber {
    static func parseProblem(_ text: String, as function: String) -> String {
        let unsigned = function == "ParseUint" ? text[...] : text.first == "-" ? text.dropFirst() : text[...]
        let isDigits = !unsigned.isEmpty && unsigned.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let problem = isDigits ? "value out of range" : "invalid syntax"
        return "strconv.\(function): parsing \(JSON.string(text).description): \(problem)"
    }
}

extension Revision {
    /// Reads a `resourceVersion` parameter; `nil` where it is empty.
    /// - Throws: the text that Kubernetes has for one that is no number.
    static func parameter(_ text: String) throws(ResourceVersionProblem) -> Revision? {
        if text.isEmpty { return nil }
        guard let revision = Revision(text) else {
            throw ResourceVersionProblem(
                message: "resourceVersion: Invalid value: \(JSON.string(text).description): "
                    + GoNumber.parseProblem(text, as: "ParseUint"))
        }
        return revision
    }
}

struct ResourceVersionProblem: Error {
    var message: String

    /// A list answers a bad version with 400; a get or a watch, as Kubernetes has it, with a bare 500.
    var asBadRequest: APIStatus { .badRequest("invalid resource version: " + message) }
    var asUnknown: APIStatus { APIStatus(code: 500, reason: .unknown, message: message) }
}

extension ServedResource {
    func canSelect(byField field: String) -> Bool {
        switch field {
        case "metadata.name": true
        // Kinds whose refusal is their own name their fields one by one, and no namespace where they have none.
        case "metadata.namespace": definition.isNamespaced || version.unknownFieldWording == .listingNames
        default: version.selectableFields.contains(field)
        }
    }

    func unsupportedFieldMessage(_ field: String) -> String { version.unknownFieldWording.message(for: field) }
}
