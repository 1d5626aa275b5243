import APIMachinery
import APIServer
import ArgumentParser
import Foundation
import HTTPTransport
import Logging
import Storage

/// Where the API server listens and whom it recognises. The names are kube-apiserver's where the meaning is.
struct ServingOptions: ParsableArguments {
    @Option(help: "Directory of the server's state: store, certificates, kubeconfig.")
    var dataDir = "martlet-data"
    @Option(help: "Address that the server listens on.")
    var bindAddress = "127.0.0.1"
    @Option(help: "Port of HTTPS.")
    var securePort = 6443
    @Option(help: "Address that clients are told to use, where it is another than the one that is listened on.")
    var advertiseAddress: String?
    @Option(help: "Port of plain HTTP on 127.0.0.1, without TLS; requests still need a token.")
    var insecurePort: Int?
    @Option(help: "Path of a Unix socket for plain HTTP.")
    var unixSocket: String?
    @Option(help: "Whether requests without credentials are let in as system:anonymous.")
    var anonymousAuth = true
    @Option(help: "File of static tokens: token,user,uid,\"group1,group2\" a line.")
    var tokenAuthFile: String?
    @Option(help: "Certificates (PEM) that sign client certificates, in the place of the server's own authority.")
    var clientCaFile: String?
    @Option(help: "Serving certificate (PEM), in the place of the one that the server makes.")
    var tlsCertFile: String?
    @Option(help: "Key of the serving certificate (PEM).")
    var tlsPrivateKeyFile: String?
    @Flag(help: "Write a log record for each request.")
    var logRequests = false

    func validate() throws {
        guard (0...65535).contains(securePort) else { throw ValidationError("--secure-port must be a port number") }
        if let insecurePort, !(0...65535).contains(insecurePort) {
            throw ValidationError("--insecure-port must be a port number")
        }
        if (tlsCertFile == nil) != (tlsPrivateKeyFile == nil) {
            throw ValidationError("--tls-cert-file and --tls-private-key-file go together")
        }
    }

    /// The address in the administrator's kubeconfig.
    var clientAddress: String {
        let address = advertiseAddress ?? (["0.0.0.0", "::"].contains(bindAddress) ? "127.0.0.1" : bindAddress)
        return address.contains(":") ? "[\(address)]" : address
    }

    /// The address that the service `kubernetes` leads to: a server that listens everywhere, or on the loopback address
    /// alone, is told of by the machine's own (kube-apiserver's `--advertise-address`).
    var advertisedAddress: IPAddress? {
        if let advertiseAddress { return IPAddress(advertiseAddress) }
        if let address = IPAddress(bindAddress), address.value != 0, !address.isLoopback { return address }
        return HostAddress.ofDefaultRoute()
    }

    /// The DNS names of the serving certificate.
    var certificateNames: [String] {
        [
            "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        ]
    }

    func tokens() throws -> TokenFile {
        guard let tokenAuthFile else { return TokenFile() }
        return try TokenFile(parsing: try String(contentsOfFile: tokenAuthFile, encoding: .utf8))
    }

    func transport(_ credentials: ServerCredentials) throws -> HTTPServerConfiguration {
        var certificate = credentials.servingCertificatePEM
        var key = credentials.servingKeyPEM
        if let tlsCertFile, let tlsPrivateKeyFile {
            certificate = try Self.read(tlsCertFile)
            key = try Self.read(tlsPrivateKeyFile)
        }
        let clientAuthority = try clientCaFile.map(Self.read) ?? credentials.authorityPEM
        var listeners: [HTTPServerConfiguration.Listener] = [
            .https(host: bindAddress, port: try Self.port(securePort))
        ]
        if let insecurePort { listeners.append(.http(host: "127.0.0.1", port: try Self.port(insecurePort))) }
        if let unixSocket { listeners.append(.unix(path: unixSocket)) }
        return HTTPServerConfiguration(
            listeners: listeners,
            tls: TLSConfiguration(
                certificateChain: certificate, privateKey: key, clientAuthorities: clientAuthority))
    }

    private static func port(_ number: Int) throws -> UInt16 {
        guard let port = UInt16(exactly: number) else { throw ValidationError("\(number) is no port") }
        return port
    }

    private static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}

/// What the API server does with requests.
struct BehaviourOptions: ParsableArguments {
    @Option(help: "AlwaysAllow, or RBAC (roles are not built yet: until then only system:masters may do anything).")
    var authorizationMode = "RBAC"
    @Option(help: "Range of service addresses.")
    var serviceClusterIpRange = "10.0.0.0/16"
    @Option(help: "Range of node ports, as 30000-32767.")
    var serviceNodePortRange = "30000-32767"
    @Option(help: "Admission plugins to switch on beside the default ones, separated by commas; may be given again.")
    var enableAdmissionPlugins: [String] = []
    @Option(help: "Admission plugins to switch off, separated by commas; may be given again.")
    var disableAdmissionPlugins: [String] = []
    @Option(help: "How long an event is kept after its last write, as 1h0m0s.")
    var eventTtl = GoDuration(seconds: 3600)
    @Option(help: "How long watches can go back at least, unless there is too much to keep; 0 for no end to it.")
    var etcdCompactionInterval = GoDuration(seconds: 300)

    func validate() throws {
        let known: Set = ["AlwaysAllow", "RBAC", "Node", "Webhook", "ABAC"]
        for mode in authorizationMode.split(separator: ",") where !known.contains(String(mode)) {
            throw ValidationError("--authorization-mode knows no \(mode)")
        }
        if authorizationMode.contains("Webhook") || authorizationMode.contains("ABAC") {
            throw ValidationError("--authorization-mode Webhook and ABAC are not built")
        }
        _ = try admissionPlugins()
    }

    func serverOptions(logger: Logger, serving: ServingOptions) throws -> ServerOptions {
        var options = ServerOptions(logger: logger)
        options.logsRequests = serving.logRequests
        options.serviceAddressRange = serviceClusterIpRange
        options.nodePortRange = try nodePorts()
        options.admissionPlugins = try admissionPlugins()
        options.dataDirectory = serving.dataDir
        options.eventTimeToLiveSeconds = eventTtl.wholeSeconds
        return options
    }

    /// The limits of the store.
    var storage: StorageConfiguration {
        var storage = StorageConfiguration()
        guard etcdCompactionInterval.nanoseconds > 0 else {
            storage.historyAge = .seconds(Int64.max)
            return storage
        }
        storage.historyAge = .nanoseconds(etcdCompactionInterval.nanoseconds)
        storage.compactionInterval = storage.compactionInterval.map { min($0, max(.seconds(1), storage.historyAge)) }
        return storage
    }

    func admissionPlugins() throws -> AdmissionPlugins {
        func names(_ flags: [String]) -> [String] { flags.flatMap { $0.split(separator: ",").map(String.init) } }
        do {
            return try AdmissionPlugins(
                enabled: names(enableAdmissionPlugins), disabled: names(disableAdmissionPlugins))
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func nodePorts() throws -> ClosedRange<Int> {
        let bounds = serviceNodePortRange.split(separator: "-").compactMap { Int($0) }
        guard bounds.count == 2, 1...65535 ~= bounds[0], bounds[0]...65535 ~= bounds[1] else {
            throw ValidationError("--service-node-port-range must have the form 30000-32767")
        }
        return bounds[0]...bounds[1]
    }

    /// The address of the service `kubernetes`, which the serving certificate is good for.
    func firstServiceAddress() throws -> String {
        let range = serviceClusterIpRange.split(separator: ",").first.map(String.init) ?? ""
        guard let address = SystemObjects.firstAddress(of: range) else {
            throw ValidationError("--service-cluster-ip-range must be a range of addresses, as 10.0.0.0/16")
        }
        return address
    }

    var authorization: Authorizer.Mode {
        authorizationMode.split(separator: ",").contains("AlwaysAllow") ? .alwaysAllow : .masters
    }
}

/// Flags of kube-apiserver that are taken and change nothing, because what they are about is not built yet, or is
/// always so here. Those that could not be passed over safely are refused.
struct DeferredOptions: ParsableArguments {
    @Option(help: .hidden) var allowPrivileged: String?
    @Option(help: .hidden) var maxRequestsInflight: Int?
    @Option(help: .hidden) var maxMutatingRequestsInflight: Int?
    @Option(help: .hidden) var minRequestTimeout: Int?
    @Option(help: .hidden) var requestTimeout: String?
    @Option(help: .hidden) var featureGates: String?
    @Option(help: .hidden) var runtimeConfig: String?
    @Option(help: .hidden) var profiling: String?
    @Option(help: .hidden) var enablePriorityAndFairness: String?
    @Option(help: .hidden) var watchCache: String?
    @Option(help: .hidden) var endpointReconcilerType: String?
    @Option(help: .hidden) var goawayChance: String?
    @Option(help: .hidden) var shutdownDelayDuration: String?
    @Option(name: [.customShort("v")], help: .hidden) var verbosity: Int?

    /// The flags that were given, by name.
    var given: [String] {
        let all: [(String, Bool)] = [
            ("--allow-privileged", allowPrivileged != nil), ("--max-requests-inflight", maxRequestsInflight != nil),
            ("--max-mutating-requests-inflight", maxMutatingRequestsInflight != nil),
            ("--min-request-timeout", minRequestTimeout != nil), ("--request-timeout", requestTimeout != nil),
            ("--feature-gates", featureGates != nil), ("--runtime-config", runtimeConfig != nil),
            ("--profiling", profiling != nil), ("--enable-priority-and-fairness", enablePriorityAndFairness != nil),
            ("--watch-cache", watchCache != nil), ("--endpoint-reconciler-type", endpointReconcilerType != nil),
            ("--goaway-chance", goawayChance != nil), ("--shutdown-delay-duration", shutdownDelayDuration != nil),
            ("-v", verbosity != nil),
        ]
        return all.filter(\.1).map(\.0)
    }
}
