import JSON
import TestSupport

/// Requests whose headers are odd.
enum RandomHeaders {
    static func request(_ random: inout SeededGenerator) -> RandomRequest {
        let object: JSON = ["apiVersion": "v1", "kind": "ConfigMap", "metadata": ["name": "a"], "data": ["k": "v"]]
        let collection = "/api/v1/namespaces/default/configmaps"
        var headers: [(String, String)] = []
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            let (name, values) = random.pick(known)
            var value = random.chance(oneIn: 4) ? random.pick(JSON.hostileTexts) : random.pick(values)
            if random.chance(oneIn: 5) { value = String(decoding: random.mutated(Array(value.utf8)), as: UTF8.self) }
            if random.chance(oneIn: 20) { value = String(repeating: value.isEmpty ? "," : value, count: 300) }
            headers.append((name, value))
        }
        var request: RandomRequest
        if random.chance(oneIn: 2) {
            let paths = [
                collection, collection + "/a", "/apis", "/openapi/v2", "/openapi/v3", "/version", "/metrics", "/api/v1",
            ]
            request = RandomRequest(
                random.pick(["GET", "GET", "HEAD", "OPTIONS"]), random.pick(paths), headers: headers)
        } else {
            let type = String(decoding: random.mutated(Array(random.pick(types).utf8)), as: UTF8.self)
            let (method, path) = random.pick([
                ("POST", collection), ("PUT", collection + "/a"), ("PATCH", collection + "/a"),
            ])
            let content: RandomBody.Content = (random.chance(oneIn: 3) ? type : random.pick(types), object.encoded)
            request = RandomRequest(method, path + "?fieldManager=h", headers: headers, body: content)
        }
        request.expectsStatus = false
        return request
    }

    private static let known: [(String, [String])] = [
        (
            "Accept",
            RandomRequest.accepted + [
                "application/json;q=2", "application/json;q=-1", "application/json;q=nan", "a/b;q=0x1p4,*/*", ",,,",
                "/",
                "application/*", "*/json", "application/cbor", "application/json;as=Table;g=meta.k8s.io;v=v9",
                "application/json;pretty=1;stream=watch", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf",
                "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList;profile=nopeer",
            ]
        ),
        ("Accept-Encoding", ["gzip", "gzip;q=0", "*", "br", "gzip,gzip", "identity;q=0, *;q=0"]),
        ("User-Agent", ["a/b", "/", "kubectl/v1.36 (linux)", ""]),
        ("Impersonate-User", ["a", "system:admin", "system:serviceaccount:default:fuzz", "system:serviceaccount:"]),
        ("Impersonate-Group", ["a", "system:masters"]), ("Impersonate-Uid", ["x"]),
        ("Impersonate-Extra-a%2fb", ["x"]), ("Impersonate-Extra-", ["y"]), ("Impersonate-Extra-%zz", ["y"]),
        ("If-None-Match", ["\"x\"", "*", "W/\"\""]), ("If-Match", ["*"]), ("Range", ["bytes=0-", "bytes=-1"]),
        ("Expect", ["100-continue", "x"]), ("Upgrade", ["websocket", "SPDY/3.1", "h2c"]),
        ("Connection", ["upgrade", "keep-alive", "HTTP2-Settings, Upgrade"]), ("HTTP2-Settings", ["AAMAAABkAAQ", "?"]),
        ("Sec-WebSocket-Protocol", ["v5.channel.k8s.io", "base64url.bearer.authorization.k8s.io.eA"]),
        ("Sec-WebSocket-Key", ["x"]), ("X-Forwarded-For", ["1.2.3.4", ","]), ("X-Remote-User", ["admin"]),
        ("Content-Encoding", ["gzip", "identity"]), ("Traceparent", ["00-x-y-01"]), ("Cookie", ["a=b"]),
        ("Audit-ID", ["x", ""]), ("Origin", ["http://a"]), ("Date", ["x"]),
    ]

    private static let types = [
        "application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/cbor",
        "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
        "application/apply-patch+yaml", "application/apply-patch+cbor", "application/json; charset=\"", ";", "",
        "text/plain", "*/*", "APPLICATION/JSON", " application/json ",
    ]
}
