extension APIServer {
    /// Paths outside the resources: discovery, OpenAPI, version, health, metrics.
    func nonResource(_ context: RequestContext) async throws -> Answer {
        throw UnknownPath()
    }
}
