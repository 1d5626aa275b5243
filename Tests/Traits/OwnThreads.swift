package import Testing

/// Runs tests on `BlockingExecutor`, for those that wait for processes, or that must get on while others compute.
package struct OwnThreads: SuiteTrait, TestTrait, TestScoping {
    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await withTaskExecutorPreference(BlockingExecutor.shared) { try await function() }
    }
}

extension Trait where Self == OwnThreads {
    /// Threads that the tests may block, beside those of Swift's own pool.
    package static var ownThreads: OwnThreads { OwnThreads() }
}
