import APIMachinery
import JSON
import KubernetesClient

/// Single requests against a store of some ConfigMaps.
struct RequestJobs {
    let load: Load
    /// ConfigMaps that lie in the store before the first job.
    let objects: Int
    /// Of each job.
    let time: Duration

    func run(into report: inout Report) async throws {
        try await Objects.makeNamespace(load.clients[0])
        _ = try await load.fill("fill", objects: objects)
        report.measurements.append(try await get())
        report.measurements.append(try await list())
        report.measurements.append(try await create())
        report.measurements.append(try await mergePatch())
        do {
            report.measurements.append(try await apply())
        } catch let status as APIStatus where status.code == 501 {
            report.remarks.append("Server-side apply was left out: the server answers it with 501.")
        }
        report.measurements.append(try await createPods())
    }

    private func get() async throws -> Measurement {
        try await load.measure("get", for: time) { [objects] client, worker, index in
            let number = (worker &* 7919 &+ index) % objects
            _ = try await client.rawRequest(.get, Objects.configMaps + "/fill-\(number)")
        }
    }

    private func list() async throws -> Measurement {
        try await load.measure("list of \(objects)", for: time) { client, _, _ in
            _ = try await client.rawRequest(.get, Objects.configMaps)
        }
    }

    private func create() async throws -> Measurement {
        try await load.measure("create", for: time) { client, worker, index in
            _ = try await client.rawRequest(
                .post, Objects.configMaps, body: Objects.configMap("new-\(worker)-\(index)"))
        }
    }

    private func mergePatch() async throws -> Measurement {
        try await load.measure("merge patch", for: time) { client, worker, index in
            _ = try await client.rawRequest(
                .patch, Objects.configMaps + "/fill-\(worker)", body: Objects.annotation(index),
                contentType: "application/merge-patch+json")
        }
    }

    private func apply() async throws -> Measurement {
        try await load.measure("server-side apply", for: time) { client, worker, index in
            let name = "applied-\(worker)"
            _ = try await client.rawRequest(
                .patch, Objects.configMaps + "/\(name)?fieldManager=bench", body: Objects.applied(name, index),
                contentType: "application/apply-patch+yaml")
        }
    }

    private func createPods() async throws -> Measurement {
        try await load.measure("create, pods", for: time) { client, worker, index in
            _ = try await client.rawRequest(.post, Objects.pods, body: Objects.pod("new-\(worker)-\(index)"))
        }
    }
}
