import Testing

@Suite("The Python client", .serialized, .inTurn)
struct PythonTests {
    @Test(
        .timeLimit(.minutes(10)),
        .enabled(if: Repository.hasPythonClient, "the Python client is not installed in .venv"))
    func worksWithDeployments() async throws {
        try await withControlPlane { plane in
            var command = Command([
                Repository.python, Repository.root + "/Tests/EndToEndTests/Python/deployments.py", "python",
            ])
            command.environment = plane.environment()
            let outcome = try await command.run(within: .seconds(500))
            #expect(outcome.status == 0, "\(outcome)")
        }
    }
}
