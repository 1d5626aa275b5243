import Foundation
import Testing

/// kubectl's commands, as somebody would type them: the two clients each against a control plane of their own.
@Suite("kubectl", .takingTurns(2))
struct KubectlTests {
    struct Row {
        var command: String
        /// Texts that the output and the messages hold between them.
        var expected: [String]
        var status: Int32 = 0
        /// Texts that they do not hold.
        var unexpected: [String] = []
    }

    /// One part after another. The tracks of a part share no objects and go on at once, as in several windows.
    private static let parts: [[[Row]]] = [
        [discovery, writing + reading + more, kinds + endOfKinds, configuration, signing],
        [nodes + disruptions],
        [removal],
    ]

    @Test(.timeLimit(.minutes(10)), arguments: KubectlClient.allCases)
    func commandsDoWhatTheySay(with client: KubectlClient) async throws {
        guard client.directory != nil else { try Test.cancel("\(client.testDescription) is not installed") }
        try await withControlPlane { plane in
            try FileManager.default.createSymbolicLink(
                atPath: plane.directory.path + "/deploy", withDestinationPath: Repository.root + "/deploy")
            for part in Self.parts {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for track in part { group.addTask { try await Self.run(track, client, plane) } }
                    try await group.waitForAll()
                }
            }
        }
    }

    private static func run(_ rows: [Row], _ client: KubectlClient, _ plane: ControlPlane) async throws {
        for row in rows {
            let outcome = try await plane.shell(row.command, client)
            let text = outcome.output + outcome.errors
            #expect(outcome.status == row.status, "\(outcome)")
            for expected in row.expected { #expect(text.contains(expected), "\(expected)\n\(outcome)") }
            for unexpected in row.unexpected { #expect(!text.contains(unexpected), "\(unexpected)\n\(outcome)") }
            #expect(text.warnings.isEmpty, "\(outcome)")
        }
    }
}
