import APIMachinery
import JSON
import TestSupport

/// A request of HTTP/1.1 to some address of the API, with a body of some form.
struct RandomRequest {
    var method: String
    var target: String
    var headers: [(String, String)]
    var body: [UInt8]
    /// Whether the body of the answer may go on for long.
    var isStream = false
    /// Whether its bytes were changed at random, so that it may be no request at all.
    var isBroken = false
    /// Whether a refusal has to be a Status.
    var expectsStatus: Bool

    /// A request that is well-formed as HTTP.
    init(_ method: String, _ target: String, headers: [(String, String)] = [], body: RandomBody.Content? = nil) {
        self.method = method
        self.target = target
        self.headers = [("Host", "a")] + headers
        self.body = body?.bytes ?? []
        if let type = body?.type { self.headers.append(("Content-Type", type)) }
        if !headers.contains(where: { $0.0 == "Authorization" }) {
            self.headers.append(("Authorization", "Bearer " + FuzzedServer.token))
        }
        expectsStatus = true
    }

    init(_ random: inout SeededGenerator) {
        let corpus = random.pick(CorpusKind.all)
        let path = RequestPath(corpus, &random)
        method = path.method
        expectsStatus = path.isAPI
        var query = RandomQuery.make(&random)
        if method == "GET", random.chance(oneIn: 60) {
            query +=
                "&watch=1&timeoutSeconds="
                + random.pick(["1", "-1", "0", "9223372036854775807", "-9223372036854775808"])
            isStream = true
        }
        target = path.text + (query.isEmpty ? "" : "?" + query)
        if target.contains("follow") || target.contains("watch") { isStream = true }
        let content = method == "GET" || method == "HEAD" ? nil : RandomBody.make(corpus, path, &random)
        body = content?.bytes ?? []
        headers = [("Host", "a"), ("Authorization", "Bearer " + FuzzedServer.token)]
        if let type = content?.type { headers.append(("Content-Type", type)) }
        if random.chance(oneIn: 3) { headers.append(("Accept", random.pick(Self.accepted))) }
        if random.chance(oneIn: 8) { headers.append(("Accept-Encoding", random.pick(["gzip", "gzip;q=0", "*", ""]))) }
        if random.chance(oneIn: 6) { headers.append(("User-Agent", random.pick(JSON.hostileTexts).filter(\.isASCII))) }
        if random.chance(oneIn: 20) {
            headers.append(("Impersonate-User", random.pick(["a", "", "system:anonymous"])))
        }
    }

    var bytes: [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\n"
        for (name, value) in headers { head += "\(name): \(Self.visible(value))\r\n" }
        if !body.isEmpty || method != "GET" { head += "Content-Length: \(body.count)\r\n" }
        return Array((head + "\r\n").utf8) + body
    }

    private static func visible(_ value: String) -> String {
        value.filter { $0.isASCII && $0 >= " " && $0 != "\u{7F}" }.trimming(" ")
    }

    static let accepted = [
        "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "*/*", "text/html",
        "application/json;as=Table;v=v1;g=meta.k8s.io", "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io",
        "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io", "application/json;as=;v=", ";;,,q=",
        "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json;q=0.1",
    ]
}

/// The address of a request, and a method that may suit it.
struct RequestPath {
    var text: String
    var method: String
    var isAPI = true
    var subresource: Subresource?

    private static let others = [
        "/", "/api", "/apis", "/api/v1", "/apis/apps/v1", "/version", "/healthz", "/livez/x", "/readyz?verbose",
        "/openapi/v2", "/openapi/v3", "/openapi/v3/apis/apps/v1", "/.well-known/openid-configuration",
        "/openid/v1/jwks",
        "/apis/nope/v1/x", "/api/v1/namespaces/default/pods/a/log", "/api/v1/namespaces/default/services/a/proxy/b/c",
        "/api/v1/namespaces/default/pods/a/exec?command=a", "/logs", "//", "/api/v1/watch/pods",
        "/api/v1/namespaces//pods",
    ]

    init(_ corpus: CorpusKind, _ random: inout SeededGenerator) {
        if random.chance(oneIn: 15) {
            text = random.pick(Self.others)
            method = random.pick(["GET", "HEAD", "POST", "OPTIONS"])
            isAPI = false
            return
        }
        let definition = corpus.definition
        text = (definition.group.isEmpty ? "/api/" : "/apis/\(definition.group)/") + corpus.version.name
        if definition.isNamespaced, !random.chance(oneIn: 8) {
            text += "/namespaces/" + random.pick(["default", "default", "nope"])
        }
        text += "/" + definition.names.plural
        if random.chance(oneIn: 3) {
            method = random.pick(["POST", "POST", "POST", "GET", "DELETE"])
        } else {
            text += "/" + random.pick(["a", "a", "b", "new"])
            method = random.pick(["GET", "PUT", "PUT", "PATCH", "PATCH", "PATCH", "DELETE"])
            if random.chance(oneIn: 4), let part = corpus.version.subresources.randomElement(using: &random) {
                subresource = part
                text += "/" + part.name
                if random.chance(oneIn: 3) { method = "POST" }
            }
        }
        if random.chance(oneIn: 12) {
            text += random.pick(["/", "/x", "%2F", "%00", "%zz", "/..", "/é".percentEncoded])
        }
    }
}

enum RandomQuery {
    private static let names = [
        "labelSelector", "fieldSelector", "limit", "continue", "resourceVersion", "resourceVersionMatch",
        "timeoutSeconds",
        "allowWatchBookmarks", "sendInitialEvents", "pretty", "dryRun", "fieldManager", "fieldValidation", "force",
        "gracePeriodSeconds", "propagationPolicy", "orphanDependents", "timeout", "tailLines", "container", "x",
    ]
    private static let values = [
        "a=b", "a in (b,c),!d", "metadata.name=a", "spec.nodeName!=x", "status.phase=Running", "1", "500", "true",
        "All",
        "Exact", "NotOlderThan", "Strict", "Warn", "Ignore", "Foreground", "Orphan", "Background",
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6NSwic3RhcnQiOiJhXHUwMDAwIn0",
        "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYVx1MDAwMCJ9",
    ]

    static func make(_ random: inout SeededGenerator) -> String {
        var pairs: [String] = []
        while random.chance(oneIn: 2), pairs.count < 6 {
            var value = random.chance(oneIn: 2) ? random.pick(values) : random.pick(JSON.hostileTexts)
            if random.chance(oneIn: 4) { value = String(decoding: random.mutated(Array(value.utf8)), as: UTF8.self) }
            pairs.append(random.pick(names) + "=" + value.percentEncoded)
        }
        if random.chance(oneIn: 3) { pairs.append("fieldManager=m") }
        if random.chance(oneIn: 30) { pairs.append(random.pick(["&&=", "%", "a;b", "=", "%zz=%"])) }
        return pairs.joined(separator: "&")
    }
}

extension String {
    /// With every byte but letters, digits and a few others escaped.
    var percentEncoded: String {
        var text = ""
        for byte in utf8 {
            let character = Character(Unicode.Scalar(byte))
            if character.isASCII, character.isLetter || character.isNumber || "-._/".contains(character) {
                text.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return text
    }

    fileprivate func trimming(_ character: Character) -> String {
        var text = self[...]
        while text.first == character { text.removeFirst() }
        while text.last == character { text.removeLast() }
        return String(text)
    }
}
