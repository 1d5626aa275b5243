import APIMachinery
import Foundation
import JSON
import KubernetesAPI
import Testing

/// Objects with every field filled, as Kubernetes publishes them, where a checkout has them at hand.
struct WireFixtureTests {
    static let folder = ProcessInfo.processInfo.environment["KUBERNETES_FIXTURES"]

    /// A watch event wraps an object in a way of its own.
    static let special: Set<String> = ["v1.WatchEvent"]

    static var fixtures: [String] {
        guard let folder, let files = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return [] }
        return files.filter { $0.hasSuffix(".json") }.sorted()
    }

    @Test(.enabled(if: folder != nil, "set KUBERNETES_FIXTURES to a folder of GROUP.VERSION.KIND.json"))
    func canonicalFormIsTheFixtureItself() throws {
        let library = TypeLibrary.builtIn
        for fixture in Self.fixtures {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: Self.folder! + "/" + fixture))
            let parts = fixture.split(separator: ".").dropLast()
            let kind = parts.suffix(2).joined(separator: ".")
            let names = ["io.k8s.api.\(parts[0]).\(kind)", "io.k8s.apimachinery.pkg.apis.meta.\(kind)"]
            // Kinds that no resource is made of have no type here.
            guard let schema = names.lazy.compactMap(library.schema(named:)).first, !Self.special.contains(kind) else {
                continue
            }
            let original = try JSON(parsing: Array(bytes))
            var document = original
            let unknown = try schema.canonicalize(&document)
            #expect(unknown == [], "\(fixture)")
            #expect(document == original, "\(fixture)")
            #expect(document.encoded == original.encoded, "\(fixture)")
        }
    }
}
