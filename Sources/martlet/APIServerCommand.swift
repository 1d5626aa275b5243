import APIServer
import ArgumentParser
import Foundation
import HTTPTransport
import KubernetesAPI
import Logging
import Storage

struct APIServerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apiserver", abstract: "Serve the Kubernetes API from a data directory.")

    @OptionGroup(title: "Serving") var serving: ServingOptions
    @OptionGroup(title: "Service accounts") var serviceAccounts: ServiceAccountOptions
    @OptionGroup(title: "Behaviour") var behaviour: BehaviourOptions
    @OptionGroup(title: "Accepted for kube-apiserver's sake") var deferred: DeferredOptions
    @OptionGroup(title: "Logs") var logging: LoggingOptions

    func run() async throws {
        let logger = logging.bootstrap(label: "apiserver")
        for name in deferred.given { logger.notice("Flag has no effect yet", metadata: ["flag": "\(name)"]) }
        for name in try behaviour.admissionPlugins().withoutEffect {
            logger.notice("Admission plugin has no effect yet", metadata: ["plugin": "\(name)"])
        }

        let directory = DataDirectory(path: serving.dataDir)
        try directory.create()
        let address = "\(serving.clientAddress):\(serving.securePort)"
        let issuer = try serviceAccounts.issuer(in: directory, serverAddress: address)
        let (names, addresses) = (serving.certificateNames, try certificateAddresses())
        // Certificates and store both wait for the disk, together.
        async let preparedCredentials = ServerCredentials(
            in: directory, names: names, addresses: addresses, now: SystemClock.now() / 1_000_000_000)
        let storage = try SQLiteStorage(directory: directory.path, configuration: behaviour.storage)
        let registry = ResourceRegistry(BuiltInResources.definitions(strategies: BuiltInStrategies.strategy(for:)))
        var options = try behaviour.serverOptions(logger: logger, serving: serving)
        options.serviceAccountIssuer = issuer
        let server = try APIServer(
            storage: storage,
            registry: registry,
            authenticator: Authenticator(
                tokens: try serving.tokens(),
                // Whoever may do everything has at least to say who they are, as in Kubernetes.
                allowsAnonymous: serving.anonymousAuth && behaviour.authorization != .alwaysAllow),
            authorizer: Authorizer(mode: behaviour.authorization),
            options: options,
            environment: ServerEnvironment(now: SystemClock.now, random: SystemClock.random))
        let system = SystemObjects(
            serviceAddressRange: behaviour.serviceClusterIpRange, securePort: serving.securePort,
            advertisedAddress: serving.advertisedAddress)
        try await server.bootstrap(system)
        let (isFollowing, follows) = AsyncStream.makeStream(of: Void.self)
        let controllers = Task { try await server.runControllers(system) { follows.finish() } }
        for await _ in isFollowing {}

        let credentials = try await preparedCredentials
        let transport = HTTPServer(
            configuration: try serving.transport(credentials), handler: server)
        server.observe(transport)
        for address in try transport.start() { logger.info("Listening", metadata: ["address": "\(address)"]) }
        try credentials.writeKubeconfig(
            server: "https://\(address)", in: directory)
        let expiry = Task { try await server.expireEvents() }
        server.becomeReady()
        logger.info("Ready", metadata: ["kubeconfig": "\(directory.kubeconfigPath)"])
        // A new key is made beside all that.
        try await issuer.keys.prepare()

        await ProcessSignals.waitForEnd(alsoWithStandardInput: logging.exitWithStandardInput)
        logger.info("Shutting down")
        server.becomeUnready()
        expiry.cancel()
        controllers.cancel()
        await transport.shutDown(grace: .seconds(10))
        await storage.close()
    }

    private func certificateAddresses() throws -> [String] {
        var addresses = ["127.0.0.1", "::1"]
        if serving.bindAddress != "0.0.0.0", serving.bindAddress != "::" { addresses.append(serving.bindAddress) }
        if let advertised = serving.advertiseAddress { addresses.append(advertised) }
        addresses.append(try behaviour.firstServiceAddress())
        var seen = Set<String>()
        return addresses.filter { seen.insert($0).inserted }
    }
}
