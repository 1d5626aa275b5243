import APIMachinery
import JSON

/// What pods on Windows may ask for (`WindowsSecurityContextOptions`).
enum WindowsRules {
    private static let maximumCredentialSpecLength = 64 * 1024
    private static let maximumDomainLength = 256
    private static let maximumUserLength = 104
    private static let forbiddenInUsers = #""/\:;|=,+*?<>@[]"#

    static func options(_ options: Fields?, _ errors: inout FieldErrors) {
        guard let options else { return }
        let name = options["gmsaCredentialSpecName"]
        if name.isSet { errors.add(NameRules.problemsOfSubdomain(name.text), at: name) }
        let spec = options["gmsaCredentialSpec"]
        if spec.isSet {
            if spec.text.isEmpty {
                errors.invalid(spec, "gmsaCredentialSpec cannot be an empty string")
            } else if spec.text.utf8.count > maximumCredentialSpecLength {
                errors.invalid(spec, "gmsaCredentialSpec size must be under 64 KiB")
            }
        }
        let user = options["runAsUserName"]
        if user.isSet { errors.add(problems(ofAccount: user.text), at: user) }
    }

    /// Containers that are processes of the host: all of a pod's or none, and on the host's network.
    static func hostProcesses(of spec: Fields, _ errors: inout FieldErrors) {
        let ofPod = spec.fields("securityContext").fields("windowsOptions")["hostProcess"].bool
        let values = ["initContainers", "containers", "ephemeralContainers"].flatMap { list in
            spec[list].items.map { $0.fields.fields("securityContext").fields("windowsOptions")["hostProcess"] }
        }
        for value in values {
            guard let ofPod, let own = value.bool, own != ofPod else { continue }
            errors.invalid(value, "pod hostProcess value must be identical if both are specified, was \(ofPod)")
        }
        let count = values.count { $0.bool ?? ofPod ?? false }
        guard count > 0 else { return }
        if count != values.count {
            errors.add(
                ["If pod contains any hostProcess containers then all containers must be HostProcess containers"],
                at: spec.path, value: "")
        }
        if spec["hostNetwork"].bool != true {
            errors.add(
                ["hostNetwork must be true if pod contains any hostProcess containers"],
                at: spec.path.child("hostNetwork"), value: false)
        }
    }

    /// A name of the form `DOMAIN\user`, or the user alone.
    private static func problems(ofAccount name: String) -> [String] {
        if name.isEmpty { return ["runAsUserName cannot be an empty string"] }
        if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            return ["runAsUserName cannot contain control characters"]
        }
        let parts = name.split(separator: #"\"#, omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: return problems(ofUser: parts[0])
        case 2: return problems(ofDomain: parts[0]) + problems(ofUser: parts[1])
        default: return ["runAsUserName cannot contain more than one backslash"]
        }
    }

    private static func problems(ofDomain domain: String) -> [String] {
        if domain.utf8.count >= maximumDomainLength {
            return ["runAsUserName's Domain length must be under \(maximumDomainLength) characters"]
        }
        let isNetBIOS =
            (1...15).contains(domain.utf8.count) && domain.first != "."
            && !domain.contains { #"\/:*?"<>|"#.contains($0) }
        let isDNS = NameRules.problemsOfSubdomain(domain.lowercased()).isEmpty
        return isNetBIOS || isDNS ? [] : ["runAsUserName's Domain doesn't match the NetBios nor the DNS format"]
    }

    private static func problems(ofUser user: String) -> [String] {
        if user.isEmpty { return ["runAsUserName's User cannot be empty"] }
        if user.utf8.count > maximumUserLength {
            return ["runAsUserName's User length must not be longer than \(maximumUserLength) characters"]
        }
        var problems: [String] = []
        if user.allSatisfy({ $0 == "." || $0 == " " }) {
            problems.append("runAsUserName's User cannot contain only periods or spaces")
        }
        if user.contains(where: forbiddenInUsers.contains) {
            problems.append("runAsUserName's User cannot contain the following characters: \(forbiddenInUsers)")
        }
        return problems
    }
}
