import ArgumentParser
import Controllers
import Foundation
import KubernetesClient
import Logging

struct ControllerManagerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "controller-manager", abstract: "Run controllers, as clients of an API server.")

    @Option(help: "Controllers to run: '*' for all, 'name' for one, '-name' for all but one; separated by commas.")
    var controllers = "*"
    @Option(help: "File with the certificates (PEM) that every namespace is told of; else the kubeconfig's own.")
    var rootCaFile: String?
    @OptionGroup var client: ClientOptions
    @OptionGroup var leaderElection: LeaderElectionOptions
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let logger = logging.bootstrap(label: "controller-manager")
        var options = ControllerManager.Options()
        options.controllers = controllers.split(separator: ",").map(String.init)
        options.logger = logger
        options.rootCertificates = try rootCertificates()
        if leaderElection.leaderElect {
            options.leaderElection = ControllerManager.LeaderElection(identity: leaderElection.identity)
        }
        // Controllers watch whatever the server has, the deprecated too, and nobody who reads the log can change that:
        // kube-controller-manager drops warnings as well.
        let client = try client.client(userAgent: "controller-manager", logger: logger) { _ in }
        let manager = try ControllerManager(client: client, options: options)
        try await runUntilEnd(exitsWithStandardInput: logging.exitWithStandardInput) { try await manager.run() }
    }

    private func rootCertificates() throws -> String? {
        if let rootCaFile { return try String(contentsOfFile: rootCaFile, encoding: .utf8) }
        return try client.configuration().tls.certificateAuthorities.map { String(decoding: $0, as: UTF8.self) }
    }
}
