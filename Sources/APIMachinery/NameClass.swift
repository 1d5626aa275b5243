/// Which names the objects of a kind may have.
public enum NameClass: Sendable, Hashable {
    /// RFC 1123 subdomain, as most kinds.
    case subdomain
    /// RFC 1123 label.
    case label
    /// RFC 1035 label.
    case label1035
    /// Anything that can stand in a path.
    case pathSegment
    /// Whatever the kind's own rules let through.
    case anything

    /// What is wrong with a name; empty where nothing is.
    /// - Parameter isPrefix: the text is a `generateName`, which may end in a dash.
    public func problems(of name: String, isPrefix: Bool) -> [String] {
        if self == .pathSegment { return NameRules.problemsOfPathSegment(name, isPrefix: isPrefix) }
        // More follows a prefix, so its last dash is none; Kubernetes lets it stand in for its neighbour as well.
        let endsInDash = isPrefix && name.utf8.count > 1 && name.utf8.last == UInt8(ascii: "-")
        let name = endsInDash ? name.dropLast(2) + "a" : name
        switch self {
        case .subdomain: return NameRules.problemsOfSubdomain(name)
        case .label: return NameRules.problemsOfLabel(name)
        case .label1035: return NameRules.problemsOfLabel1035(name)
        case .pathSegment, .anything: return []
        }
    }
}
