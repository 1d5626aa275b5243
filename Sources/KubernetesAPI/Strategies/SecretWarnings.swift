import APIMachinery
import JSON

/// What writers of secrets are told: of a certificate and a key that do not look like ones.
enum SecretWarnings {
    static func warnings(of secret: Fields) -> [String] {
        guard secret["type"].text == "kubernetes.io/tls" else { return [] }
        guard let certificate = secret["data"].value?["tls.crt"]?.stringValue,
            let key = secret["data"].value?["tls.key"]?.stringValue
        else { return [] }
        return problem(certificate: certificate, key: key).map { ["tls: " + $0] } ?? []
    }

    /// As Go's `tls.X509KeyPair` words it; of what a block holds nothing is read here.
    private static func problem(certificate: String, key: String) -> String? {
        if let problem = problem(of: certificate, "certificate", isRight: { $0 == "CERTIFICATE" }) { return problem }
        return problem(of: key, "key") { $0 == "PRIVATE KEY" || $0.hasSuffix(" PRIVATE KEY") }
    }

    private static func problem(of text: String, _ noun: String, isRight: (String) -> Bool) -> String? {
        let types = blockTypes(in: String(decoding: Base64.decoded(text), as: UTF8.self))
        if types.contains(where: isRight) { return nil }
        guard let first = types.first else { return "failed to find any PEM data in \(noun) input" }
        if noun == "key" {
            return types.count == 1 && first == "CERTIFICATE"
                ? "found a certificate rather than a key in the PEM for the private key"
                : "failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the following types: \(list(types))"
        }
        return types.count == 1 && first.hasSuffix("PRIVATE KEY")
            ? "failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched"
            : "failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following types: \(list(types))"
    }

    private static func list(_ types: [String]) -> String { "[" + types.joined(separator: " ") + "]" }

    private static func blockTypes(in text: String) -> [String] {
        let (begin, end) = ("-----BEGIN ", "-----")
        return text.split(whereSeparator: \.isNewline).compactMap { line in
            guard line.hasPrefix(begin), line.hasSuffix(end), line.count > begin.count + end.count else { return nil }
            let type = String(line.dropFirst(begin.count).dropLast(end.count))
            return text.contains("-----END \(type)-----") ? type : nil
        }
    }
}
