import Foundation

/// Starts workers one after another, keeps the input that one died or hung of, and goes on behind it.
struct FuzzSupervisor {
    /// How long one trial may take.
    private static let trialPatience: Double = 20
    /// Failures after which it is no use to go on.
    private static let maximumFailures = 50

    private let arguments: FuzzArguments
    private var current: URL { URL(fileURLWithPath: arguments.currentTrialPath) }

    init(_ arguments: FuzzArguments) { self.arguments = arguments }

    /// - Returns: the exit code: 1 where something failed.
    func run() throws -> Int32 {
        try FileManager.default.createDirectory(atPath: arguments.output, withIntermediateDirectories: true)
        print("seed \(arguments.seed)")
        let end = Date(timeIntervalSinceNow: Double(arguments.seconds))
        var seed = arguments.seed
        var failures = 0
        while Date() < end, failures < Self.maximumFailures {
            let seconds = max(1, Int(end.timeIntervalSinceNow))
            guard let problem = try runWorker(arguments.worker(seed: seed, seconds: seconds)) else { break }
            failures += 1
            let trial = (try? Data(contentsOf: current)) ?? Data()
            let failed = Self.seed(of: trial) ?? seed
            let kept = "\(arguments.output)/trial-\(failed)"
            try trial.write(to: URL(fileURLWithPath: kept))
            print("FAILED (\(problem)) at seed \(failed): \(kept)")
            if arguments.trials != nil { break }
            seed = failed &+ 1
        }
        print("\(failures) failures")
        return failures == 0 ? 0 : 1
    }

    /// - Returns: what the worker ended of, or `nil` where it came to its end.
    private func runWorker(_ arguments: [String]) throws -> String? {
        let worker = Process()
        worker.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        worker.arguments = arguments
        try worker.run()
        while worker.isRunning {
            usleep(200_000)
            guard let begun = modificationDate(), Date().timeIntervalSince(begun) > Self.trialPatience else { continue }
            kill(worker.processIdentifier, SIGKILL)
            worker.waitUntilExit()
            return "no end in \(Int(Self.trialPatience)) s"
        }
        if worker.terminationReason == .uncaughtSignal { return "signal \(worker.terminationStatus)" }
        return worker.terminationStatus == 0 ? nil : "exit \(worker.terminationStatus)"
    }

    private func modificationDate() -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: current.path))?[.modificationDate] as? Date
    }

    /// The first line of what a worker wrote names target and seed.
    private static func seed(of trial: Data) -> UInt64? {
        let line = trial.prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line, as: UTF8.self).split(separator: " ").last.flatMap { UInt64($0) }
    }
}
