import APIMachinery
import HTTPTransport
import Logging

extension APIServer {
    /// Counts a request that was answered, and writes its record where the log is to have one.
    func record(_ context: RequestContext, _ answer: Answer, since start: ContinuousClock.Instant) {
        let elapsed = ContinuousClock.now - start
        let status: Int
        let byteCount: Int?
        switch answer {
        case .body(let code, _, let body, _): (status, byteCount) = (code, body.byteCount)
        case .streaming: (status, byteCount) = (200, nil)
        }
        metrics.record(
            labels(of: context), code: status, seconds: elapsed / .seconds(1), byteCount: byteCount)
        if options.logsRequests { log(context, status: status, byteCount: byteCount, elapsed: elapsed) }
    }

    /// What a request is counted under. Names that come from clients alone are left out.
    private func labels(of context: RequestContext) -> RequestMetrics.Labels {
        let info = context.info
        guard info.isResourceRequest, let resource = registry.contents.resource(info.groupVersion, info.resource),
            info.subresource == nil || resource.version.subresource(named: info.subresource ?? "") != nil
        else {
            return RequestMetrics.Labels(
                verb: Self.methods.contains(context.request.method) ? context.request.method : "other")
        }
        let scope = info.name != nil ? "resource" : info.namespace != nil ? "namespace" : "cluster"
        return RequestMetrics.Labels(
            verb: Self.verbLabel(of: context), groupVersion: info.groupVersion, resource: info.resource,
            subresource: info.subresource ?? "", scope: scope, isDryRun: context.query["dryRun"] == "All")
    }

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

    private static func verbLabel(of context: RequestContext) -> String {
        switch context.info.verb {
        case "get": "GET"
        case "list": "LIST"
        case "watch": "WATCH"
        case "create": "POST"
        case "update": "PUT"
        case "patch":
            context.request.headers["content-type"]?.hasPrefix("application/apply-patch") == true ? "APPLY" : "PATCH"
        case "delete": "DELETE"
        case "deletecollection": "DELETECOLLECTION"
        default: "other"
        }
    }

    private func log(_ context: RequestContext, status: Int, byteCount: Int?, elapsed: Duration) {
        var metadata: Logger.Metadata = [
            "method": "\(context.request.method)", "path": "\(context.request.path)", "user": "\(context.user.name)",
            "status": "\(status)",
            "milliseconds": "\(Double(elapsed / .microseconds(1)).rounded() / 1000)",
            "userAgent": "\(context.request.headers["user-agent"] ?? "")",
        ]
        if let byteCount { metadata["bytes"] = "\(byteCount)" }
        options.logger.info("Answered request", metadata: metadata)
    }
}
