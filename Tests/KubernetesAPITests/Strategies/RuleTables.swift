import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

/// An object, or a change of one, and what is wrong with it.
struct RuleRow: Sendable, CustomTestStringConvertible {
    var remark: String
    /// `group/Kind`; the core group is empty.
    var kind: String
    /// The object as JSON, without kind and version; a name is added where it has none.
    var object: String
    /// `path | reason`, in order.
    var problems: [String]

    init(_ kind: String, _ remark: String, _ object: String, _ problems: String...) {
        self.kind = kind
        self.remark = remark
        self.object = object
        self.problems = problems
    }

    var testDescription: String { "\(kind): \(remark)" }

    /// Expects of a new object the problems of the row, each in full.
    func checkMessages() throws {
        let subject = try RuleSubject(kind)
        let object = try subject.made(object)
        #expect(subject.strategy.validateCreation(object).map(\.description) == problems)
    }
}

/// A change of an object, and all that is said of it.
struct ChangeRow: Sendable, CustomTestStringConvertible {
    var kind: String
    var remark: String
    var old: String
    var new: String
    var subresource: String?
    /// Messages in full, in order.
    var problems: [String]

    init(
        _ kind: String, _ remark: String, _ old: String, _ new: String, subresource: String? = nil,
        _ problems: String...
    ) {
        self.kind = kind
        self.remark = remark
        self.old = old
        self.new = new
        self.subresource = subresource
        self.problems = problems
    }

    var testDescription: String { "\(kind): \(remark)" }

    func checkMessages() throws {
        let errors = try RuleSubject(kind).errors(updating: old, to: new, subresource: subresource)
        #expect(errors.map(\.description) == problems)
    }
}

/// A change of an object, and in short what is wrong with it.
struct RefusedChangeRow: Sendable, CustomTestStringConvertible {
    var kind: String
    var subresource: String?
    var remark: String
    var old: String
    var new: String
    /// `path | reason`, in order.
    var problems: [String]
    var testDescription: String { "\(kind): \(remark)" }

    func check() throws {
        let found = try RuleSubject(kind).problems(updating: old, to: new, subresource: subresource)
        #expect(found == problems)
    }
}

/// A kind's strategy, and objects made as the server makes them.
struct RuleSubject {
    let strategy: any ResourceStrategy
    private let isNamespaced: Bool

    init(_ kind: String) throws {
        let parts = kind.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let groupKind = GroupKind(group: parts[0], kind: parts[1])
        strategy = try #require(BuiltInStrategies.strategy(ofBuiltIn: groupKind))
        isNamespaced = strategy.validateCreation(["metadata": ["name": "a"]]).contains {
            $0.path == "metadata.namespace"
        }
    }

    func parsed(_ text: String) throws -> JSON {
        var object = try JSON(parsing: Array(text.utf8))
        object.edit { object in
            object.editCreating("metadata") { metadata in
                metadata.setDefault("name", "a")
                metadata.setDefault("uid", "u")
                if isNamespaced { metadata.setDefault("namespace", "n") }
            }
        }
        return object
    }

    func made(_ text: String) throws -> JSON {
        var object = try parsed(text)
        strategy.applyDefaults(to: &object)
        strategy.prepareForCreation(&object)
        return object
    }

    /// An update of `old`, by the resource itself or by a subresource.
    func problems(updating old: String, to new: String, subresource: String? = nil) throws -> [String] {
        Self.texts(try errors(updating: old, to: new, subresource: subresource))
    }

    func errors(updating old: String, to new: String, subresource: String? = nil) throws -> [FieldError] {
        let (object, stored) = try updated(old, to: new, subresource: subresource)
        if let subresource { return strategy.validateUpdate(ofSubresource: subresource, object, from: stored) }
        return strategy.validateUpdate(object, from: stored)
    }

    func warnings(updating old: String, to new: String) throws -> [String] {
        let (object, stored) = try updated(old, to: new)
        return strategy.warnings(for: object, replacing: stored)
    }

    private func updated(
        _ old: String, to new: String, subresource: String? = nil
    ) throws -> (object: JSON, stored: JSON) {
        var stored = try made(old)
        let status = try parsed(old)["status"]
        stored.edit { stored in
            stored.edit("metadata") { $0["resourceVersion"] = "1" }
            // A new object has no status of its own; one that is stored may have been given one.
            if let status { stored["status"] = status }
        }
        var object = try parsed(new)
        let generation = stored["metadata"]?["generation"]
        object.edit { object in
            object.edit("metadata") { metadata in
                metadata.setDefault("resourceVersion", "1")
                metadata["generation"] = generation
            }
        }
        strategy.applyDefaults(to: &object)
        if let subresource {
            strategy.prepareForUpdate(ofSubresource: subresource, &object, from: stored)
        } else {
            strategy.prepareForUpdate(&object, from: stored)
        }
        return (object, stored)
    }

    static func texts(_ errors: [FieldError]) -> [String] {
        let word = "FieldValue"
        return errors.map { error in
            let reason = error.causeReason
            return "\(error.path) | \(reason.hasPrefix(word) ? reason.dropFirst(word.count) : reason[...])"
        }
    }
}
