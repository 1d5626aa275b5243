import ArgumentParser

/// A length of time as Kubernetes' flags have it: `1h0m0s`, `90s`, `1.5h`.
struct GoDuration: ExpressibleByArgument {
    private static let units: [(name: String, seconds: Double)] = [
        ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600),
    ]
    /// More than any flag can mean.
    private static let maximumSeconds = 1e9

    let seconds: Double

    init(seconds: Double) { self.seconds = seconds }

    init?(argument: String) {
        var rest = argument[...]
        var total = 0.0
        repeat {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            let unit = rest.prefix { $0.isLetter }
            rest = rest.dropFirst(unit.count)
            guard let value = Double(number), let unit = Self.units.first(where: { $0.name == unit }) else {
                return nil
            }
            total += value * unit.seconds
        } while !rest.isEmpty
        guard total <= Self.maximumSeconds else { return nil }
        seconds = total
    }

    var wholeSeconds: Int64 { Int64(seconds) }

    var defaultValueDescription: String { "\(wholeSeconds)s" }
}
