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
    private let isTracked: Bool

    /// The object itself; its description is empty.
    public static var root: FieldPath { FieldPath(node: nil) }
    /// A place that is not to be told: it costs nothing to extend, and all within is there, too.
    static var untracked: FieldPath { FieldPath(node: nil, isTracked: false) }

    public init(_ members: String...) {
        self = members.reduce(.root) { $0.child($1) }
    }

    private init(node: Node?, isTracked: Bool = true) {
        self.node = node
        self.isTracked = isTracked
    }

    private func appending(_ step: @autoclosure () -> Step) -> FieldPath {
        isTracked ? FieldPath(node: Node(parent: node, step: step())) : self
    }

    public func child(_ name: String) -> FieldPath { appending(.member(name)) }
    public func child(_ names: String...) -> FieldPath { names.reduce(self) { $0.child($1) } }
    public func index(_ index: Int) -> FieldPath { appending(.index(index)) }
    public func key(_ key: String) -> FieldPath { appending(.key(key)) }

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
