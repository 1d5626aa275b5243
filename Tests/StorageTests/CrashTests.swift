import Foundation
import TestTraits
import Testing

@Suite("Crashes", .ownThreads)
struct CrashTests {
    /// A store that is killed at any moment has all that it acknowledged, gives no revision twice, and lets a watcher go on
    /// where it was. `Scripts/crash-test.sh` does the same for longer.
    @Test func killedStoreLosesNothing() async throws {
        let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "martlet-crash-test")
        let seed = testSeed() & 0xFFFF_FFFF
        try await withTemporaryDirectory { directory in
            let process = Process()
            process.executableURL = executable
            process.arguments = ["drive", directory + "/store", "10", "\(seed)"]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = output
            try process.run()
            let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            #expect(process.terminationStatus == 0, "STORAGE_TEST_SEED=\(seed): \(text)")
            #expect(text.contains("10 crashes"), "\(text)")
        }
    }
}
