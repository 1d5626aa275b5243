/// What a pattern is made of: nodes that refer to those made before them, so that no step through them has to go deep.
struct RegularExpressionTree {
    /// What a place in a text has to be.
    enum Assertion: Int32, Sendable {
        case beginningOfText, endOfText, beginningOfLine, endOfLine, wordBoundary, noWordBoundary
    }

    enum Node {
        case empty
        case scalar(UInt32)
        /// A character of the class with this number.
        case oneOf(Int)
        case assertion(Assertion)
        case sequence([Int])
        case alternatives([Int])
        /// `maximum` is `nil` where there is none.
        case repetition(of: Int, minimum: Int, maximum: Int?)
    }

    private(set) var nodes: [Node] = []
    private(set) var classes: [CharacterClass] = []
    /// The levels of nesting below each node, itself counted.
    private var heights: [Int] = []
    /// How often the counts of repetitions let the innermost part of each node repeat.
    private var factors: [Int] = []
    var root = 0

    /// As deep as Go lets a pattern nest.
    static let maximumHeight = 1000
    /// As often as counts may repeat a part, those around it multiplied.
    static let maximumCount = 1000

    mutating func add(_ node: Node) -> Int {
        nodes.append(node)
        heights.append(1)
        factors.append(1)
        return nodes.count - 1
    }

    mutating func add(_ set: CharacterClass) -> Int {
        classes.append(set)
        return add(.oneOf(classes.count - 1))
    }

    mutating func add(_ parts: [Int], as node: ([Int]) -> Node) -> Int {
        let index = add(node(parts))
        heights[index] += parts.map { heights[$0] }.max() ?? 0
        factors[index] = parts.map { factors[$0] }.max() ?? 1
        return index
    }

    /// A part in parentheses that capture it, which count as a level.
    mutating func captured(_ part: Int) -> Int {
        heights[part] += 1
        return part
    }

    mutating func repeated(_ part: Int, _ minimum: Int, _ maximum: Int?, isCounted: Bool) -> Int {
        let index = add([part]) { _ in .repetition(of: part, minimum: minimum, maximum: maximum) }
        guard isCounted else { return index }
        let count = maximum ?? minimum
        if maximum == 0 { factors[index] = 1 }
        if count > 0 { factors[index] = min(factors[part] * count, Self.maximumCount + 1) }
        return index
    }

    func nestsTooDeeply(_ node: Int) -> Bool { heights[node] > Self.maximumHeight }
    func repeatsTooOften(_ node: Int) -> Bool { factors[node] > Self.maximumCount }
}
