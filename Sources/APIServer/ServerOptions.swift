public import Logging

/// What an operator decides of a server.
public struct ServerOptions: Sendable {
    public var logger: Logger
    /// Whether every request leaves a record in the log.
    public var logsRequests = false
    /// Addresses that services get, as `10.0.0.0/16`; several ranges, of one family each, are separated by commas.
    public var serviceAddressRange = "10.0.0.0/16"
    /// Ports on nodes that services get.
    public var nodePortRange: ClosedRange<Int> = 30000...32767
    /// The steps of admission that run.
    public var admissionPlugins = AdmissionPlugins()
    /// Seconds for which an event is kept after its last write.
    public var eventTimeToLiveSeconds: Int64 = 3600
    /// Where backups are put while they are sent; `nil` where there is no place for files, and so no backups.
    public var dataDirectory: String?
    /// `HOST:PORT` that clients are told to use (`serverAddressByClientCIDRs` of discovery); `nil` tells each client
    /// the host that it has asked.
    public var publicAddress: String?

    /// Who signs the tokens of service accounts; `nil` where nobody does, and there are none.
    public var serviceAccountIssuer: ServiceAccountIssuer?

    public init(logger: Logger) { self.logger = logger }
}
