/// The order of versions: `v2`, `v1`, `v2beta1`, `v1beta2`, `v1alpha1`, then other names (API versioning in
/// Kubernetes' documentation of custom resources, "version priority").
package enum VersionOrder {
    private enum Stage: Int { case alpha, beta, stable }

    package static func precedes(_ one: String, _ other: String) -> Bool {
        switch (parts(of: one), parts(of: other)) {
        case (let one?, let other?): one.lexicographicallyPrecedes(other) { $0 > $1 }
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): one.utf8.lexicographicallyPrecedes(other.utf8)
        }
    }

    /// Stage, major and minor number, of which greater ones come first.
    private static func parts(of version: String) -> [Int]? {
        guard version.utf8.first == UInt8(ascii: "v") else { return nil }
        let rest = version.dropFirst()
        let major = rest.prefix { $0.isASCII && $0.isNumber }
        guard let majorNumber = Int(major), majorNumber > 0 else { return nil }
        let suffix = rest.dropFirst(major.count)
        if suffix.isEmpty { return [Stage.stable.rawValue, majorNumber, 0] }
        for (word, stage) in [("alpha", Stage.alpha), ("beta", .beta)] where suffix.hasPrefix(word) {
            let digits = suffix.dropFirst(word.count)
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let minor = Int(digits), minor > 0 else {
                return nil
            }
            return [stage.rawValue, majorNumber, minor]
        }
        return nil
    }
}
