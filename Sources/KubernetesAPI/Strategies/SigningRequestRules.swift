import APIMachinery
import JSON
import PKI

/// What a certificate signing request may look like (`ValidateCertificateSigningRequest`).
enum SigningRequestRules {
    /// The conditions that say whether a certificate is to be issued.
    static let decisions = ["Approved", "Denied"]

    static let usages = [
        "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment",
        "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel",
        "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime",
        "server auth", "signing", "timestamping",
    ]
    private static let shortestSeconds: Int64 = 600

    static func check(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        if let problem = problem(ofRequest: spec["request"].text) { errors.invalid(spec["request"], problem) }
        checkUsages(spec["usages"], &errors)
        let signer = spec["signerName"]
        if signer.text == "kubernetes.io/legacy-unknown" {
            errors.invalid(signer, "the legacy signerName is not allowed via this API version")
        } else {
            checkSigner(signer, &errors)
        }
        if let seconds = spec["expirationSeconds"].int, seconds < shortestSeconds {
            errors.invalid(
                spec["expirationSeconds"], "may not specify a duration less than 600 seconds (10 minutes)")
        }
        let status = object.fields("status")
        checkConditions(status["conditions"], &errors)
        if let problem = problem(ofCertificates: status["certificate"].text) {
            errors.add([problem], at: status["certificate"].path, value: "<certificate data>")
        }
    }

    // MARK: Request and certificate

    private static func problem(ofRequest text: String) -> String? {
        guard let block = PEMBlock.all(in: Base64.decoded(text)).first, block.type == "CERTIFICATE REQUEST" else {
            return "PEM block type must be CERTIFICATE REQUEST"
        }
        do {
            return try CertificateRequest(der: block.bytes).isSignedByItsKey ? nil : "x509: signature is not the key's"
        } catch {
            return "asn1: structure error: not a certificate request"
        }
    }

    private static func problem(ofCertificates text: String) -> String? {
        if text.isEmpty { return nil }
        let blocks = PEMBlock.all(in: Base64.decoded(text))
        for block in blocks {
            if block.type != "CERTIFICATE" {
                return "only CERTIFICATE PEM blocks are allowed, found \(JSON.string(block.type))"
            }
            if block.hasHeaders { return "no PEM block headers are permitted" }
            if block.bytes.isEmpty { return "found CERTIFICATE PEM block containing 0 certificates" }
            if (try? Certificate(der: block.bytes)) == nil { return "x509: malformed certificate" }
        }
        return blocks.isEmpty ? "must contain at least one CERTIFICATE PEM block" : nil
    }

    // MARK: Usages and signer

    private static func checkUsages(_ field: FieldValue, _ errors: inout FieldErrors) {
        errors.require(field)
        for usage in field.items { errors.oneOf(usages, usage) }
        var seen = Set<String>()
        for usage in field.items where !seen.insert(usage.text).inserted { errors.duplicate(usage) }
    }

    /// `domain/path`: a domain of two labels at least, and a path of subdomains.
    private static func checkSigner(_ signer: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(signer) else { return }
        let parts = signer.text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else {
            return errors.invalid(
                signer, "must be a fully qualified domain and path of the form 'example.com/signer-name'")
        }
        let maximumDomain = 253
        if parts[0].utf8.count > maximumDomain {
            errors.add(.tooLong(signer.path, maximumBytes: maximumDomain))
        }
        // Only the first bad label is spoken of.
        func check(_ part: String, _ problems: (String) -> [String]) -> Int {
            let labels = part.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            if let label = labels.first(where: { !problems($0).isEmpty }) {
                let texts = problems(label).map { "validating label \(JSON.string(label)): \($0)" }
                errors.add(texts, at: signer.path, value: .string(part))
            }
            return labels.count
        }
        if check(parts[0], NameRules.problemsOfLabel) < 2 {
            errors.add(
                ["should be a domain with at least two segments separated by dots"], at: signer.path,
                value: .string(parts[0]))
        }
        _ = check(parts[1], NameRules.problemsOfSubdomain)
        let maximum = maximumDomain + 1 + maximumDomain + 1 + 63
        if signer.text.utf8.count > maximum { errors.add(.tooLong(signer.path, maximumBytes: maximum)) }
    }

    // MARK: Conditions

    private static func checkConditions(_ field: FieldValue, _ errors: inout FieldErrors) {
        var seen = Set<String>()
        for condition in field.items.map(\.fields) {
            let type = condition["type"]
            errors.require(type)
            let isFinal = type.text == "Failed" || decisions.contains(type.text)
            errors.requireOne(of: isFinal ? ["True"] : ["False", "True", "Unknown"], condition["status"])
            let isNew = seen.insert(type.text).inserted
            if decisions.contains(type.text), seen.isSuperset(of: decisions) {
                errors.add(
                    ["Approved and Denied conditions are mutually exclusive"], at: field.path,
                    value: .string(type.text))
            }
            if !isNew { errors.duplicate(type) }
        }
    }

    private static func conditions(_ object: Fields, _ type: String) -> [JSON] {
        object.fields("status")["conditions"].items.compactMap(\.value).filter { $0["type"]?.stringValue == type }
    }

    /// What was decided, or has failed, stays so.
    static func keepsConditions(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        for type in decisions + ["Failed"] where conditions(object, type).count < conditions(old, type).count {
            errors.forbidden(
                object.fields("status")["conditions"], "updates may not remove a condition of type \"\(type)\"")
        }
    }

    /// Decisions are the `approval` subresource's.
    static func keepsDecisions(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        for type in decisions {
            let (now, before) = (conditions(object, type), conditions(old, type))
            if now.count > before.count {
                errors.forbidden(
                    object.fields("status")["conditions"], "updates may not add a condition of type \"\(type)\"")
            } else if now.count == before.count, now != before {
                errors.forbidden(
                    object.fields("status")["conditions"], "updates may not modify a condition of type \"\(type)\"")
            }
        }
    }

    static func keepsCertificate(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (now, before) = (object.fields("status")["certificate"], old.fields("status")["certificate"])
        if !before.isEmpty, now.text != before.text {
            errors.forbidden(now, "updates may not modify existing certificate content")
        }
    }
}
