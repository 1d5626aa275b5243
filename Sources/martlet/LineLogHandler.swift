import APIMachinery
import Foundation
import JSON
import Logging

/// Writes log records to standard error, a line each: `time level message key=value …`, or a JSON object.
struct LineLogHandler: LogHandler {
    enum Format: String, Sendable { case text, json }

    let label: String
    let format: Format
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(label: String, format: Format, level: Logger.Level) {
        self.label = label
        self.format = format
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = KubernetesTime(epochNanoseconds: SystemClock.now()).microTime
        var pairs: [(String, String)] = []
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
            $0.key < $1.key
        }) {
            pairs.append((key, "\(value)"))
        }
        var line: [UInt8]
        switch format {
        case .text:
            line = Array("\(time) \(event.level.rawValue) \(label): \(event.message)".utf8)
            for (key, value) in pairs {
                line.append(contentsOf: " \(key)=".utf8)
                JSON.write(string: value, into: &line)
            }
        case .json:
            var record: JSONObject = [
                "time": .string(time), "level": .string(event.level.rawValue), "logger": .string(label),
                "message": .string("\(event.message)"),
            ]
            for (key, value) in pairs { record[key] = .string(value) }
            line = JSON.object(record).encoded
        }
        line.append(UInt8(ascii: "\n"))
        FileHandle.standardError.write(Data(line))
    }
}
