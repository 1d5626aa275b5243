@testable import APIMachinery
import JSON

/// A schema with every way to take a value apart.
enum MergeSchema {
    static let whole = object(
        "Whole",
        [
            Field("text", .string), Field("number", .int64), Field("labels", Schema(.map(of: .string))),
            field("selector", Schema(.map(of: .string))) { $0.mapType = .atomic },
            field("finalizers", Schema(.array(of: .string))) { $0.listType = .set },
            field("ports", Schema(.array(of: port))) {
                $0.listType = .map
                $0.listMapKeys = ["port", "protocol"]
            },
            Field("arguments", Schema(.array(of: .string))), Field("part", part), Field("choice", choice),
            Field("free", .any), Field("raw", .rawExtension), Field("amount", .quantity),
        ])

    private static let port = object(
        "Port",
        [
            Field("port", .int64), field("protocol", .string) { $0.defaultValue = "TCP" }, Field("name", .string),
            Field("notes", Schema(.map(of: .string))),
        ])

    private static let part = object("Part", [Field("x", .string), Field("y", .boolean), Field("deep", deep)])
    private static let deep = object("Deep", [Field("z", .string), Field("labels", Schema(.map(of: .string)))])
    private static let choice = object("Choice", [Field("a", .string), Field("b", .string)], .atomic)

    private static func object(_ name: String, _ fields: [Field], _ mapType: Schema.MapType = .granular) -> Schema {
        Schema(.object(ObjectShape(name: name, fields: fields, mapType: mapType)), name: name)
    }

    private static func field(
        _ name: String, _ schema: Schema, _ configure: (inout Field.Details) -> Void
    ) -> Field {
        var details = Field.Details()
        configure(&details)
        return Field(name, schema, details: details)
    }
}

/// The one version of `MergeSchema.whole`.
struct WholeVersions: FieldVersions {
    func schema(of apiVersion: String) -> Schema? { apiVersion == "v1" ? MergeSchema.whole : nil }
    func convert(_ document: JSON, from source: String, to target: String) throws -> JSON { document }
}
