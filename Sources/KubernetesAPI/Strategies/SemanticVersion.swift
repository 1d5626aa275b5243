import APIMachinery

/// Versions as semver.org 2.0.0 has them: `1.2.3-rc.1+build.5`.
enum SemanticVersion {
    static func isOne(_ text: String) -> Bool {
        let build = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = build[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 3 && numbers.allSatisfy(isNumber)
            && (parts.count < 2 || identifiers(parts[1]).allSatisfy { isWord($0) && (!isDigits($0) || isNumber($0)) })
            && (build.count < 2 || identifiers(build[1]).allSatisfy(isWord))
    }

    private static func identifiers(_ text: Substring) -> [Substring] {
        text.split(separator: ".", omittingEmptySubsequences: false)
    }

    private static func isDigits(_ text: Substring) -> Bool { text.utf8.allSatisfy(ByteRules.isDigit) }

    /// Digits without a zero before them.
    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && isDigits(text) && (text.utf8.count == 1 || text.utf8.first != UInt8(ascii: "0"))
    }

    private static func isWord(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { ByteRules.isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
}
