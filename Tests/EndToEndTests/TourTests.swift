import Foundation
import JSON
import Testing

@Suite("The README's tour", .serialized, .inTurn)
struct TourTests {
    /// The tour as it is written, in a directory that looks to its commands like the repository.
    @Test(.timeLimit(.minutes(10)), arguments: KubectlClient.allCases)
    func worksAsWritten(with client: KubectlClient) async throws {
        guard client.directory != nil else { try Test.cancel("\(client.testDescription) is not installed") }
        let readme = try String(contentsOfFile: Repository.root + "/README.md", encoding: .utf8)
        let tour = Tour(markdown: readme, section: "A five-minute tour")
        try #require(tour.steps.count > 10)

        try await withControlPlane { plane in
            // As they are by the time that somebody has typed a command.
            try await eventually("the nodes are ready") {
                let nodes = try await plane.get("/api/v1/nodes")?.items ?? []
                return nodes.count == 2
                    && nodes.allSatisfy { node in
                        node.at("status.conditions")?.arrayValue?.contains {
                            $0["type"] == "Ready" && $0["status"] == "True"
                        } ?? false
                    }
            }
            try FileManager.default.createSymbolicLink(
                atPath: plane.directory.path + "/deploy", withDestinationPath: Repository.root + "/deploy")
            try tour.script.write(toFile: plane.directory.path + "/tour.sh", atomically: true, encoding: .utf8)
            let outcome = try await plane.shell("exec bash tour.sh", client, within: .seconds(500))
            for (step, output) in zip(tour.steps, tour.outputs(of: outcome.output)) {
                guard let output else { continue }
                for text in step.expected {
                    #expect(output.contains(text), "\(step.command)\n\(output)")
                }
            }
            #expect(outcome.status == 0 && tour.isComplete(outcome.output), "\(outcome)")
            #expect(outcome.errors.warnings.isEmpty, "\(outcome.errors)")
        }
    }

    @Test func tourIsReadLineByLine() {
        let tour = Tour(
            markdown: """
                ```sh
                before
                ```
                ## Tour
                ```sh
                one
                # → first
                # → second

                two
                ```
                ```
                no shell
                ```
                ## After
                ```sh
                after
                ```
                """, section: "Tour")
        #expect(tour.steps.map(\.command) == ["one", "two"])
        #expect(tour.steps.map(\.expected) == [["first", "second"], []])
        #expect(tour.outputs(of: "\n@step 0@\na\nb\n@step 1@\n") == ["a\nb", ""])
        #expect(!tour.isComplete("\n@step 0@\na\n@step 1@\nb"))
    }
}

extension String {
    /// The lines in which a server warns. kubectl's own advice about mixing `apply` with `rollout undo` would come with any server.
    var warnings: [Substring] {
        split(separator: "\n").filter {
            $0.hasPrefix("Warning:") && !$0.contains("was previously managed with 'kubectl apply'")
        }
    }
}
