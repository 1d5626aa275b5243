extension APIServer {
    /// Any request that names a subresource: `status`, `scale`, `binding`, `eviction`, `finalize`, `approval`, `token`…
    func subresource(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        fatalError("to be written: the verbs")
    }
}
