/// A pattern as instructions: each consumes a character, asks for a place, or goes on in two ways.
struct RegularExpressionProgram: Sendable {
    struct Instruction: Sendable {
        enum Operation: UInt8 {
            case scalar, oneOf, assertion, split, match
        }

        var operation: Operation
        /// The scalar, the number of the class, the assertion, or the other way of a split.
        var argument: Int32
        var next: Int32
    }

    private(set) var instructions: [Instruction] = []
    let classes: [CharacterClass]
    private(set) var start: Int32 = 0
    /// Whether a match can only begin where the text does.
    private(set) var isAnchored = false

    /// - Throws: where it has more instructions than it may.
    init(_ tree: RegularExpressionTree, of pattern: String) throws(RegularExpressionError) {
        classes = tree.classes
        var writer = Writer(tree: tree)
        let end = writer.append(.match, 0, next: 0)
        guard writer.emitAll(from: tree.root, before: end) else {
            throw RegularExpressionError(code: .tooLarge, expression: pattern)
        }
        instructions = writer.instructions
        start = writer.cursor
        isAnchored = Self.beginsAtBeginning(tree)
    }

    private static func beginsAtBeginning(_ tree: RegularExpressionTree) -> Bool {
        var waiting = [tree.root]
        while let index = waiting.popLast() {
            switch tree.nodes[index] {
            case .assertion(.beginningOfText): continue
            case .sequence(let parts): waiting.append(parts[0])
            case .alternatives(let parts): waiting += parts
            default: return false
            }
        }
        return true
    }

    /// Writes the program from its end: what a part goes on with is known when the part is written.
    private struct Writer {
        private enum Task {
            case emit(Int)
            /// Takes up again at a place, for the next of several alternatives.
            case continueAt(Int32)
            case noteAlternative
            case closeAlternatives(Int)
            case closeLoop(Int32, next: Int32, isEntered: Bool)
            case closeOption(next: Int32)
        }

        let tree: RegularExpressionTree
        var instructions: [Instruction] = []
        /// Where what has been written begins.
        var cursor: Int32 = 0
        private var tasks: [Task] = []
        private var alternatives: [Int32] = []

        init(tree: RegularExpressionTree) { self.tree = tree }

        mutating func append(_ operation: Instruction.Operation, _ argument: Int32, next: Int32) -> Int32 {
            instructions.append(Instruction(operation: operation, argument: argument, next: next))
            return Int32(instructions.count - 1)
        }

        /// - Returns: whether it stayed within bounds.
        mutating func emitAll(from root: Int, before end: Int32) -> Bool {
            cursor = end
            tasks = [.emit(root)]
            // Parts that are empty write nothing, but repeating them takes time too.
            var work = 0
            while let task = tasks.popLast() {
                work += 1
                if max(instructions.count, work / 8) > RegularExpression.maximumInstructions { return false }
                run(task)
            }
            return true
        }

        private mutating func run(_ task: Task) {
            switch task {
            case .emit(let index): emit(tree.nodes[index])
            case .continueAt(let place): cursor = place
            case .noteAlternative: alternatives.append(cursor)
            case .closeAlternatives(let count):
                cursor = alternatives[alternatives.count - count]
                for other in alternatives.suffix(count).dropFirst() { cursor = append(.split, other, next: cursor) }
                alternatives.removeLast(count)
            case .closeLoop(let place, let next, let isEntered):
                instructions[Int(place)] = Instruction(operation: .split, argument: next, next: cursor)
                if !isEntered { cursor = place }
            case .closeOption(let next): cursor = append(.split, next, next: cursor)
            }
        }

        private mutating func emit(_ node: RegularExpressionTree.Node) {
            switch node {
            case .empty: break
            case .scalar(let value): cursor = append(.scalar, Int32(value), next: cursor)
            case .oneOf(let number): cursor = append(.oneOf, Int32(number), next: cursor)
            case .assertion(let assertion): cursor = append(.assertion, assertion.rawValue, next: cursor)
            case .sequence(let parts): tasks += parts.map { .emit($0) }
            case .alternatives(let parts):
                tasks.append(.closeAlternatives(parts.count))
                for part in parts { tasks += [.noteAlternative, .emit(part), .continueAt(cursor)] }
            case .repetition(let part, let minimum, let maximum): emit(part, minimum, maximum)
            }
        }

        private mutating func emit(_ part: Int, _ minimum: Int, _ maximum: Int?) {
            guard let maximum else {
                let next = cursor
                tasks += Array(repeating: .emit(part), count: max(minimum - 1, 0))
                cursor = append(.split, next, next: next)
                tasks += [.closeLoop(cursor, next: next, isEntered: minimum > 0), .emit(part)]
                return
            }
            tasks += Array(repeating: .emit(part), count: minimum)
            for _ in minimum..<max(maximum, minimum) { tasks += [.closeOption(next: cursor), .emit(part)] }
        }
    }
}
