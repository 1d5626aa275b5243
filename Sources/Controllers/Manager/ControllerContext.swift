import APIMachinery
public import KubernetesClient
public import Logging

/// What the controllers of one process share.
public struct ControllerContext: Sendable {
    public let client: APIClient
    public let informers: SharedInformers
    public let logger: Logger
    /// The authorities that sign the API server's certificate, as PEM; `nil` where they are not known.
    public let rootCertificates: String?

    public init(client: APIClient, informers: SharedInformers, logger: Logger, rootCertificates: String? = nil) {
        self.client = client
        self.informers = informers
        self.logger = logger
        self.rootCertificates = rootCertificates
    }

    var now: KubernetesTime { client.options.timeSource.wallTime }

    /// To be run by the controller that reports.
    func recorder(_ component: String) -> EventRecorder {
        var options = EventRecorder.Options()
        options.timeSource = client.options.timeSource
        return EventRecorder(client: client, component: component, options: options)
    }

    func workQueue<Key: Hashable & Sendable>() -> WorkQueue<Key> {
        WorkQueue(timeSource: client.options.timeSource)
    }
}

/// A controller as its manager sees it.
public protocol RunnableController: Sendable {
    /// Works until the task is cancelled.
    func run() async throws
}
