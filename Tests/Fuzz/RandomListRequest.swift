import APIMachinery
import JSON
import TestSupport

/// Lists, watches and deletions of collections, with what their query may say.
enum RandomListRequest {
    static func make(_ random: inout SeededGenerator) -> RandomRequest {
        let corpus = random.pick(CorpusKind.all)
        let definition = corpus.definition
        var path = (definition.group.isEmpty ? "/api/" : "/apis/\(definition.group)/") + corpus.version.name
        if random.chance(oneIn: 12) { path += "/watch" }
        if definition.isNamespaced, random.chance(oneIn: 2) { path += "/namespaces/default" }
        path += "/" + definition.names.plural
        var pairs: [(String, String)] = []
        for (name, value) in options(&random) where random.chance(oneIn: 3) { pairs.append((name, value)) }
        let isWatch = path.contains("/watch/") || random.chance(oneIn: 20)
        if isWatch { pairs += [("watch", "1"), ("timeoutSeconds", random.pick(["1", "1", "x", "-1"]))] }
        let query = pairs.map { $0.0 + "=" + $0.1.percentEncoded }.joined(separator: "&")
        let method = random.chance(oneIn: 40) && !isWatch ? "DELETE" : "GET"
        var headers: [(String, String)] = []
        if random.chance(oneIn: 2) { headers.append(("Accept", random.pick(RandomRequest.accepted))) }
        var request = RandomRequest(method, path + (query.isEmpty ? "" : "?" + query), headers: headers)
        request.isStream = isWatch
        return request
    }

    private static func options(_ random: inout SeededGenerator) -> [(String, String)] {
        let numbers = [
            "0", "1", "2", "500", "-1", "9223372036854775807", "9223372036854775808", "18446744073709551615",
            "18446744073709551616", "00", "+1", "1.5", "x", "", " 1",
        ]
        return [
            ("limit", random.pick(numbers)), ("continue", continueToken(&random)),
            ("resourceVersion", random.pick(numbers)),
            ("resourceVersionMatch", random.pick(["Exact", "NotOlderThan", "exact", "", "x"])),
            ("sendInitialEvents", random.pick(["true", "false", "1", "", "x"])),
            ("allowWatchBookmarks", random.pick(["true", "0", "x"])),
            ("labelSelector", labelSelector(&random)), ("fieldSelector", fieldSelector(&random)),
            ("includeObject", random.pick(["None", "Object", "Metadata", "x"])),
            ("pretty", random.pick(["true", "0"])),
        ]
    }

    private static func continueToken(_ random: inout SeededGenerator) -> String {
        var token: JSON = [
            "v": "meta.k8s.io/v1", "rv": .int(random.pick([1, 5, 0, -1, .max, .min, 40])),
            "start": .string(random.pick(["a\0", "default/a\0", "/", "../x", "\u{10FFFF}", "", "zz"])),
        ]
        if random.chance(oneIn: 3) { token = token.mutated(using: &random) }
        var bytes = token.encoded
        if random.chance(oneIn: 12) { bytes = Array((String(repeating: "[", count: 980)).utf8) }
        let text = RandomToken.base64URL(bytes)
        return random.chance(oneIn: 4) ? String(decoding: random.mutated(Array(text.utf8)), as: UTF8.self) : text
    }

    private static func labelSelector(_ random: inout SeededGenerator) -> String {
        let keys = ["a", "example.com/b", "x/y/z", "", "-", "é", String(repeating: "k", count: 64), "in", "notin"]
        let values = ["x", "y", "", "a.b", "-", "(", ")", "é", String(repeating: "v", count: 64), "1", "-1"]
        var terms: [String] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let key = random.pick(keys)
            let list = (0..<random.below(4)).map { _ in random.pick(values) }.joined(separator: ",")
            terms.append(
                random.pick([
                    key, "!" + key, key + "=" + random.pick(values), key + "==" + random.pick(values),
                    key + "!=" + random.pick(values), "\(key) in (\(list))", "\(key) notin (\(list))",
                    key + ">" + random.pick(values), key + "<1", "\(key) in (", "\(key) in \(list)", "! ", ",",
                ]))
        }
        let text = terms.joined(separator: random.pick([",", " , ", ",,"]))
        return random.chance(oneIn: 4) ? String(decoding: random.mutated(Array(text.utf8)), as: UTF8.self) : text
    }

    private static func fieldSelector(_ random: inout SeededGenerator) -> String {
        let fields = [
            "metadata.name", "metadata.namespace", "spec.nodeName", "status.phase", "type", "involvedObject.kind",
            "spec.unschedulable", "reason", "x", "", "status.successful", "metadata.name\\=",
        ]
        let values = ["a", "", "Running", "true", "x\\,y", "\\", "\\=", "=", "é", "default"]
        let terms = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            random.pick(fields) + random.pick(["=", "==", "!=", "", "~"]) + random.pick(values)
        }
        let text = terms.joined(separator: ",")
        return random.chance(oneIn: 4) ? String(decoding: random.mutated(Array(text.utf8)), as: UTF8.self) : text
    }
}
