public import FoundationEssentials
import Yams

/// A kubeconfig file: clusters, users, and contexts that pair them.
///
/// Programs that print credentials (`exec`, `auth-provider`) are not run: a user that needs one cannot be used.
/// https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
public struct KubeConfig: Sendable {
    public struct Cluster: Sendable {
        public var server: String
        public var certificateAuthority: Material?
        public var tlsServerName: String?
        public var skipsTLSVerification = false
        public var proxy: String?
    }

    public struct User: Sendable {
        public var clientCertificate: Material?
        public var clientKey: Material?
        public var token: String?
        public var tokenFile: String?
        public var username: String?
        public var password: String?
        /// Why the user cannot be used by this client.
        public var unsupported: String?
    }

    public struct Context: Sendable {
        public var cluster: String
        public var user: String
        public var namespace: String?
    }

    /// PEM that stands in the file itself or in one of its own.
    public enum Material: Sendable, Equatable {
        case data([UInt8])
        case file(String)
    }

    public var currentContext: String?
    public var clusters: [String: Cluster] = [:]
    public var users: [String: User] = [:]
    public var contexts: [String: Context] = [:]

    public init() {}

    /// Why a kubeconfig cannot be used.
    public struct LoadError: Error, Sendable, CustomStringConvertible {
        public var message: String

        public var description: String { message }

        init(_ message: String) { self.message = message }
    }
}

extension KubeConfig {
    /// Reads a kubeconfig.
    /// - Parameter directory: where the relative paths in it begin.
    public init(yaml text: String, directory: String = "") throws(LoadError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw LoadError("the kubeconfig is not YAML: \(error)")
        }
        guard let root else { return }
        guard root.mapping != nil else { throw LoadError("the kubeconfig is not a mapping") }
        currentContext = root.text("current-context")
        for (name, entry) in try root.entries("clusters", "cluster") {
            clusters[name] = try Cluster(entry, name: name, directory: directory)
        }
        for (name, entry) in try root.entries("users", "user") {
            users[name] = try User(entry, name: name, directory: directory)
        }
        for (name, entry) in try root.entries("contexts", "context") {
            contexts[name] = Context(
                cluster: entry.text("cluster") ?? "", user: entry.text("user") ?? "", namespace: entry.text("namespace")
            )
        }
    }

    public init(contentsOf path: String) throws(LoadError) {
        try self.init(yaml: String(decoding: Self.read(path), as: UTF8.self), directory: Self.directory(of: path))
    }

    /// Reads the file at `path`, or else the files that `KUBECONFIG` lists, or else `~/.kube/config`.
    ///
    /// Of several files the first to set a value or to name an entry wins, and files that are missing are passed over.
    public static func load(
        path: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(LoadError) -> KubeConfig {
        if let path { return try KubeConfig(contentsOf: path) }
        if let list = environment["KUBECONFIG"], !list.isEmpty {
            var merged = KubeConfig()
            for path in list.split(separator: ":") where FileManager.default.fileExists(atPath: String(path)) {
                merged.merge(try KubeConfig(contentsOf: String(path)))
            }
            return merged
        }
        let home = environment["HOME"] ?? ""
        return try KubeConfig(contentsOf: home + "/.kube/config")
    }

    /// Takes in what another file has and this one lacks.
    public mutating func merge(_ other: KubeConfig) {
        currentContext = currentContext ?? other.currentContext
        clusters.merge(other.clusters) { mine, _ in mine }
        users.merge(other.users) { mine, _ in mine }
        contexts.merge(other.contexts) { mine, _ in mine }
    }

    /// What a context says, with all files read but the token's.
    /// - Parameter context: `nil` for the current one.
    public func configuration(context name: String? = nil) throws(LoadError) -> ClientConfiguration {
        guard let name = name ?? currentContext, !name.isEmpty else {
            throw LoadError("the kubeconfig has no current context")
        }
        guard let context = contexts[name] else { throw LoadError("context \"\(name)\" does not exist") }
        guard let cluster = clusters[context.cluster] else {
            throw LoadError("cluster \"\(context.cluster)\" of context \"\(name)\" does not exist")
        }
        guard !cluster.server.isEmpty else { throw LoadError("cluster \"\(context.cluster)\" has no server") }
        var configuration = ClientConfiguration(
            server: cluster.server, namespace: context.namespace ?? "default", proxy: cluster.proxy)
        configuration.tls.certificateAuthorities = try cluster.certificateAuthority?.bytes()
        configuration.tls.serverName = cluster.tlsServerName
        configuration.tls.skipsVerification = cluster.skipsTLSVerification
        if !context.user.isEmpty {
            guard let user = users[context.user] else {
                throw LoadError("user \"\(context.user)\" of context \"\(name)\" does not exist")
            }
            try user.apply(to: &configuration, name: context.user)
        }
        return configuration
    }

    /// What a pod finds: its service account's token, the cluster's authorities and the server's address.
    public static func inCluster(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        directory: String = "/var/run/secrets/kubernetes.io/serviceaccount"
    ) throws(LoadError) -> ClientConfiguration {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
        else { throw LoadError("this is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set") }
        let token = directory + "/token"
        guard FileManager.default.fileExists(atPath: token) else { throw LoadError("\(token) does not exist") }
        let namespace = directory + "/namespace"
        return ClientConfiguration(
            server: "https://" + (host.contains(":") ? "[\(host)]" : host) + ":" + port,
            tls: .init(certificateAuthorities: try read(directory + "/ca.crt")), credentials: .tokenFile(token),
            namespace: FileManager.default.fileExists(atPath: namespace)
                ? String(decoding: try read(namespace), as: UTF8.self).trimmingWhitespace : "default")
    }

    fileprivate static func read(_ path: String) throws(LoadError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LoadError("\(path) cannot be read")
        }
        return Array(data)
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[...slash])
    }
}

extension KubeConfig.Material {
    func bytes() throws(KubeConfig.LoadError) -> [UInt8] {
        switch self {
        case .data(let bytes): bytes
        case .file(let path): try KubeConfig.read(path)
        }
    }
}

extension KubeConfig.Cluster {
    fileprivate init(_ node: Node, name: String, directory: String) throws(KubeConfig.LoadError) {
        server = node.text("server") ?? ""
        certificateAuthority = try node.material("certificate-authority", of: "cluster \"\(name)\"", directory)
        tlsServerName = node.text("tls-server-name")
        skipsTLSVerification = node["insecure-skip-tls-verify"]?.bool ?? false
        proxy = node.text("proxy-url")
        if skipsTLSVerification, certificateAuthority != nil {
            throw KubeConfig.LoadError(
                "cluster \"\(name)\" has a certificate-authority and insecure-skip-tls-verify, which exclude each other"
            )
        }
    }
}

extension KubeConfig.User {
    fileprivate init(_ node: Node, name: String, directory: String) throws(KubeConfig.LoadError) {
        clientCertificate = try node.material("client-certificate", of: "user \"\(name)\"", directory)
        clientKey = try node.material("client-key", of: "user \"\(name)\"", directory)
        token = node.text("token")
        tokenFile = node.text("tokenFile").map { Node.resolve($0, directory) }
        username = node.text("username")
        password = node.text("password")
        for plugin in ["exec", "auth-provider"] where node[plugin] != nil { unsupported = plugin }
    }

    fileprivate func apply(to configuration: inout ClientConfiguration, name: String) throws(KubeConfig.LoadError) {
        configuration.tls.certificate = try clientCertificate?.bytes()
        configuration.tls.key = try clientKey?.bytes()
        guard (configuration.tls.certificate == nil) == (configuration.tls.key == nil) else {
            throw KubeConfig.LoadError("user \"\(name)\" needs both a client certificate and its key")
        }
        // A file wins over a token beside it, because it may have been renewed.
        if let tokenFile {
            configuration.credentials = .tokenFile(tokenFile)
        } else if let token {
            configuration.credentials = .token(token)
        } else if let username, let password {
            configuration.credentials = .basic(user: username, password: password)
        } else if let unsupported, configuration.tls.certificate == nil {
            throw KubeConfig.LoadError("user \"\(name)\" needs \(unsupported), which this client does not run")
        }
    }
}

extension Node {
    /// A scalar that says something.
    fileprivate func text(_ key: String) -> String? {
        guard let value = self[key]?.scalar?.string, !value.isEmpty else { return nil }
        return value
    }

    fileprivate func entries(_ list: String, _ member: String) throws(KubeConfig.LoadError) -> [(String, Node)] {
        guard let node = self[list], node.null == nil else { return [] }
        guard let items = node.sequence else { throw KubeConfig.LoadError("\(list) is not a list") }
        var seen: Set<String> = []
        var entries: [(String, Node)] = []
        for item in items {
            guard let name = item.text("name") else { throw KubeConfig.LoadError("an entry of \(list) has no name") }
            guard let content = item[member], seen.insert(name).inserted else { continue }
            entries.append((name, content))
        }
        return entries
    }

    /// The PEM under `key-data`, which wins, or the file under `key`.
    fileprivate func material(
        _ key: String, of owner: String, _ directory: String
    ) throws(KubeConfig.LoadError) -> KubeConfig.Material? {
        if let encoded = text(key + "-data") {
            guard let data = Data(base64Encoded: encoded, options: .ignoreUnknownCharacters) else {
                throw KubeConfig.LoadError("\(key)-data of \(owner) is not base64")
            }
            return .data(Array(data))
        }
        return text(key).map { .file(Node.resolve($0, directory)) }
    }

    fileprivate static func resolve(_ path: String, _ directory: String) -> String {
        path.hasPrefix("/") ? path : directory + path
    }
}

extension String {
    var trimmingWhitespace: String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
