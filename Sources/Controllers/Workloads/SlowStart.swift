/// Doing something many times when the first times may show that all would fail: batches that double while they
/// succeed, so that a quota that is used up costs a request or two and not hundreds.
package enum SlowStart {
    /// The sizes of the batches of which the first is 1 and each next at most twice the one before.
    package static func batches(of count: Int) -> [Int] {
        var sizes: [Int] = []
        var remaining = count
        var size = 1
        while remaining > 0 {
            let next = min(size, remaining)
            sizes.append(next)
            remaining -= next
            size = next * 2
        }
        return sizes
    }

    /// Runs the batches one after the other, each one's calls at the same time, and stops after the first that had a
    /// failure.
    /// - Parameter call: Gets the number of the call, from 0.
    /// - Returns: How many calls succeeded, how many were never made, and the first error.
    package static func run(
        _ count: Int, _ call: @escaping @Sendable (Int) async throws -> Void
    ) async -> (succeeded: Int, skipped: Int, error: (any Error)?) {
        var started = 0
        var succeeded = 0
        for size in batches(of: count) {
            let first = started
            let results = await withTaskGroup(of: Result<Void, any Error>.self) { group in
                for number in first..<first + size {
                    group.addTask {
                        do { return .success(try await call(number)) } catch { return .failure(error) }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            started += size
            var failure: (any Error)?
            for result in results {
                switch result {
                case .success: succeeded += 1
                case .failure(let error): failure = failure ?? error
                }
            }
            if let failure { return (succeeded, count - started, failure) }
        }
        return (succeeded, 0, nil)
    }
}
