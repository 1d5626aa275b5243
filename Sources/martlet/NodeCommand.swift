import ArgumentParser
import KubernetesClient
import Logging
import NodeAgent

struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Be nodes: register, keep leases, and take pods through their lives.")

    @Option(help: "How many nodes to simulate. Real containers are not built yet.")
    var simulate: Int
    @Option(help: "What the nodes' names begin with.")
    var namePrefix = "node-"
    @OptionGroup var client: ClientOptions
    @OptionGroup var logging: LoggingOptions

    func validate() throws {
        guard (1...10_000).contains(simulate) else { throw ValidationError("--simulate must be between 1 and 10000") }
    }

    func run() async throws {
        let logger = logging.bootstrap(label: "node")
        var options = SimulatedNodes.Options()
        options.count = simulate
        options.namePrefix = namePrefix
        options.logger = logger
        let nodes = SimulatedNodes(
            client: try client.client(userAgent: "node", logger: logger), options: options)
        try await runUntilEnd(exitsWithStandardInput: logging.exitWithStandardInput) { try await nodes.run() }
    }
}
