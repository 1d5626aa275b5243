import Foundation

/// `martlet-fuzz [--seed N] [--seconds N] [--trials N] [--only TARGET] [--server PATH] [--port N] [--output FOLDER]`
struct FuzzArguments {
    /// Of the first trial; the next one has the next number.
    var seed = UInt64.random(in: 0...UInt64(UInt32.max))
    var seconds = 60
    /// Ends after so many trials; `nil` for as many as there is time for.
    var trials: Int?
    /// The one target to run; all in turn where it is `nil`.
    var only: String?
    /// An executable to start and send requests to.
    var server: String?
    var port: UInt16 = 17440
    /// Where inputs that failed are written to.
    var output = "fuzz-failures"
    var isWorker = false

    init(_ arguments: some Sequence<String>) throws {
        var iterator = arguments.makeIterator()
        while let name = iterator.next() {
            if name == "--worker" {
                isWorker = true
                continue
            }
            guard let value = iterator.next() else { throw FuzzFailure("\(name) takes a value") }
            switch name {
            case "--seed": seed = try Self.number(value)
            case "--seconds": seconds = try Self.number(value)
            case "--trials": trials = try Self.number(value)
            case "--only": only = value
            case "--server": server = value
            case "--port": port = try Self.number(value)
            case "--output": output = value
            default: throw FuzzFailure("there is no option \(name)")
            }
        }
    }

    private static func number<Number: FixedWidthInteger>(_ text: String) throws -> Number {
        guard let number = Number(text) else { throw FuzzFailure("\(text) is not a number that fits") }
        return number
    }

    /// The arguments of a worker that begins with another seed.
    func worker(seed: UInt64, seconds: Int) -> [String] {
        var list = [
            "--worker", "--seed", "\(seed)", "--seconds", "\(seconds)", "--port", "\(port)", "--output", output,
        ]
        if let trials { list += ["--trials", "\(trials)"] }
        if let only { list += ["--only", only] }
        if let server { list += ["--server", server] }
        return list
    }

    var currentTrialPath: String { output + "/current-\(port)" }
}

/// Something is not as it has to be.
struct FuzzFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
