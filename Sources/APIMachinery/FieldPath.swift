/// Where in an object a value stands: `spec.containers[0].ports`, `metadata.labels[app]`.
///
/// Cheap to extend: the text is made only when an error needs it.
public struct FieldPath: Sendable, CustomStringConvertible {
    private enum Step: Sendable {
        case member(String)
        case index(Int)
        case key(String)
    }

    private final class Node: Sendable {
        let parent: Node?
        let step: Step

        init(parent: Node?, step: Step) {
            self.parent = parent
            self.step = step
        }
    }

    private let node: Node?

    /// The object itself; its description is empty.
    public static let root = FieldPath(node: nil)

    public init(_ members: String...) {
        self = members.reduce(.root) { $0.child($1) }
    }

    private init(node: Node?) { self.node = node }

    public func child(_ name: String) -> FieldPath { FieldPath(node: Node(parent: node, step: .member(name))) }
    public func child(_ names: String...) -> FieldPath { names.reduce(self) { $0.child($1) } }
    public func index(_ index: Int) -> FieldPath { FieldPath(node: Node(parent: node, step: .index(index))) }
    public func key(_ key: String) -> FieldPath { FieldPath(node: Node(parent: node, step: .key(key))) }

    public var description: String {
        var steps: [Step] = []
        var next = node
        while let current = next {
            steps.append(current.step)
            next = current.parent
        }
        var text = ""
        for step in steps.reversed() {
            switch step {
            case .member(let name): text += text.isEmpty ? name : "." + name
            case .index(let index): text += "[\(index)]"
            case .key(let key): text += "[\(key)]"
            }
        }
        return text
    }
}
