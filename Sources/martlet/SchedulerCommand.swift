import ArgumentParser
import KubernetesClient
import Logging
import Scheduler

struct SchedulerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scheduler", abstract: "Bind pods to nodes, as a client of an API server.")

    @OptionGroup var client: ClientOptions
    @OptionGroup var leaderElection: LeaderElectionOptions
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let logger = logging.bootstrap(label: "scheduler")
        var options = Scheduler.Options()
        options.logger = logger
        if leaderElection.leaderElect {
            options.leaderElection = Scheduler.LeaderElection(identity: leaderElection.identity)
        }
        let scheduler = Scheduler(
            client: try client.client(userAgent: "scheduler", logger: logger), options: options)
        try await runUntilEnd(exitsWithStandardInput: logging.exitWithStandardInput) { try await scheduler.run() }
    }
}
