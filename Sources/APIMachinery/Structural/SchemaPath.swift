/// The name that Kubernetes' validator has for a place in a document: `spec.items[0]`.
///
/// A place that is not tracked costs nothing to extend.
struct SchemaPath {
    private enum Step {
        case property(String)
        /// A member that `additionalProperties` stands for, which has a dot even where it begins the name.
        case additional(String)
        case index(Int)
    }

    private final class Node {
        let parent: Node?
        let step: Step

        init(_ parent: Node?, _ step: Step) {
            self.parent = parent
            self.step = step
        }
    }

    private var node: Node?
    let isTracked: Bool

    init(isTracked: Bool) { self.isTracked = isTracked }

    private func appending(_ step: @autoclosure () -> Step) -> SchemaPath {
        guard isTracked else { return self }
        var path = self
        path.node = Node(node, step())
        return path
    }

    func property(_ name: String) -> SchemaPath { appending(.property(name)) }
    func additional(_ name: String) -> SchemaPath { appending(.additional(name)) }
    func index(_ index: Int) -> SchemaPath { appending(.index(index)) }

    var name: String {
        var steps: [Step] = []
        var next = node
        while let current = next {
            steps.append(current.step)
            next = current.parent
        }
        var name = ""
        for step in steps.reversed() {
            switch step {
            case .property(let member): name += name.isEmpty ? member : "." + member
            case .additional(let member): name += "." + member
            case .index(let index): name += "[\(index)]"
            }
        }
        return name
    }
}
