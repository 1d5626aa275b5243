import Foundation
import JSON
import TestSupport

/// Bearer tokens made from one that the server has signed, in the header of a request or in a review.
struct RandomToken {
    /// A JSON web token.
    let valid: String

    func request(_ random: inout SeededGenerator) -> RandomRequest {
        let token = text(&random)
        if random.chance(oneIn: 2) {
            var review: JSON = ["spec": ["token": .string(token), "audiences": ["a", .string(token)]]]
            if random.chance(oneIn: 3) { review = review.mutated(using: &random) }
            return RandomRequest(
                "POST", "/apis/authentication.k8s.io/v1/tokenreviews", body: ("application/json", review.encoded))
        }
        let scheme = random.pick(["Bearer ", "Bearer ", "Bearer ", "bearer ", "Basic ", "", "Bearer  ", "Bearer"])
        return RandomRequest(
            "GET", random.pick(["/api", "/api/v1/pods", "/x"]), headers: [("Authorization", scheme + token)])
    }

    private func text(_ random: inout SeededGenerator) -> String {
        var parts = valid.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        switch random.below(7) {
        case 0: break
        case 1: parts[0] = changed(parts[0], &random)
        case 2: parts[1] = changed(parts[1], &random)
        case 3: parts[2] = random.pick(["", "AA", String(repeating: "A", count: 8000), parts[0]])
        case 4: parts[random.below(3)] = Self.base64URL(Array(deep(random.pick([400, 990, 5000])).utf8))
        case 5: parts.append("x")
        default: parts.remove(at: random.below(3))
        }
        let text = parts.joined(separator: ".")
        let changes = random.chance(oneIn: 4)
        return changes ? String(decoding: random.mutated(Array(text.utf8)), as: UTF8.self).filter(\.isASCII) : text
    }

    private func deep(_ depth: Int) -> String {
        "{\"iss\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
    }

    /// A part of the token with its JSON changed.
    private func changed(_ part: String, _ random: inout SeededGenerator) -> String {
        guard let bytes = Self.bytes(ofBase64URL: part), var json = try? JSON(parsing: bytes) else { return part }
        switch random.below(4) {
        case 0: json["alg"] = .string(random.pick(["none", "HS256", "RS256", "RS512", "ES256", "PS256", ""]))
        case 1: json["kid"] = .hostile(using: &random)
        case 2: json[random.pick(["exp", "nbf", "iat", "aud", "iss", "kubernetes.io"])] = .hostile(using: &random)
        default: json = json.mutated(using: &random)
        }
        return Self.base64URL(json.encoded)
    }

    static func base64URL(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func bytes(ofBase64URL text: String) -> [UInt8]? {
        var text = text.replacing("-", with: "+").replacing("_", with: "/")
        while text.utf8.count % 4 != 0 { text += "=" }
        return Data(base64Encoded: text).map(Array.init)
    }
}
