import ArgumentParser
import Foundation
import KubernetesClient
import Logging

/// How a part that is a client of the API finds its server.
struct ClientOptions: ParsableArguments {
    @Option(help: "Kubeconfig file; without it $KUBECONFIG, then a pod's own service account.")
    var kubeconfig: String?

    func configuration() throws -> ClientConfiguration { try KubeConfig.load(path: kubeconfig).configuration() }

    /// - Parameter onWarning: receives the server's warnings, which are logged without it.
    func client(
        userAgent: String, logger: Logger, onWarning: (@Sendable (String) -> Void)? = nil
    ) throws -> APIClient {
        var options = APIClient.Options()
        options.userAgent = "martlet/\(MartletVersion.current) (\(userAgent))"
        options.logger = logger
        options.onWarning = onWarning
        return try APIClient(try configuration(), options: options)
    }
}

/// Whether one of several processes that do the same leads.
struct LeaderElectionOptions: ParsableArguments {
    @Option(help: "Work only while holding a Lease: true or false.")
    var leaderElect = false

    /// A name for this process that no other has.
    var identity: String { "\(ProcessInfo.processInfo.hostName)_\(UUID().uuidString.lowercased())" }
}

extension AsyncParsableCommand {
    private static var stopGraceSeconds: UInt32 { 5 }

    /// Runs a part until it fails or the process is told to end, which cancels it. A part that does not come to an end
    /// within a grace is left as it is: every part may be killed at any moment.
    func runUntilEnd(
        exitsWithStandardInput: Bool, _ part: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await part() }
            group.addTask {
                await ProcessSignals.waitForEnd(alsoWithStandardInput: exitsWithStandardInput)
                ProcessSignals.exitWithin(seconds: Self.stopGraceSeconds)
            }
            defer { group.cancelAll() }
            do {
                try await group.next()
            } catch is CancellationError {}
        }
    }
}
