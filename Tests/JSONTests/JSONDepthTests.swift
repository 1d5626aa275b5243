import Foundation
import Synchronization
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

    @Test(arguments: ["[", #"{"a":"#, #"[{"a":"#])
    func readsAndWritesDeepDocumentsOnASmallStack(_ opening: String) {
        let depth = 10_000 / opening.utf8.count(where: { $0 == 0x5B || $0 == 0x7B })
        let closing = String(opening.reversed().compactMap { ["[": "]", "{": "}"][$0] })
        let text = String(repeating: opening, count: depth) + "0" + String(repeating: closing, count: depth)
        let size = Int(ProcessInfo.processInfo.environment["JSON_STACK"] ?? "") ?? 512 * 1024
        let document = Mutex<JSON>(.null)
        onThread(stackSize: size) {
            do {
                let value = try JSON(parsing: Array(text.utf8))
                #expect(value.encoded == Array(text.utf8))
                document.withLock { $0 = value }
            } catch { Issue.record(error) }
        }
        guard ProcessInfo.processInfo.environment["JSON_RELEASE"] != nil else { return }
        onThread(stackSize: size) { document.withLock { $0 = .null } }
    }
}
