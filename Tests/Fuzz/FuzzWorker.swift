import Foundation
import TestSupport

/// What a trial is: an input made from a generator, noted down, and tried.
protocol FuzzTarget: AnyObject {
    var name: String { get }
    /// - Throws: where the outcome is not as it has to be; that an input is refused is no failure.
    func run(_ random: inout SeededGenerator, _ note: FuzzNote) throws
}

/// The file that holds the trial under way, so that its input outlives the process.
final class FuzzNote {
    private let descriptor: Int32
    private var head: [UInt8] = []

    init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o644)
        if descriptor < 0 { throw FuzzFailure("cannot write \(path)") }
    }

    func begin(_ target: String, seed: UInt64) {
        head = Array("\(target) \(seed)\n".utf8)
        input([])
    }

    /// Notes the input that is tried next.
    func input(_ bytes: [UInt8]) {
        let all = head + bytes
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, all, all.count, 0)
    }
}

/// Runs trials until the time is over, or one kills it.
final class FuzzWorker: @unchecked Sendable {
    // Only the one thread that `runOnSmallStack` starts uses it.
    private let arguments: FuzzArguments
    private let note: FuzzNote
    private let targets: [any FuzzTarget]

    init(_ arguments: FuzzArguments) throws {
        self.arguments = arguments
        note = try FuzzNote(path: arguments.currentTrialPath)
        var targets: [any FuzzTarget] = LibraryTargets.all
        if let server = arguments.server {
            targets = try RequestTarget.all(server: server, port: arguments.port, output: arguments.output)
        }
        self.targets = targets
        if let only = arguments.only, !targets.contains(where: { $0.name == only }) {
            throw FuzzFailure("there is no target \(only)")
        }
    }

    /// On as much stack as the threads have on which requests are handled.
    func runOnSmallStack() throws {
        let thread = Thread { exit(self.run()) }
        thread.stackSize = 512 * 1024
        thread.start()
        while true { sleep(1000) }
    }

    private func run() -> Int32 {
        let end = Date(timeIntervalSinceNow: Double(arguments.seconds))
        var counts: [String: Int] = [:]
        var seed = arguments.seed
        var trial = 0
        while Date() < end, arguments.trials.map({ trial < $0 }) ?? true {
            // The seed tells the target, too, so that it is all that a trial can be run again by.
            let target = targets[Int(seed % UInt64(targets.count))]
            if let only = arguments.only, target.name != only {
                seed &+= 1
                continue
            }
            note.begin(target.name, seed: seed)
            var random = SeededGenerator(seed: seed)
            do {
                try target.run(&random, note)
            } catch {
                print("\(target.name), seed \(seed): \(error)")
                return 2
            }
            counts[target.name, default: 0] += 1
            seed &+= 1
            trial += 1
        }
        print(counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        return 0
    }
}
