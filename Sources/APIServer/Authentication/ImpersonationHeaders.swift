import APIMachinery
import HTTPTransport
import JSON

/// Whom a request asks to stand for (`Impersonate-User`, `-Uid`, `-Group` and `-Extra-KEY`).
enum ImpersonationHeaders {
    private static let prefix = "impersonate-"
    private static let extraPrefix = "impersonate-extra-"

    /// The user as the headers have it, without the groups that go with it; `nil` where nobody is named.
    /// - Throws: 400 where a part of a user is given without its name.
    static func user(in headers: HTTPHeaders) throws(APIStatus) -> UserInfo? {
        guard headers.fields.contains(where: { $0.name.utf8.starts(with: prefix.utf8) }) else { return nil }
        var user = UserInfo(
            name: headers["impersonate-user"] ?? "", uid: headers["impersonate-uid"] ?? "",
            groups: headers.values(of: "impersonate-group"))
        for field in headers.fields where field.name.hasPrefix(extraPrefix) {
            let key = field.name.dropFirst(extraPrefix.count)
            // A broken escape leaves the key as it was sent.
            user.extra[PercentEncoding.decode(key.utf8, plusIsSpace: false) ?? String(key), default: []]
                .append(field.value)
        }
        if !user.name.isEmpty { return user }
        if user.uid.isEmpty, user.groups.isEmpty, user.extra.isEmpty { return nil }
        throw .badRequest("requested \(goText(of: user)) without impersonating a user name")
    }

    /// As Go prints a user with `%#v`.
    private static func goText(of user: UserInfo) -> String {
        func quoted(_ text: String) -> String { JSON.string(text).description }
        func list(_ texts: [String]) -> String { "[]string{\(texts.map(quoted).joined(separator: ", "))}" }
        let extra = user.extra.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(list($0.value))" }
        return "&user.DefaultInfo{Name:\(quoted(user.name)), UID:\(quoted(user.uid)), "
            + "Groups:\(user.groups.isEmpty ? "[]string(nil)" : list(user.groups)), "
            + "Extra:map[string][]string\(extra.isEmpty ? "(nil)" : "{\(extra.joined(separator: ", "))}")}"
    }
}
