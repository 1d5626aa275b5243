extension APIServer {
    func delete(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        fatalError("to be written: the verbs")
    }
}
