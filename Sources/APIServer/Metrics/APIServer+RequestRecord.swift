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
            labels(of: context), of: context.impersonator ?? context.user, code: status,
            seconds: elapsed / .seconds(1), byteCount: byteCount)
        if options.logsRequests { log(context, status: status, byteCount: byteCount, elapsed: elapsed) }
    }

    /// What a request is counted under. Names that come from clients alone are left out.
    private func labels(of context: RequestContext) -> RequestLabels {
        let info = context.info
        guard info.isResourceRequest,
            let resource = context.resource ?? registry.contents.resource(info.groupVersion, info.resource),
            info.subresource == nil || resource.version.subresource(named: info.subresource ?? "") != nil
        else { return RequestLabels(verb: Self.verb(ofMethod: context.request.method)) }
        return RequestLabels(
            verb: Self.verb(of: context), resource: resource, subresource: info.subresource ?? "",
            scope: info.name != nil ? .resource : info.namespace != nil ? .namespace : .cluster,
            isDryRun: context.query["dryRun"] == "All")
    }

    private static func verb(ofMethod method: String) -> RequestLabels.Verb {
        switch method {
        case "GET": .get
        case "HEAD": .head
        case "POST": .post
        case "PUT": .put
        case "PATCH": .patch
        case "DELETE": .delete
        case "OPTIONS": .options
        default: .other
        }
    }

    private static func verb(of context: RequestContext) -> RequestLabels.Verb {
        switch context.info.verb {
        case "get": .get
        case "list": .list
        case "watch": .watch
        case "create": .post
        case "update": .put
        case "patch":
            context.request.headers["content-type"]?.hasPrefix("application/apply-patch") == true ? .apply : .patch
        case "delete": .delete
        case "deletecollection": .deleteCollection
        default: .other
        }
    }

    private func log(_ context: RequestContext, status: Int, byteCount: Int?, elapsed: Duration) {
        var metadata: Logger.Metadata = [
            "method": "\(context.request.method)", "path": "\(context.request.path)", "user": "\(context.user.name)",
            "status": "\(status)",
            "milliseconds": "\(Double(elapsed / .microseconds(1)).rounded() / 1000)",
            "userAgent": "\(context.request.headers["user-agent"] ?? "")",
        ]
        if let impersonator = context.impersonator { metadata["impersonator"] = "\(impersonator.name)" }
        if let byteCount { metadata["bytes"] = "\(byteCount)" }
        options.logger.info("Answered request", metadata: metadata)
    }
}
