import Foundation

/// The tour of README.md: commands, each with the texts that it must print.
struct Tour {
    struct Step {
        var command: String
        var expected: [String]
    }

    var steps: [Step] = []

    private static let expectation = "# → "

    /// Reads the shell blocks of a section of a Markdown text. A line is a command; comments that begin with the arrow
    /// belong to the command above them.
    init(markdown: String, section: String) {
        var isInSection = false
        var isInBlock = false
        for line in markdown.components(separatedBy: "\n") {
            if isInBlock {
                if line == "```" { isInBlock = false } else { add(line) }
            } else if line.hasPrefix("## ") {
                isInSection = line == "## " + section
            } else if isInSection, line == "```sh" {
                isInBlock = true
            }
        }
    }

    private mutating func add(_ line: String) {
        if line.hasPrefix(Self.expectation) {
            if !steps.isEmpty { steps[steps.count - 1].expected.append(String(line.dropFirst(Self.expectation.count))) }
        } else if !line.isEmpty, !line.hasPrefix("#") {
            steps.append(Step(command: line, expected: []))
        }
    }

    /// One script of all the commands, which marks in its output where each begins and stops at the first that fails.
    var script: String {
        let commands = steps.enumerated().map { "\(Self.marked($0))\n\($1.command)" }
        return (["set -e -o pipefail"] + commands + [Self.marked(steps.count)]).joined(separator: "\n") + "\n"
    }

    private static func marked(_ index: Int) -> String { "printf '\\n@step %d@\\n' \(index)" }

    /// What each command printed; `nil` for those that were not reached.
    func outputs(of output: String) -> [String?] {
        let parts = output.components(separatedBy: "\n@step ").dropFirst().map { part in
            String(part.drop { $0 != "\n" }.dropFirst())
        }
        return steps.indices.map { parts.indices.contains($0) ? parts[$0] : nil }
    }

    /// Whether the last command ended well.
    func isComplete(_ output: String) -> Bool { output.contains("\n@step \(steps.count)@") }
}
