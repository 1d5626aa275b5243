import Foundation

/// The time zones that schedules may name: those of the IANA's database, by their exact names.
enum CronTimeZone {
    /// Zones of the database that are named as abbreviations or offsets are.
    private static let shortNames: Set<String> = [
        "CET", "EET", "EST", "GMT", "GMT+0", "GMT-0", "HST", "MET", "MST", "UCT", "UTC", "WET",
    ]

    static func isKnown(_ name: String) -> Bool {
        if name.contains("/") { return TimeZone(identifier: name) != nil }
        if shortNames.contains(name) { return true }
        return TimeZone.abbreviationDictionary[name] == nil && TimeZone(identifier: name)?.identifier == name
    }
}
