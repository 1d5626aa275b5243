import APIMachinery
import JSON

/// What a secret may hold, by its type.
enum SecretRules {
    static func check(_ secret: Fields, _ errors: inout FieldErrors) {
        var bytes = 0
        for entry in secret["data"].entries {
            errors.add(NameRules.problemsOfConfigMapKey(entry.key), at: entry.field.path, value: .string(entry.key))
            bytes += CoreRules.base64Bytes(entry.field.text)
        }
        if bytes > CoreRules.maximumDataBytes {
            errors.add(.tooLong(secret.path.child("data"), maximumBytes: CoreRules.maximumDataBytes))
        }
        switch secret["type"].text {
        case "kubernetes.io/service-account-token": serviceAccount(secret, &errors)
        case "kubernetes.io/dockercfg": document(".dockercfg", secret, &errors)
        case "kubernetes.io/dockerconfigjson": document(".dockerconfigjson", secret, &errors)
        case "kubernetes.io/basic-auth":
            if ["username", "password"].allSatisfy({ !has($0, secret) }) {
                require(["username", "password"], secret, &errors)
            }
        case "kubernetes.io/ssh-auth":
            if secret["data"].value?["ssh-privatekey"] ?? "" == "" { require(["ssh-privatekey"], secret, &errors) }
        case "kubernetes.io/tls":
            require(["tls.crt", "tls.key"].filter { !has($0, secret) }, secret, &errors)
        default: return
        }
    }

    private static func has(_ key: String, _ secret: Fields) -> Bool { secret["data"].value?[key] != nil }

    private static func require(_ keys: [String], _ secret: Fields, _ errors: inout FieldErrors) {
        for key in keys { errors.add(.required(secret.path.child("data").key(key))) }
    }

    private static func serviceAccount(_ secret: Fields, _ errors: inout FieldErrors) {
        let key = "kubernetes.io/service-account.name"
        let annotations = secret.fields("metadata")["annotations"]
        if (annotations.value?[key]?.stringValue ?? "").isEmpty { errors.add(.required(annotations.path.key(key))) }
    }

    /// A value that must be a JSON object; what it is stays a secret.
    private static func document(_ key: String, _ secret: Fields, _ errors: inout FieldErrors) {
        guard let text = secret["data"].value?[key]?.stringValue else { return require([key], secret, &errors) }
        let path = secret.path.child("data").key(key)
        let bytes = Base64.decoded(text)
        do {
            let document = try JSON(parsing: bytes)
            if document.objectValue == nil, !document.isNull {
                errors.add(["must be a JSON object"], at: path, value: "<secret contents redacted>")
            }
        } catch {
            errors.add([error.message], at: path, value: "<secret contents redacted>")
        }
    }
}
