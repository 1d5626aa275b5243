import Foundation
import Testing

/// Where the things under test are.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    /// The program, built beside the tests.
    static let martlet = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "martlet").path

    /// Python with the packages of Scripts/install-dependencies.sh.
    static let python = root + "/.venv/bin/python"

    static var hasHelm: Bool { FileManager.default.isExecutableFile(atPath: root + "/.venv/bin/helm") }

    static var hasPythonClient: Bool { hasPythonPackage("kubernetes") }

    static func hasPythonPackage(_ name: String) -> Bool {
        guard FileManager.default.isExecutableFile(atPath: python) else { return false }
        let libraries = (try? FileManager.default.contentsOfDirectory(atPath: root + "/.venv/lib")) ?? []
        return libraries.contains {
            FileManager.default.fileExists(atPath: root + "/.venv/lib/\($0)/site-packages/\(name)")
        }
    }
}

/// The kubectl that a test runs.
enum KubectlClient: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// The first in PATH that is not the tests' own.
    case system
    /// The one that Scripts/install-dependencies.sh puts into .venv.
    case environment

    private static let environmentDirectory = Repository.root + "/.venv/bin"

    /// The directory of the executable; `nil` where it is not installed.
    var directory: String? {
        candidates.first { FileManager.default.isExecutableFile(atPath: $0 + "/kubectl") }
    }

    private var candidates: [String] {
        switch self {
        case .environment: [Self.environmentDirectory]
        case .system:
            (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
                .filter { $0 != Self.environmentDirectory }
        }
    }

    /// Any that is installed, for tests to which one is as good as another.
    static var installed: KubectlClient? { allCases.first { $0.directory != nil } }

    var testDescription: String { self == .system ? "kubectl from PATH" : "kubectl from .venv" }
}
