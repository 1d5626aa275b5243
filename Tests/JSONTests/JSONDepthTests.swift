import Foundation
import Testing

@testable import JSON

@Suite struct JSONDepthTests {
    /// Runs on a thread with a stack of the given size and waits for it.
    private func onThread(stackSize: Int, _ body: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        let thread = Thread {
            body()
            done.signal()
        }
        thread.stackSize = stackSize
        thread.start()
        done.wait()
    }

    private static func text(_ opening: String, depth: Int) -> [UInt8] {
        let repeats = depth / opening.utf8.count(where: { $0 == 0x5B || $0 == 0x7B })
        let closing = String(opening.reversed().compactMap { ["[": "]", "{": "}"][$0] })
        return Array(
            (String(repeating: opening, count: repeats) + "0" + String(repeating: closing, count: repeats)).utf8)
    }

    @Test(arguments: ["[", #"{"a":"#, #"[{"a":"#])
    func handlesTheDeepestDocumentsOnASmallStack(_ opening: String) {
        let text = Self.text(opening, depth: JSONParseOptions().maximumDepth)
        onThread(stackSize: 512 * 1024) {
            do {
                let value = try JSON(parsing: text)
                #expect(value.encoded == text)
                #expect(try JSON(parsing: value.prettyEncoded) == value)
                #expect(try Set([value, JSON(parsing: text)]).count == 1)
            } catch { Issue.record(error) }
        }
    }

    @Test func appliesTheDeepestMergePatch() {
        let text = Self.text(#"{"a":"#, depth: JSONParseOptions().maximumDepth)
        onThread(stackSize: 4 * 1024 * 1024) {
            do {
                let value = try JSON(parsing: text)
                #expect(JSON.null.applying(mergePatch: value) == value)
                #expect(JSON.object(JSONObject()).mergePatch(to: value) == value)
            } catch { Issue.record(error) }
        }
    }

    @Test func readsGosDepthWhereTheStackAllows() {
        let text = Self.text("[", depth: 10_000)
        onThread(stackSize: 8 * 1024 * 1024) {
            var options = JSONParseOptions()
            options.maximumDepth = 10_000
            do {
                #expect(try JSON(parsing: text, options: options).encoded == text)
            } catch { Issue.record(error) }
        }
    }

    @Test func refusesMoreBeforeBuildingIt() {
        #expect(throws: JSONParseError(message: "invalid character '[' exceeded max depth", offset: 1000)) {
            try JSON(parsing: [UInt8](repeating: 0x5B, count: 1_000_000))
        }
    }
}
