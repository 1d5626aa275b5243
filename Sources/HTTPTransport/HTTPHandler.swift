/// Answers the requests of a server.
///
/// `handle` is called on the connection's reactor, as a task that prefers it: synchronous work and awaits that resume
/// there cost no change of thread. It must start an answer through `exchange`; where it returns without one, the
/// transport sends 500. It is cancelled when the client goes away.
public protocol HTTPHandler: Sendable {
    func handle(_ request: HTTPRequest, _ exchange: HTTPExchange) async
}
