import ArgumentParser

@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "A small Kubernetes control plane.",
        version: "martlet \(MartletVersion.current) (Kubernetes API \(MartletVersion.kubernetes))",
        subcommands: [
            UpCommand.self, APIServerCommand.self, ControllerManagerCommand.self, SchedulerCommand.self,
            NodeCommand.self, BackupCommand.self,
        ])
}

enum MartletVersion {
    static let current = "0.1.0"
    /// The API level that is served.
    static let kubernetes = "v1.36.0"
}
