extension JSON {
    /// Levels of arrays and objects within one another; 0 for any other value.
    ///
    /// Goes as deep as the value, which whoever made it has bounded (`JSONParseOptions.maximumDepth`).
    public var depth: Int {
        switch self {
        case .array(let items): 1 + items.reduce(0) { max($0, $1.depth) }
        case .object(let object): 1 + object.members.reduce(0) { max($0, $1.value.depth) }
        default: 0
        }
    }
}
