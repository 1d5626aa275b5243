import Foundation
import KubernetesClient
import Testing

@Suite struct KubeConfigTests {
    private static let complete = """
        apiVersion: v1
        kind: Config
        current-context: one
        clusters:
        - name: c1
          cluster:
            server: https://127.0.0.1:6443
            certificate-authority-data: Q0E=
            tls-server-name: kubernetes
        - name: c2
          cluster: {server: "http://localhost:8080", insecure-skip-tls-verify: true, proxy-url: "http://proxy:3128"}
        users:
        - name: cert
          user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}
        - name: token
          user: {token: secret}
        - name: file
          user: {token: secret, tokenFile: tokens/t}
        - name: basic
          user: {username: ann, password: pass}
        - name: exec
          user: {exec: {command: aws}}
        - name: half
          user: {client-certificate-data: Q0VSVA==}
        contexts:
        - {name: one, context: {cluster: c1, user: cert, namespace: shop}}
        - {name: two, context: {cluster: c2, user: token}}
        - {name: file, context: {cluster: c2, user: file}}
        - {name: basic, context: {cluster: c2, user: basic}}
        - {name: anonymous, context: {cluster: c2}}
        - {name: exec, context: {cluster: c2, user: exec}}
        - {name: half, context: {cluster: c2, user: half}}
        - {name: lost-cluster, context: {cluster: none, user: token}}
        - {name: lost-user, context: {cluster: c2, user: nobody}}
        """

    @Test func readsTheCurrentContext() throws {
        let configuration = try KubeConfig(yaml: Self.complete).configuration()
        #expect(configuration.server == "https://127.0.0.1:6443")
        #expect(configuration.namespace == "shop")
        #expect(configuration.tls.certificateAuthorities == Array("CA".utf8))
        #expect(configuration.tls.certificate == Array("CERT".utf8))
        #expect(configuration.tls.key == Array("KEY".utf8))
        #expect(configuration.tls.serverName == "kubernetes")
        #expect(!configuration.tls.skipsVerification)
    }

    @Test func readsAnotherContext() throws {
        let configuration = try KubeConfig(yaml: Self.complete).configuration(context: "two")
        #expect(configuration.server == "http://localhost:8080")
        #expect(configuration.namespace == "default")
        #expect(configuration.tls.skipsVerification)
        #expect(configuration.proxy == "http://proxy:3128")
    }

    @Test(arguments: [
        ("two", "token(\"secret\")"), ("file", "tokenFile(\"/etc/k/tokens/t\")"),
        ("basic", "basic(user: \"ann\", password: \"pass\")"), ("anonymous", "none"), ("one", "none"),
    ])
    func readsCredentials(context: String, expected: String) throws {
        let config = try KubeConfig(yaml: Self.complete, directory: "/etc/k/")
        let credentials = try config.configuration(context: context).credentials
        #expect("\(credentials)".hasSuffix(expected))
    }

    @Test(arguments: [
        ("exec", "user \"exec\" needs exec, which this client does not run"),
        ("half", "user \"half\" needs both a client certificate and its key"),
        ("lost-cluster", "cluster \"none\" of context \"lost-cluster\" does not exist"),
        ("lost-user", "user \"nobody\" of context \"lost-user\" does not exist"),
        ("missing", "context \"missing\" does not exist"),
    ])
    func refusesContexts(context: String, message: String) throws {
        let config = try KubeConfig(yaml: Self.complete)
        let error = #expect(throws: KubeConfig.LoadError.self) { try config.configuration(context: context) }
        #expect(error?.message == message)
    }

    @Test(arguments: [
        ("a list", "- a", "the kubeconfig is not a mapping"),
        ("clusters are no list", "clusters: {a: b}", "clusters is not a list"),
        ("an entry without a name", "users: [{user: {}}]", "an entry of users has no name"),
        (
            "no base64", "users: [{name: u, user: {client-key-data: '*'}}]",
            "client-key-data of user \"u\" is not base64"
        ),
        (
            "authority and no verification",
            "clusters: [{name: c, cluster: {certificate-authority: ca, insecure-skip-tls-verify: true}}]",
            "cluster \"c\" has a certificate-authority and insecure-skip-tls-verify, which exclude each other"
        ),
    ])
    func refusesFiles(remark: String, yaml: String, message: String) {
        let error = #expect(throws: KubeConfig.LoadError.self, "\(remark)") { try KubeConfig(yaml: yaml) }
        #expect(error?.message == message)
    }

    @Test func mergesTheFilesOfTheEnvironmentAndTakesTheFirst() throws {
        let directory = try TemporaryDirectory()
        let first = try directory.write(
            "a/config", "clusters: [{name: c, cluster: {server: first, certificate-authority: ca.pem}}]")
        let second = try directory.write(
            "b/config",
            """
            current-context: x
            clusters: [{name: c, cluster: {server: second}}]
            contexts: [{name: x, context: {cluster: c}}]
            """)
        try directory.write("a/ca.pem", "AUTHORITY")
        let list = [first, directory.path + "/missing", second].joined(separator: ":")
        let configuration = try KubeConfig.load(environment: ["KUBECONFIG": list]).configuration()
        #expect(configuration.server == "first")
        #expect(configuration.tls.certificateAuthorities == Array("AUTHORITY".utf8))
    }

    @Test func readsWhatAPodFinds() throws {
        let directory = try TemporaryDirectory()
        try directory.write("token", "abc\n")
        try directory.write("ca.crt", "CA")
        try directory.write("namespace", "kube-system\n")
        let configuration = try KubeConfig.inCluster(
            environment: ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"],
            directory: directory.path)
        #expect(configuration.server == "https://[fd00::1]:443")
        #expect(configuration.namespace == "kube-system")
        #expect(throws: KubeConfig.LoadError.self) { try KubeConfig.inCluster(environment: [:]) }
    }
}

/// A directory that is removed with the value's last reference.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "martlet-client-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        let directory = (file as NSString).deletingLastPathComponent
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        return file
    }
}
