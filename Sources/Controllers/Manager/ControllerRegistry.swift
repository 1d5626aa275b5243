/// The controllers that there are, by name.
///
/// A new controller is one more entry here: a name, the short names that Kubernetes' command line has known for it, and
/// how it is made.
public struct ControllerRegistry: Sendable {
    public struct Entry: Sendable {
        public var name: String
        public var aliases: [String]
        /// Asks for its informers and adds its handlers, but does no work yet.
        public var make: @Sendable (ControllerContext) -> any RunnableController

        public init(
            _ name: String, aliases: [String] = [],
            make: @escaping @Sendable (ControllerContext) -> any RunnableController
        ) {
            self.name = name
            self.aliases = aliases
            self.make = make
        }
    }

    /// No controller of a selection has this name.
    public struct UnknownController: Error, Sendable, CustomStringConvertible {
        public var name: String
        public var known: [String]
        public var description: String {
            "\"\(name)\" is not in the list of known controllers: \(known.joined(separator: ", "))"
        }
    }

    public var entries: [Entry]

    public init(_ entries: [Entry]) { self.entries = entries }

    public static let builtIn = ControllerRegistry([
        Entry("replicaset-controller", aliases: ["replicaset"]) { ReplicaSetController($0) },
        Entry("deployment-controller", aliases: ["deployment"]) { DeploymentController($0) },
        Entry("garbage-collector-controller", aliases: ["garbagecollector"]) { GarbageCollector($0) },
        Entry("node-lifecycle-controller", aliases: ["nodelifecycle"]) { NodeTaintController($0) },
        Entry("namespace-controller", aliases: ["namespace"]) { NamespaceController($0) },
        Entry("serviceaccount-controller", aliases: ["serviceaccount"]) { ServiceAccountController($0) },
        Entry("root-ca-certificate-publisher-controller", aliases: ["root-ca-cert-publisher"]) {
            RootCertificatePublisher($0)
        },
    ])

    public var names: [String] { entries.map(\.name) }

    /// The entries that a list such as `*,-namespace-controller` selects: a name turns a controller on, one with `-`
    /// before it off, and `*` turns on all that are not named. The first mention of a name counts.
    /// - Throws: `UnknownController`.
    public func selected(by selection: [String]) throws -> [Entry] {
        var isOn: [String: Bool] = [:]
        for item in selection where item != "*" {
            let name = item.hasPrefix("-") ? String(item.dropFirst()) : item
            guard let entry = entries.first(where: { $0.name == name || $0.aliases.contains(name) }) else {
                throw UnknownController(name: name, known: names)
            }
            if isOn[entry.name] == nil { isOn[entry.name] = !item.hasPrefix("-") }
        }
        let takesRest = selection.contains("*")
        return entries.filter { isOn[$0.name] ?? takesRest }
    }
}
