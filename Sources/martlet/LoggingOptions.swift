import ArgumentParser
import Logging

/// The options about logs that all the parts share.
struct LoggingOptions: ParsableArguments {
    @Option(help: "Least level of log records: trace, debug, info, notice, warning, error, critical.")
    var logLevel = "info"
    @Option(help: "Form of log records: text or json.")
    var logFormat = "text"
    @Flag(help: .hidden)
    var exitWithStandardInput = false

    func validate() throws {
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level must be trace, debug, info, notice, warning, error or critical")
        }
        guard LineLogHandler.Format(rawValue: logFormat) != nil else {
            throw ValidationError("--log-format must be text or json")
        }
    }

    /// The same choices for another process.
    var arguments: [String] { ["--log-level", logLevel, "--log-format", logFormat] }

    /// Makes every logger of the process write as the options say. Called once.
    func bootstrap(label: String) -> Logger {
        let level = Logger.Level(rawValue: logLevel) ?? .info
        let format = LineLogHandler.Format(rawValue: logFormat) ?? .text
        LoggingSystem.bootstrap { LineLogHandler(label: $0, format: format, level: level) }
        return Logger(label: label)
    }
}
