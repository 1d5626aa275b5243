import Foundation
import TestTraits
import Testing

@testable import JSON

/// Holds the parser against Python's on mutated documents.
///
/// Where the two differ by design, the script takes this parser's side: Python keeps integers of any size (here
/// beyond 64 bits: floating point), reads 1e999 as infinity and accepts NaN (here refused), and keeps lone halves
/// of surrogate pairs (here U+FFFD). Python tells 0 and -0 apart only as floats, as this parser does.
@Suite(.ownThreads) struct JSONPythonTests {
    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Scripts/fuzz-json.py").path

    /// More documents with the environment's `FUZZ_JSON_DOCUMENTS`.
    private static let documents = Int(ProcessInfo.processInfo.environment["FUZZ_JSON_DOCUMENTS"] ?? "") ?? 5000

    private static let python = ["/usr/bin/python3", "/usr/local/bin/python3"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    @Test(.enabled(if: python != nil, "Python is not installed"))
    func agreesWithPython() throws {
        let seed = UInt32.random(in: 0 ... .max)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = [Self.script, String(seed), String(Self.documents)]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = [UInt8](pipe.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        var count = 0
        for line in output.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: "\t"))
            guard parts.count == 2 else { continue }
            count += 1
            let document = Self.bytes(parts[0])
            let answer = (try? JSON(parsing: document)).map(Self.canonical) ?? "-"
            if Array(answer.utf8) != Array(parts[1]) {
                let text = String(decoding: document, as: UTF8.self)
                Issue.record(
                    "seed \(seed): \(text)\nhere: \(answer)\nPython: \(String(decoding: parts[1], as: UTF8.self))")
            }
        }
        #expect(count > Self.documents * 99 / 100, "seed \(seed)")
    }

    private static func bytes(_ hexadecimal: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: UInt8?
        for digit in hexadecimal {
            let value = digit < 0x3A ? digit &- 0x30 : digit &- 0x57
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return bytes
    }

    private static func hexadecimal(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func canonical(_ value: JSON) -> String {
        switch value {
        case .null: return "n"
        case .bool(let value): return value ? "t" : "f"
        case .int(let value): return "i\(value)"
        case .double(let value):
            let bits = String(value.bitPattern, radix: 16)
            return "d" + String(repeating: "0", count: 16 - bits.count) + bits
        case .string(let value): return "s" + hexadecimal(value)
        case .array(let items): return "[\(items.map(canonical).joined(separator: ","))]"
        case .object(let object):
            let members = object.members.map { ("s" + hexadecimal($0.key), canonical($0.value)) }
            return "{\(members.sorted { $0.0 < $1.0 }.map { "\($0.0):\($0.1)" }.joined(separator: ","))}"
        }
    }
}
