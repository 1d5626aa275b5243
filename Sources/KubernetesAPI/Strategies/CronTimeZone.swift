import Foundation

/// The time zones that schedules may name.
enum CronTimeZone {
    static func isKnown(_ name: String) -> Bool {
        name == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(name)
            || name.contains("/") && TimeZone(identifier: name) != nil
    }
}
