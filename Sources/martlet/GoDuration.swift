import APIMachinery
import ArgumentParser

/// A length of time as Kubernetes' flags have it: `1h0m0s`, `90s`, `1.5h`.
struct GoDuration: ExpressibleByArgument {
    let nanoseconds: Int64

    init(seconds: Int64) { nanoseconds = seconds * 1_000_000_000 }

    init?(argument: String) {
        guard case .success(let nanoseconds) = DurationText.nanoseconds(argument), nanoseconds >= 0 else { return nil }
        self.nanoseconds = nanoseconds
    }

    var wholeSeconds: Int64 { nanoseconds / 1_000_000_000 }

    var defaultValueDescription: String { DurationText.format(nanoseconds) }
}
