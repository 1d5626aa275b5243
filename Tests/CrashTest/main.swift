// Kills a process that writes to a store, again and again, and compares what the store has with what it acknowledged.
//
//     martlet-crash-test drive <directory> <crashes> <seed>
//     martlet-crash-test work <directory> <last seen revision> <seed>      (the process that is killed)
//
// SIGKILL ends the process but not the kernel: this tests that a store recovers from any point at which it may stop,
// not that the disk keeps what it says it has synchronized.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

let arguments = CommandLine.arguments.dropFirst()

func exit(saying message: String) -> Never {
    let line = Array("martlet-crash-test: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
}

guard arguments.count == 4, let number = Int64(arguments.dropFirst(2).first ?? ""),
    let seed = UInt64(arguments.last ?? ""), let mode = arguments.first, let directory = arguments.dropFirst().first
else { exit(saying: "usage: drive <directory> <crashes> <seed>") }

do {
    switch mode {
    case "work": try await Worker(directory: directory, lastSeen: number, seed: seed).run()
    case "drive": try Driver(directory: directory, crashes: Int(number), seed: seed).run()
    default: exit(saying: "no such mode: \(mode)")
    }
} catch {
    exit(saying: "\(error)")
}
