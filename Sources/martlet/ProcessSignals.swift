import Dispatch
import Foundation

/// What tells a process to end: SIGINT, SIGTERM, or the end of its standard input where a supervisor holds that.
enum ProcessSignals {
    /// Waits until the process is told to end.
    static func waitForEnd(alsoWithStandardInput: Bool) async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.resume()
            return source
        }
        if alsoWithStandardInput { watchStandardInput { continuation.yield() } }
        for await _ in stream { break }
        for source in sources { source.cancel() }
    }

    /// Ends the process after a time, whatever its tasks do. A thread of its own waits, since the others may be stuck.
    static func exitWithin(seconds: UInt32) {
        Thread.detachNewThread {
            sleep(seconds)
            _exit(1)
        }
    }

    private static func watchStandardInput(_ ended: @escaping @Sendable () -> Void) {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while read(STDIN_FILENO, &byte, 1) > 0 {}
            ended()
        }
    }
}
