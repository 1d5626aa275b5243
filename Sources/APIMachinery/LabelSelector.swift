/// A condition on an object's labels, all of whose requirements must hold.
///
/// Reads the text form of `?labelSelector=` (`app in (a,b),!canary`) and the structured `metav1.LabelSelector`.
/// The rules and the wording of errors are those of `apimachinery/pkg/labels`.
public struct LabelSelector: Sendable, Hashable {
    /// In the order of their keys.
    public private(set) var requirements: [Requirement]
    /// Whether no object is ever selected, whatever the requirements (the meaning of a structured selector that is
    /// left out).
    public private(set) var selectsNothing = false

    /// Selects every object.
    public static let everything = LabelSelector([])

    /// Selects no object.
    public static let nothing: LabelSelector = {
        var selector = LabelSelector([])
        selector.selectsNothing = true
        return selector
    }()

    public init(_ requirements: [Requirement]) {
        // The order of requirements on the same key is kept, so that text and selector correspond.
        let ordered = requirements.enumerated().sorted { left, right in
            let (a, b) = (left.element.key, right.element.key)
            return a == b ? left.offset < right.offset : a.utf8.lexicographicallyPrecedes(b.utf8)
        }
        self.requirements = ordered.map(\.element)
    }

    /// Reads the text form; an empty text selects everything.
    public init(parsing text: String) throws(SelectorError) {
        var parser = LabelSelectorParser(text)
        self.init(try parser.requirements())
    }

    /// Selects objects that have all of these labels.
    public init(matchLabels: [String: String]) throws(SelectorError) {
        var requirements: [Requirement] = []
        for (key, value) in matchLabels { requirements.append(try Requirement(key, .equals, [value])) }
        self.init(requirements)
    }

    public var isEverything: Bool { requirements.isEmpty && !selectsNothing }

    public func matches(_ labels: [String: String]) -> Bool {
        !selectsNothing && requirements.allSatisfy { $0.matches(labels) }
    }
}

extension LabelSelector: CustomStringConvertible {
    /// The canonical text; it reads back as an equal selector, unless nothing is selected, which has no text.
    public var description: String { requirements.map(\.description).joined(separator: ",") }
}
