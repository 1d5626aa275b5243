import APIMachinery
import JSON

/// What becomes of fields that a kind does not have, and of fields given twice.
enum FieldValidation: String, Sendable, Hashable {
    case ignore = "Ignore"
    case warn = "Warn"
    case strict = "Strict"
}

/// The options of a create, an update or a patch, from the query (`metav1.CreateOptions` and its like).
struct WriteOptions: Sendable {
    enum Kind: String, Sendable {
        case create = "CreateOptions"
        case update = "UpdateOptions"
        case patch = "PatchOptions"
        case apply = "ApplyOptions"

        /// The kind that an error names.
        var name: String { self == .apply ? Kind.patch.rawValue : rawValue }
    }

    var isDryRun = false
    var fieldValidation = FieldValidation.warn
    /// Only for an apply: takes over the fields of other managers.
    var force = false

    init() {}

    /// - Throws: 422 where a value is none that the option has, in Kubernetes' words.
    init(_ query: QueryParameters, for kind: Kind) throws(APIStatus) {
        var problems: [FieldError] = []
        let forceText = query["force"]
        let manager = query["fieldManager"] ?? ""
        if forceText != nil, kind != .apply {
            problems.append(.forbidden(FieldPath("force"), "may not be specified for non-apply patch"))
        }
        if kind == .apply, manager.isEmpty {
            problems.append(.required(FieldPath("fieldManager"), "is required for apply patch"))
        }
        force = query.flag("force")
        problems += Self.problems(ofFieldManager: manager)
        isDryRun = Self.readDryRun(query.all("dryRun"), &problems)
        if let text = query["fieldValidation"], !text.isEmpty {
            if let value = FieldValidation(rawValue: text) {
                fieldValidation = value
            } else {
                problems.append(
                    .notSupported(
                        FieldPath("fieldValidation"), .string(text), supported: ["", "Ignore", "Strict", "Warn"]))
            }
        }
        if !problems.isEmpty { throw Self.invalid(kind.name, problems) }
    }

    static func invalid(_ kind: String, _ problems: [FieldError]) -> APIStatus {
        .invalid(GroupKind(group: "meta.k8s.io", kind: kind), name: "", problems)
    }

    /// Whether nothing is to be stored: `All` is the one thing that can be left undone.
    static func readDryRun(_ values: [String], _ problems: inout [FieldError]) -> Bool {
        guard values.allSatisfy({ $0 == "All" }) else {
            problems.append(
                .notSupported(FieldPath("dryRun"), .array(values.map { .string($0) }), supported: ["All"]))
            return false
        }
        return !values.isEmpty
    }

    /// Bytes of a field manager's name (Kubernetes' limit).
    static let maximumFieldManagerByteCount = 128

    private static func problems(ofFieldManager name: String) -> [FieldError] {
        let path = FieldPath("fieldManager")
        var problems: [FieldError] = []
        if name.utf8.count > maximumFieldManagerByteCount {
            problems.append(.tooLong(path, maximumBytes: maximumFieldManagerByteCount))
        }
        if name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return problems }
        for scalar in name.unicodeScalars where !isPrintable(scalar) {
            problems.append(.invalid(path, .string(name), "should only contain printable characters"))
            break
        }
        return problems
    }

    /// Letters, marks, numbers, punctuation, symbols and the blank (Go's `unicode.IsPrint`).
    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (0x20..<0x7F).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
