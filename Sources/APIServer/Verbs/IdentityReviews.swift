import APIMachinery
import JSON
import Storage

extension UserInfo {
    /// `authentication.k8s.io/v1` `UserInfo`.
    var json: JSON {
        var object: JSONObject = [:]
        if !name.isEmpty { object["username"] = .string(name) }
        if !uid.isEmpty { object["uid"] = .string(uid) }
        if !groups.isEmpty { object["groups"] = .array(groups.map { .string($0) }) }
        if !extra.isEmpty { object["extra"] = extraJSON }
        return .object(object)
    }

    /// `extra`, keys in the order of the alphabet.
    var extraJSON: JSON {
        var object: JSONObject = [:]
        for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
            object[key] = .array(values.map { .string($0) })
        }
        return .object(object)
    }
}

/// Who am I.
struct SelfSubjectReview: TransientKind {
    func answer(_ document: JSON, _ server: APIServer, _ context: RequestContext) async throws -> JSON {
        var answer = document
        let time = server.environment.currentTime
        answer.updateMetadata { $0[text: .creationTimestamp] = time.description }
        answer["status"] = ["userInfo": context.user.json]
        return answer
    }
}

/// Whose token is this.
struct TokenReview: TransientKind {
    private static let unknown = "invalid bearer token"

    func answer(_ document: JSON, _ server: APIServer, _ context: RequestContext) async throws -> JSON {
        let spec = document["spec"] ?? [:]
        let token = spec["token"]?.stringValue ?? ""
        if token.isEmpty { throw APIStatus.badRequest("token is required for TokenReview in authentication") }
        var answer = document
        answer["status"] = Self.status(of: token, for: spec["audiences"], server)
        return answer
    }

    private static func status(of token: String, for requested: JSON?, _ server: APIServer) -> JSON {
        let own = server.options.serviceAccountIssuer?.audiences ?? []
        var audiences = requested?.arrayValue?.compactMap(\.stringValue) ?? []
        if audiences.isEmpty { audiences = own }
        // A token of the file is for the server itself, whoever asks.
        let common = own.filter(audiences.contains)
        if let user = server.authenticator.user(ofToken: token), !common.isEmpty || audiences.isEmpty {
            return found(user, common)
        }
        do throws(TokenProblem) {
            let account = try server.serviceAccountAuthenticator?.authenticate(
                token, for: audiences, in: server.storage.snapshot, now: server.epochSeconds)
            guard let account else { return ["user": [:], "error": .string(unknown)] }
            return found(account.user, account.audiences)
        } catch {
            return ["user": [:], "error": .string("[\(unknown), \(error)]")]
        }
    }

    private static func found(_ user: UserInfo, _ audiences: [String]) -> JSON {
        var status: JSON = ["authenticated": true, "user": user.json]
        if !audiences.isEmpty { status["audiences"] = .array(audiences.map { .string($0) }) }
        return status
    }
}
