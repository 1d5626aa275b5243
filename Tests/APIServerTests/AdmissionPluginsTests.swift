import APIServer
import Testing

@Suite struct AdmissionPluginsTests {
    @Test(arguments: [
        (["Nothing"], [], "enable-admission-plugins plugin \"Nothing\" is unknown"),
        ([], ["limitranger"], "disable-admission-plugins plugin \"limitranger\" is unknown"),
        (
            ["LimitRanger", "Priority"], ["Priority", "LimitRanger"],
            "[LimitRanger Priority] in enable-admission-plugins and disable-admission-plugins overlapped"
        ),
    ])
    func refusesWhatCannotBeMeant(enabled: [String], disabled: [String], message: String) {
        let error = #expect(throws: AdmissionPlugins.InvalidChoice.self) {
            try AdmissionPlugins(enabled: enabled, disabled: disabled)
        }
        #expect(error?.description == message)
    }

    @Test func tellsWhatIsNotBuilt() throws {
        let plugins = try AdmissionPlugins(
            enabled: ["Priority", "NodeRestriction", "ResourceQuota"], disabled: ["ServiceAccount"])
        #expect(plugins.withoutEffect == ["NodeRestriction"])
    }
}
