import Dispatch

/// Threads that tests may block, which those of Swift's own pool must not: all tests share that, and it has no more
/// threads than the machine has cores.
///
/// ```swift
/// try await withTaskExecutorPreference(BlockingExecutor.shared) { process.waitUntilExit() }
/// ```
package final class BlockingExecutor: TaskExecutor {
    package static let shared = BlockingExecutor()
    private let queue = DispatchQueue(label: "blocking", attributes: .concurrent)

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
