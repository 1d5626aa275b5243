import ArgumentParser
import Foundation
import KubernetesClient
import Logging

struct UpCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Run a whole control plane: API server, controllers, scheduler and simulated nodes, a process each.")

    @Option(help: "Directory of the control plane's state, certificates and kubeconfig.")
    var dataDir = "martlet-data"
    @Option(help: "Port of the API server on 127.0.0.1.")
    var securePort = 6443
    @Option(help: "Simulated nodes.")
    var nodes = 2
    @Option(help: "Controllers to run, as kube-controller-manager takes them.")
    var controllers = "*"
    @OptionGroup var logging: LoggingOptions

    func run() async throws {
        let logger = logging.bootstrap(label: "up")
        let kubeconfig = dataDir + "/admin.kubeconfig"
        let supervisor = Supervisor(logger: logger)

        say("starting the API server on 127.0.0.1:\(securePort), state in \(dataDir)")
        await supervisor.start(
            "apiserver",
            ["apiserver", "--data-dir", dataDir, "--secure-port", String(securePort)] + logging.arguments)
        do {
            try await ReadinessProbe(kubeconfig: kubeconfig).wait(within: .seconds(30))
        } catch {
            await supervisor.stop()
            throw error
        }

        say("starting controllers, scheduler and \(nodes) simulated nodes")
        let client = ["--kubeconfig", kubeconfig] + logging.arguments
        await supervisor.start("controller-manager", ["controller-manager", "--controllers", controllers] + client)
        await supervisor.start("scheduler", ["scheduler"] + client)
        if nodes > 0 { await supervisor.start("node", ["node", "--simulate", String(nodes)] + client) }

        let announcement = Task { try await announceReadiness(kubeconfig) }
        await ProcessSignals.waitForEnd(alsoWithStandardInput: logging.exitWithStandardInput)
        announcement.cancel()
        say("stopping")
        await supervisor.stop()
    }

    /// Says that all is ready once it is, or that some nodes are not after a time in which they should be.
    private func announceReadiness(_ kubeconfig: String) async throws {
        let client = try APIClient(try KubeConfig(contentsOf: kubeconfig).configuration())
        let patience = Self.patience + Self.patiencePerNode * nodes
        let ready = try await NodeReadiness(client: client, count: nodes).wait(within: patience) {
            say("waiting for the nodes: \($0) of \(nodes) are ready")
        }
        if ready < nodes { say("only \(ready) of \(nodes) nodes are ready after \(patience); the others may yet come") }
        say("ready: export KUBECONFIG=\(URL(fileURLWithPath: kubeconfig).path)")
    }

    private static let patience = Duration.seconds(30)
    private static let patiencePerNode = Duration.milliseconds(20)

    private func say(_ text: String) { print("martlet up: \(text)", to: &StandardOutput.unbuffered) }
}

/// Standard output, written at once also where it is no terminal.
struct StandardOutput: TextOutputStream {
    nonisolated(unsafe) static var unbuffered = StandardOutput()

    mutating func write(_ string: String) { FileHandle.standardOutput.write(Data(string.utf8)) }
}

/// Keeps processes running: one that ends is started anew, after a wait that grows while it keeps ending.
actor Supervisor {
    private struct Part {
        var process: ChildProcess?
        var watcher: Task<Void, Never>
    }

    private let logger: Logger
    private var parts: [(name: String, part: Part)] = []
    private(set) var isRunning = true

    private static let firstWait = Duration.milliseconds(250)
    private static let longestWait = Duration.seconds(10)
    private static let stopGrace = Duration.seconds(10)

    init(logger: Logger) { self.logger = logger }

    func start(_ name: String, _ arguments: [String]) {
        let watcher = Task { await self.keepRunning(name, arguments) }
        parts.append((name, Part(process: nil, watcher: watcher)))
    }

    private func keepRunning(_ name: String, _ arguments: [String]) async {
        var wait = Self.firstWait
        while isRunning {
            let started = ContinuousClock.now
            do {
                let process = try ChildProcess(name: name, arguments: arguments)
                setProcess(process, of: name)
                let status = await process.waitForExit()
                setProcess(nil, of: name)
                guard isRunning else { return }
                logger.error(
                    "Process ended and is started again", metadata: ["process": "\(name)", "status": "\(status)"])
            } catch {
                logger.error("Process could not be started", metadata: ["process": "\(name)", "error": "\(error)"])
            }
            // Whoever ran for a while has earned a quick restart.
            if ContinuousClock.now - started > Self.longestWait { wait = Self.firstWait }
            try? await Task.sleep(for: wait)
            wait = min(wait * 2, Self.longestWait)
        }
    }

    private func setProcess(_ process: ChildProcess?, of name: String) {
        guard let index = parts.firstIndex(where: { $0.name == name }) else { return }
        parts[index].part.process = process
    }

    /// Ends the processes, the last started first, so that the API server sees its clients off.
    func stop() async {
        isRunning = false
        for (_, part) in parts.reversed() {
            part.watcher.cancel()
            await part.process?.terminate(within: Self.stopGrace)
        }
        parts = []
    }
}
