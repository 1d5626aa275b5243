import APIMachinery
import JSON

extension Tables {
    static let event: [TableColumn] = [
        TableColumn(name: "Last Seen", type: "string", description: "When it last happened.") { object, now in
            .string(lastSeen(object, now))
        },
        .text("Type", "Normal or Warning.", at: "type"),
        .text("Reason", "What happened, in one word.", at: "reason"),
        .text("Object", "What it happened to.") { object in
            let kind = object.text("involvedObject", "kind").lowercased()
            let name = object.text("involvedObject", "name")
            return name.isEmpty ? kind : kind + "/" + name
        },
        .text("Subobject", wide: true, "The part that it happened to.", at: "involvedObject", "fieldPath"),
        .text("Source", wide: true, "Who tells of it.", source),
        .text("Message", "What happened, for people.") { trimmed($0.text("message")) },
        TableColumn(name: "First Seen", type: "string", description: "When it first happened.", priority: 1) {
            object, now in .string(firstSeen(object, now))
        },
        TableColumn(name: "Count", type: "string", description: "How often it happened.", priority: 1) { object, _ in
            let series = object.at("series", "count")?.intValue
            let count = series ?? object.integer("count")
            return .int(count == 0 ? 1 : count)
        },
        TableColumn(
            name: "Name", type: "string", format: "name", description: ColumnDescription.name, priority: 1
        ) { object, _ in .string(object.text("metadata", "name")) },
    ]

    private static func firstSeen(_ event: JSON, _ now: Int64) -> String {
        for time in ["firstTimestamp", "eventTime"] {
            if event[time]?.stringValue != nil { return Age.since(event[time], now) }
        }
        return CellText.unknown
    }

    private static func lastSeen(_ event: JSON, _ now: Int64) -> String {
        if let series = event.at("series", "lastObservedTime"), series.stringValue != nil {
            return Age.since(series, now)
        }
        if event["lastTimestamp"]?.stringValue != nil { return Age.since(event["lastTimestamp"], now) }
        return firstSeen(event, now)
    }

    private static func source(_ event: JSON) -> String {
        let component = event.text("source", "component")
        let host = event.text("source", "host")
        let who = component.isEmpty ? event.text("reportingComponent") : component
        let place = host.isEmpty ? event.text("reportingInstance") : host
        return place.isEmpty ? who : who + ", " + place
    }

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}
