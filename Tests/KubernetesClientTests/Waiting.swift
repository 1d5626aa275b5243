import KubernetesClient
import Testing

/// Waits until a condition holds; records a failure after a deadline that only a broken test reaches.
func eventually(
    _ remark: Comment, within limit: Duration = .seconds(20), sourceLocation: SourceLocation = #_sourceLocation,
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
    func run(
        until remark: Comment, within limit: Duration = .seconds(20),
        sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async -> Bool
    ) async {
        await eventually(remark, within: limit, sourceLocation: sourceLocation) {
            if await condition() { return true }
            if let next = untilNextWake { advance(by: next) }
            return false
        }
    }
}
