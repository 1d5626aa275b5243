/// Numbers as Go's formats print them.
package enum GoNumber {
    /// `%f`: six digits after the point.
    package static func sixPlaces(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf" }
        let magnitude = value.magnitude
        // Beyond this a double has no digits after the point.
        guard magnitude < 9e9 else { return (value < 0 ? "-" : "") + whole(magnitude) + ".000000" }
        let millionths = UInt64((magnitude * 1_000_000).rounded(.toNearestOrEven))
        let fraction = String(millionths % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - fraction.count)
        return (value < 0 ? "-" : "") + "\(millionths / 1_000_000)." + zeros + fraction
    }

    private static func whole(_ value: Double) -> String {
        guard let number = UInt128(exactly: value.rounded()) else { return "\(value)" }
        return String(number)
    }
}
