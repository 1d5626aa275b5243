import JSON

/// Which version of Kubernetes' API the server speaks (`version.Info` of apimachinery, KEP-4330 for emulation).
///
/// `goVersion`, `compiler` and the build's facts are of a program that is no Go program; clients only need them to be
/// there.
enum ServerVersion {
    static let major = 1
    static let minor = 36
    static let gitVersion = "v1.36.2"
    /// The oldest version whose features a control plane may have stored.
    static let minimumCompatibilityMinor = 35

    static var platform: String {
        #if arch(arm64)
            "linux/arm64"
        #else
            "linux/amd64"
        #endif
    }

    static let facts: [(name: String, value: String)] = [
        ("major", String(major)), ("minor", String(minor)),
        ("emulationMajor", String(major)), ("emulationMinor", String(minor)),
        ("minCompatibilityMajor", String(major)), ("minCompatibilityMinor", String(minimumCompatibilityMinor)),
        ("gitVersion", gitVersion), ("gitCommit", ""), ("gitTreeState", ""), ("buildDate", "1970-01-01T00:00:00Z"),
        ("goVersion", ""), ("compiler", "swift"), ("platform", platform),
    ]

    /// The answer of `/version`.
    static let json = JSON.object(
        JSONObject(uniqueMembers: facts.map { JSONObject.Member(key: $0.name, value: .string($0.value)) }))
}
