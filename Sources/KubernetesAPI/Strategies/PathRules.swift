import APIMachinery
import JSON

/// What may stand as a file's path.
enum PathRules {
    /// A path that stays below where it starts.
    static func problemsOfRelative(_ path: String) -> [String] {
        (path.hasPrefix("/") ? ["must be a relative path"] : []) + problemsOfBacksteps(path)
    }

    static func problemsOfBacksteps(_ path: String) -> [String] {
        let hasBackstep = path.split(separator: "/").contains("..")
        return hasBackstep ? ["must not contain '..'"] : []
    }

    /// The path of a file that the kubelet writes: relative, and not like its own hidden ones.
    static func problemsOfProjected(_ path: String) -> [String] {
        let problems = problemsOfRelative(path)
        let isHidden = path.hasPrefix("..") && !path.hasPrefix("../")
        return problems + (isHidden ? ["must not start with '..'"] : [])
    }
}
