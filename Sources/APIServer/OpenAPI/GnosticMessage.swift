import JSON

/// The messages of gnostic's protobuf forms of OpenAPI, as far as Kubernetes' documents use them: which member of the
/// JSON form is which field.
enum GnosticMessage: Int, CaseIterable {
    case info2, info3, pathItem2, pathItem3, operation2, operation3
    case parametersItem2, parameter2, bodyParameter2, nonBodyParameter2, queryParameter2, pathParameter2
    case jsonReference2, responses2, responseValue2, response2, schemaItem2
    case schema2, additionalProperties2, items2, type2, properties2
    case securityRequirement, stringArray, securityDefinition2, apiKey2
    case schemaOrReference, schema3, reference3, additionalProperties3, items3, properties3, default3
    case parameterOrReference, parameter3, requestBodyOrReference, requestBody3, mediaTypes3, mediaType3
    case responses3, responseOrReference, response3, securitySchemeOrReference, securityScheme3

    /// What a field holds.
    enum Kind {
        case string, strings, boolean, integer, double, any, anys
        case message(GnosticMessage)
        case messages(GnosticMessage)
    }

    struct Field {
        var number: Int
        var kind: Kind
    }

    /// How a message stands to the JSON value that it is made of.
    enum Shape {
        /// Members are fields; those that begin with `x-` go to the field `extensions`.
        case fields([String: Field], extensions: Int?)
        /// Members are entries of name and value in a repeated field.
        case map(Int, Kind)
        /// The value is the message's only field.
        case wrapper(Int, Kind)
        /// The value is one of several fields.
        case oneOf(@Sendable (JSON) -> (Int, Kind)?)
    }

    var shape: Shape { Self.shapes[rawValue] }

    private static let shapes: [Shape] = allCases.map(\.definition)

    private static func fields(_ extensions: Int?, _ fields: [(String, Int, Kind)]) -> Shape {
        .fields(
            Dictionary(fields.map { ($0.0, Field(number: $0.1, kind: $0.2)) }) { first, _ in first },
            extensions: extensions)
    }

    private static func isReference(_ value: JSON) -> Bool { value["$ref"] != nil }

    private var definition: Shape {
        switch self {
        case .info2: Self.fields(7, [("title", 1, .string), ("version", 2, .string)])
        case .info3: Self.fields(7, [("title", 1, .string), ("version", 6, .string)])
        case .securityRequirement: .map(1, .message(.stringArray))
        case .stringArray: .wrapper(1, .strings)
        case .pathItem2, .operation2, .responses2, .responseValue2, .response2, .schemaItem2: operationDefinition2
        case .parametersItem2, .parameter2, .bodyParameter2, .nonBodyParameter2, .queryParameter2, .pathParameter2,
            .jsonReference2:
            parameterDefinition2
        case .schema2, .additionalProperties2, .items2, .type2, .properties2, .securityDefinition2, .apiKey2:
            schemaDefinition2
        case .schemaOrReference, .schema3, .reference3, .additionalProperties3, .items3, .properties3, .default3:
            schemaDefinition3
        default: operationDefinition3
        }
    }

    // MARK: v2

    private var operationDefinition2: Shape {
        switch self {
        case .pathItem2:
            Self.fields(
                10,
                [
                    ("get", 2, .message(.operation2)), ("put", 3, .message(.operation2)),
                    ("post", 4, .message(.operation2)), ("delete", 5, .message(.operation2)),
                    ("options", 6, .message(.operation2)), ("head", 7, .message(.operation2)),
                    ("patch", 8, .message(.operation2)), ("parameters", 9, .messages(.parametersItem2)),
                ])
        case .operation2:
            Self.fields(
                13,
                [
                    ("tags", 1, .strings), ("description", 3, .string), ("operationId", 5, .string),
                    ("produces", 6, .strings), ("consumes", 7, .strings),
                    ("parameters", 8, .messages(.parametersItem2)), ("responses", 9, .message(.responses2)),
                    ("schemes", 10, .strings),
                ])
        case .responses2: .map(1, .message(.responseValue2))
        case .responseValue2: .wrapper(1, .message(.response2))
        case .response2: Self.fields(5, [("description", 1, .string), ("schema", 2, .message(.schemaItem2))])
        default: .wrapper(1, .message(.schema2))
        }
    }

    private var parameterDefinition2: Shape {
        switch self {
        case .parametersItem2:
            .oneOf { Self.isReference($0) ? (2, .message(.jsonReference2)) : (1, .message(.parameter2)) }
        case .parameter2:
            .oneOf {
                $0["in"]?.stringValue == "body" ? (1, .message(.bodyParameter2)) : (2, .message(.nonBodyParameter2))
            }
        case .nonBodyParameter2:
            .oneOf {
                $0["in"]?.stringValue == "path" ? (4, .message(.pathParameter2)) : (3, .message(.queryParameter2))
            }
        case .bodyParameter2:
            Self.fields(
                6,
                [
                    ("description", 1, .string), ("name", 2, .string), ("in", 3, .string), ("required", 4, .boolean),
                    ("schema", 5, .message(.schema2)),
                ])
        case .queryParameter2:
            Self.fields(
                23,
                [
                    ("required", 1, .boolean), ("in", 2, .string), ("description", 3, .string), ("name", 4, .string),
                    ("type", 6, .string), ("uniqueItems", 20, .boolean),
                ])
        case .pathParameter2:
            Self.fields(
                22,
                [
                    ("required", 1, .boolean), ("in", 2, .string), ("description", 3, .string), ("name", 4, .string),
                    ("type", 5, .string), ("uniqueItems", 19, .boolean),
                ])
        default: Self.fields(nil, [("$ref", 1, .string), ("description", 2, .string)])
        }
    }

    private var schemaDefinition2: Shape {
        switch self {
        case .schema2:
            Self.fields(
                31,
                [
                    ("$ref", 1, .string), ("format", 2, .string), ("title", 3, .string), ("description", 4, .string),
                    ("default", 5, .any), ("multipleOf", 6, .double), ("maximum", 7, .double),
                    ("exclusiveMaximum", 8, .boolean), ("minimum", 9, .double), ("exclusiveMinimum", 10, .boolean),
                    ("maxLength", 11, .integer), ("minLength", 12, .integer), ("pattern", 13, .string),
                    ("maxItems", 14, .integer), ("minItems", 15, .integer), ("uniqueItems", 16, .boolean),
                    ("maxProperties", 17, .integer), ("minProperties", 18, .integer), ("required", 19, .strings),
                    ("enum", 20, .anys), ("additionalProperties", 21, .message(.additionalProperties2)),
                    ("type", 22, .message(.type2)), ("items", 23, .message(.items2)),
                    ("allOf", 24, .messages(.schema2)), ("properties", 25, .message(.properties2)),
                    ("example", 30, .any),
                ])
        case .additionalProperties2: .oneOf { $0.boolValue == nil ? (1, .message(.schema2)) : (2, .boolean) }
        case .items2: .wrapper(1, .messages(.schema2))
        case .type2: .wrapper(1, .strings)
        case .properties2: .map(1, .message(.schema2))
        case .securityDefinition2: .wrapper(2, .message(.apiKey2))
        default:
            Self.fields(
                5, [("type", 1, .string), ("name", 2, .string), ("in", 3, .string), ("description", 4, .string)])
        }
    }

    // MARK: v3

    private var schemaDefinition3: Shape {
        switch self {
        case .schemaOrReference:
            .oneOf { Self.isReference($0) ? (2, .message(.reference3)) : (1, .message(.schema3)) }
        case .schema3:
            Self.fields(
                36,
                [
                    ("nullable", 1, .boolean), ("example", 7, .any), ("title", 9, .string),
                    ("multipleOf", 10, .double), ("maximum", 11, .double), ("exclusiveMaximum", 12, .boolean),
                    ("minimum", 13, .double), ("exclusiveMinimum", 14, .boolean), ("maxLength", 15, .integer),
                    ("minLength", 16, .integer), ("pattern", 17, .string), ("maxItems", 18, .integer),
                    ("minItems", 19, .integer), ("uniqueItems", 20, .boolean), ("maxProperties", 21, .integer),
                    ("minProperties", 22, .integer), ("required", 23, .strings), ("enum", 24, .anys),
                    ("type", 25, .string), ("allOf", 26, .messages(.schemaOrReference)),
                    ("oneOf", 27, .messages(.schemaOrReference)), ("anyOf", 28, .messages(.schemaOrReference)),
                    ("not", 29, .message(.schema3)), ("items", 30, .message(.items3)),
                    ("properties", 31, .message(.properties3)),
                    ("additionalProperties", 32, .message(.additionalProperties3)),
                    ("default", 33, .message(.default3)), ("description", 34, .string), ("format", 35, .string),
                ])
        case .reference3: Self.fields(nil, [("$ref", 1, .string), ("description", 3, .string)])
        case .additionalProperties3:
            .oneOf { $0.boolValue == nil ? (1, .message(.schemaOrReference)) : (2, .boolean) }
        case .items3: .wrapper(1, .messages(.schemaOrReference))
        case .properties3: .map(1, .message(.schemaOrReference))
        default:
            // The message knows no objects and lists: those defaults stay empty.
            .oneOf { value in
                switch value {
                case .int, .double: (1, .double)
                case .bool: (2, .boolean)
                case .string: (3, .string)
                default: nil
                }
            }
        }
    }

    private var operationDefinition3: Shape {
        switch self {
        case .pathItem3:
            Self.fields(
                14,
                [
                    ("get", 4, .message(.operation3)), ("put", 5, .message(.operation3)),
                    ("post", 6, .message(.operation3)), ("delete", 7, .message(.operation3)),
                    ("options", 8, .message(.operation3)), ("head", 9, .message(.operation3)),
                    ("patch", 10, .message(.operation3)), ("parameters", 13, .messages(.parameterOrReference)),
                ])
        case .operation3:
            Self.fields(
                13,
                [
                    ("tags", 1, .strings), ("description", 3, .string), ("operationId", 5, .string),
                    ("parameters", 6, .messages(.parameterOrReference)),
                    ("requestBody", 7, .message(.requestBodyOrReference)), ("responses", 8, .message(.responses3)),
                ])
        case .parameterOrReference: .wrapper(1, .message(.parameter3))
        case .parameter3:
            Self.fields(
                14,
                [
                    ("name", 1, .string), ("in", 2, .string), ("description", 3, .string), ("required", 4, .boolean),
                    ("schema", 10, .message(.schemaOrReference)),
                ])
        case .requestBodyOrReference: .wrapper(1, .message(.requestBody3))
        case .requestBody3:
            Self.fields(4, [("content", 2, .message(.mediaTypes3)), ("required", 3, .boolean)])
        case .mediaTypes3: .map(1, .message(.mediaType3))
        case .mediaType3: Self.fields(5, [("schema", 1, .message(.schemaOrReference))])
        case .responses3: .map(2, .message(.responseOrReference))
        case .responseOrReference: .wrapper(1, .message(.response3))
        case .response3: Self.fields(5, [("description", 1, .string), ("content", 3, .message(.mediaTypes3))])
        case .securitySchemeOrReference: .wrapper(1, .message(.securityScheme3))
        default:
            Self.fields(
                9, [("type", 1, .string), ("description", 2, .string), ("name", 3, .string), ("in", 4, .string)])
        }
    }
}
