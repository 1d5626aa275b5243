import Dispatch
import KubernetesClient
import Synchronization
import Testing

/// Runs tasks on the thread of a test, and so lets it know when all that could happen has happened: only then may a
/// clock under its control go on, or a busy machine would look like a slow one to the code under test.
final class SteppingExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var runsByItself = false
    }

    private let state = Mutex(State())

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isKept = state.withLock { state in
            if !state.runsByItself { state.jobs.append(job) }
            return !state.runsByItself
        }
        if !isKept { runElsewhere(job) }
    }

    /// Runs what is ready, and what that makes ready, until nothing is.
    func runUntilIdle() {
        while let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) {
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    /// From now on jobs run by themselves, so that a test can await the end of its tasks.
    func letGo() {
        let jobs = state.withLock { state in
            state.runsByItself = true
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { runElsewhere(job) }
    }

    private func runElsewhere(_ job: UnownedJob) {
        DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Waits until a condition holds; records a failure after a deadline that only a broken test reaches.
func eventually(
    _ remark: Comment, within limit: Duration = .seconds(60), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () async -> Bool
) async {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if await condition() { return }
        try? await Task.sleep(for: .milliseconds(1))
    }
    Issue.record(remark, sourceLocation: sourceLocation)
}

extension ManualTimeSource {
    /// Moves the time from sleeper to sleeper until a condition holds.
    /// - Parameter executor: whose tasks have to come to rest before the time moves.
    func run(
        until remark: Comment, on executor: SteppingExecutor? = nil, within limit: Duration = .seconds(60),
        sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async -> Bool
    ) async {
        await eventually(remark, within: limit, sourceLocation: sourceLocation) {
            executor?.runUntilIdle()
            while !(await condition()) {
                guard let next = untilNextWake else { return false }
                advance(by: next)
                // Tasks that run elsewhere are given real time to come to rest.
                guard let executor else { return false }
                executor.runUntilIdle()
            }
            return true
        }
    }
}
