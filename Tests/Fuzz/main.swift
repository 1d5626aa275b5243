import Foundation

// Without `--worker` this process watches over another one of itself, which may die of what it tries.
let arguments = try FuzzArguments(CommandLine.arguments.dropFirst())
if arguments.isWorker {
    try FuzzWorker(arguments).runOnSmallStack()
} else {
    exit(try FuzzSupervisor(arguments).run())
}
