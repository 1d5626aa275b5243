import JSON

/// Writes OpenAPI documents in the protobuf form that Go clients read (the messages of gnostic's `OpenAPIv2.proto` and
/// `OpenAPIv3.proto`).
enum GnosticEncoder {
    static func encode(_ document: OpenAPIDocument) -> [UInt8] {
        switch document.version {
        case .v2: encode2(document)
        case .v3: encode3(document)
        }
    }

    private static func encode2(_ document: OpenAPIDocument) -> [UInt8] {
        var message = ProtobufBytes()
        message.append(1, string: "2.0")
        message.append(2, bytes: encode(OpenAPIDocument.info, as: .info2))
        var paths = ProtobufBytes()
        for path in document.paths { paths.append(2, bytes: named(path.path, path.json(.v2), .pathItem2)) }
        message.append(8, bytes: paths.bytes)
        var types = ProtobufBytes()
        for name in document.allTypeNames {
            types.append(1, bytes: named(name, document.definition(of: name), .schema2))
        }
        message.append(9, bytes: types.bytes)
        var parameters = ProtobufBytes()
        for (name, parameter) in document.sharedParameters {
            parameters.append(1, bytes: named(name, parameter.json(.v2), .parameter2))
        }
        message.append(10, bytes: parameters.bytes)
        message.append(12, bytes: encode(["BearerToken": []], as: .securityRequirement))
        var security = ProtobufBytes()
        security.append(1, bytes: named("BearerToken", OpenAPIDocument.bearerToken, .securityDefinition2))
        message.append(13, bytes: security.bytes)
        return message.bytes
    }

    private static func encode3(_ document: OpenAPIDocument) -> [UInt8] {
        var message = ProtobufBytes()
        message.append(1, string: "3.0.0")
        message.append(2, bytes: encode(OpenAPIDocument.info, as: .info3))
        var paths = ProtobufBytes()
        for path in document.paths { paths.append(1, bytes: named(path.path, path.json(.v3), .pathItem3)) }
        message.append(4, bytes: paths.bytes)
        var types = ProtobufBytes()
        for name in document.allTypeNames {
            types.append(1, bytes: named(name, document.definition(of: name), .schemaOrReference))
        }
        var components = ProtobufBytes()
        components.append(1, bytes: types.bytes)
        var security = ProtobufBytes()
        security.append(1, bytes: named("BearerToken", OpenAPIDocument.bearerToken, .securitySchemeOrReference))
        components.append(7, bytes: security.bytes)
        message.append(5, bytes: components.bytes)
        return message.bytes
    }

    /// `NamedSchema` and its like.
    private static func named(_ name: String, _ value: JSON, _ type: GnosticMessage) -> [UInt8] {
        var message = ProtobufBytes()
        message.append(1, string: name)
        message.append(2, bytes: encode(value, as: type))
        return message.bytes
    }

    /// A JSON value as a message. Members that the message has no field for are left out.
    static func encode(_ value: JSON, as type: GnosticMessage) -> [UInt8] {
        var message = ProtobufBytes()
        switch type.shape {
        case .oneOf(let choose):
            if let (number, kind) = choose(value) { append(value, number, kind, to: &message) }
        case .fields(let fields, let extensions):
            for member in value.objectValue ?? [:] {
                if let field = fields[member.key] {
                    append(member.value, field.number, field.kind, to: &message)
                } else if member.key.hasPrefix("x-"), let extensions {
                    message.append(extensions, bytes: namedAny(member.key, member.value))
                }
            }
        case .map(let number, let kind):
            for member in value.objectValue ?? [:] {
                var entry = ProtobufBytes()
                entry.append(1, string: member.key)
                append(member.value, 2, kind, to: &entry)
                message.append(number, bytes: entry.bytes)
            }
        case .wrapper(let number, let kind): append(value, number, kind, to: &message)
        }
        return message.bytes
    }

    private static func append(
        _ value: JSON, _ number: Int, _ kind: GnosticMessage.Kind, to message: inout ProtobufBytes
    ) {
        switch kind {
        case .string: if let text = value.stringValue { message.append(number, string: text) }
        case .strings: for text in items(value).compactMap(\.stringValue) { message.append(number, string: text) }
        case .boolean: if value.boolValue == true { message.append(number, boolean: true) }
        case .integer: if let integer = value.intValue { message.append(number, integer: integer) }
        case .double: if let double = value.doubleValue { message.append(number, double: double) }
        case .any: message.append(number, bytes: any(value))
        case .anys: for item in items(value) { message.append(number, bytes: any(item)) }
        case .message(let type): message.append(number, bytes: encode(value, as: type))
        case .messages(let type): for item in items(value) { message.append(number, bytes: encode(item, as: type)) }
        }
    }

    private static func items(_ value: JSON) -> [JSON] { value.arrayValue ?? [value] }

    /// `Any`, which holds a value as YAML; JSON is that too.
    private static func any(_ value: JSON) -> [UInt8] {
        var message = ProtobufBytes()
        message.append(2, bytes: value.encoded + [UInt8(ascii: "\n")])
        return message.bytes
    }

    private static func namedAny(_ name: String, _ value: JSON) -> [UInt8] {
        var message = ProtobufBytes()
        message.append(1, string: name)
        message.append(2, bytes: any(value))
        return message.bytes
    }
}
