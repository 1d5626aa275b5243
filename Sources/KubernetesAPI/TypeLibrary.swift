public import APIMachinery
package import JSON
import Synchronization

/// The types of the Kubernetes API by name, read one by one from `openapi/types.jsonl` as they are used.
public final class TypeLibrary: Sendable {
    /// The types that the program carries. They are constants, so every cluster in a process may share them.
    public static let builtIn = TypeLibrary(.types)

    private let data: OpenAPIData
    private let schemas = Mutex<[String: Schema]>([:])
    private let kinds = Mutex<[GroupVersionKind: String]?>(nil)

    private init(_ data: OpenAPIData) { self.data = data }

    /// A type by its name in OpenAPI: `io.k8s.api.core.v1.Pod`.
    public func schema(named name: String) -> Schema? {
        if let schema = schemas.withLock({ $0[name] }) { return schema }
        guard data.line(where: "name", is: name) != nil else { return nil }
        return shared(name) { Schema(name: name) { [self] in read(name) } }
    }

    /// The type of a kind: of a resource's objects and lists, of `Status` and the documents of discovery, of options.
    public func schema(of kind: GroupVersionKind) -> Schema? {
        let name = kinds.withLock { kinds -> String? in
            if let kinds { return kinds[kind] }
            let all = namesByKind
            kinds = all
            return all[kind]
        }
        return name.flatMap(schema(named:))
    }

    private var namesByKind: [GroupVersionKind: String] {
        var names: [GroupVersionKind: String] = [:]
        for facts in data.documents {
            guard let name = facts["name"]?.stringValue else { continue }
            for kind in facts["kinds"]?.arrayValue ?? [] {
                let parts = (kind.arrayValue ?? []).compactMap(\.stringValue)
                guard parts.count == 3 else { continue }
                names[GroupVersionKind(group: parts[0], version: parts[1], kind: parts[2])] = name
            }
        }
        return names
    }

    /// The names of all types, sorted.
    public var names: [String] {
        data.bytes.split(separator: UInt8(ascii: "\n")).map { line in
            String(decoding: line.dropFirst(9).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        }
    }

    /// The line of `openapi/types.jsonl` that describes a type, with what schemas do not hold.
    package func facts(of name: String) -> JSON? {
        data.line(where: "name", is: name).map(OpenAPIData.parse)
    }

    /// The kinds that a type stands for (`x-kubernetes-group-version-kind`); several where groups share one.
    public func kinds(of name: String) -> [GroupVersionKind] {
        (facts(of: name)?["kinds"]?.arrayValue ?? []).compactMap { row in
            guard let group = row[0]?.stringValue, let version = row[1]?.stringValue, let kind = row[2]?.stringValue
            else { return nil }
            return GroupVersionKind(group: group, version: version, kind: kind)
        }
    }

    /// Two that come first make one schema.
    private func shared(_ key: String, _ make: () -> Schema) -> Schema {
        schemas.withLock { schemas in
            if let schema = schemas[key] { return schema }
            let schema = make()
            schemas[key] = schema
            return schema
        }
    }

    private func read(_ name: String) -> Schema.Form {
        guard let facts = facts(of: name) else { fatalError("openapi: no type \(name)") }
        if let scalar = facts["scalar"]?.stringValue { return schema(of: scalar).form }
        if let alternative = facts["variant"]?.stringValue {
            return .schema(schema(of: Self.jsonSchemaProps), or: Self.alternative(alternative))
        }
        if let alias = facts["alias"]?.stringValue { return schema(of: alias).form }
        return .object(ObjectShape(name: name, facts: facts, library: self))
    }

    private static let jsonSchemaProps = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps"

    private static func alternative(_ text: String) -> Schema.Alternative {
        switch text {
        case "array": .schemas
        case "boolean": .boolean
        default: .strings
        }
    }

    /// The schema that an expression of `openapi/` stands for: `string`, `[]TYPE`, `{}TYPE`, a type's name.
    func schema(of expression: String) -> Schema {
        switch expression {
        case "string": .string
        case "int32": .int32
        case "int64": .int64
        case "double": .number
        case "boolean": .boolean
        case "bytes": .bytes
        case "quantity": .quantity
        case "time": .time
        case "microtime": .microTime
        case "duration": .duration
        case "intOrString": .intOrString
        case "json": .any
        case "rawExtension": .rawExtension
        case "fieldsV1": .fieldsV1
        default: compound(expression)
        }
    }

    private func compound(_ expression: String) -> Schema {
        let items = String(expression.dropFirst(2))
        if expression.hasPrefix("[]") {
            let schema = schema(of: items)
            return shared(expression) { Schema(.array(of: schema)) }
        }
        if expression.hasPrefix("{}") {
            let schema = schema(of: items)
            return shared(expression) { Schema(.map(of: schema)) }
        }
        guard let schema = schema(named: expression) else { fatalError("openapi: no type \(expression)") }
        return schema
    }
}

extension ObjectShape {
    fileprivate convenience init(name: String, facts: JSON, library: TypeLibrary) {
        var fields: [Field] = []
        var extras: [WireShape.Extra] = []
        for row in facts["fields"]?.arrayValue ?? [] {
            if let expression = row["is"]?.stringValue {
                fields.append(Field(row, schema: library.schema(of: expression)))
            } else {
                extras.append(WireShape.Extra(row))
            }
        }
        self.init(
            name: name, fields: fields,
            mapType: facts["map"]?.stringValue.flatMap(Schema.MapType.init(rawValue:)) ?? .granular,
            unions: (facts["unions"]?.arrayValue ?? []).map(Union.init),
            wire: WireShape(
                isAvailable: facts["noWire"] == nil, extras: extras, alias: facts["alias"]?.stringValue))
    }
}

extension ObjectShape.Union {
    fileprivate init(_ facts: JSON) {
        var members: [String: String] = [:]
        for member in facts["fields-to-discriminateBy"]?.objectValue ?? [:] {
            members[member.key] = member.value.stringValue
        }
        self.init(discriminator: facts["discriminator"]?.stringValue, members: members)
    }
}

extension WireShape.Extra {
    fileprivate init(_ row: JSON) {
        self.init(
            name: row["name"]?.stringValue ?? "", number: Int(row["number"]?.intValue ?? 0),
            type: row["wire"]?.stringValue ?? "", isRepeated: row["repeated"] != nil, isInline: row["inline"] != nil)
    }
}

extension Field {
    fileprivate convenience init(_ row: JSON, schema: Schema) {
        let omission: Omission =
            switch row["write"]?.stringValue {
            case "always": .never
            case "nonzero": .whenZero
            default: .whenEmpty
            }
        self.init(
            row["name"]?.stringValue ?? "", schema, omission: omission, isPointer: row["pointer"] != nil,
            details: Details(row))
    }
}

extension Field.Details {
    fileprivate init(_ row: JSON) {
        self.init()
        isRequired = row["required"] != nil
        defaultValue = row["default"]
        enumeration = row.strings("enum")
        knownValues = row.strings("known")
        itemEnumeration = row.strings("itemEnum")
        listType = row["list"]?.stringValue.flatMap(Field.ListType.init(rawValue:))
        listMapKeys = row.strings("keys")
        mapType = row["map"]?.stringValue.flatMap(Schema.MapType.init(rawValue:))
        for word in (row["patch"]?.stringValue ?? "").split(separator: ",") {
            switch word {
            case "merge": patchStrategy.insert(.merge)
            case "retainKeys": patchStrategy.insert(.retainKeys)
            default: patchStrategy.insert(.replace)
            }
        }
        patchMergeKey = row["patchKey"]?.stringValue
        gates = row.strings("gates")
        isDisabled = row["off"] != nil
        oneOf = row["oneOf"]?.stringValue
        isDiscriminator = row["discriminator"] != nil
        rules = row.strings("rules")
        goType = row["goType"]?.stringValue
        if let number = row["number"]?.intValue {
            wire = Field.Wire(
                number: Int(number), name: row["wireName"]?.stringValue, type: row["wire"]?.stringValue,
                via: row["via"]?.stringValue, wrapper: row["wireWrap"]?.stringValue)
        }
    }
}

extension JSON {
    /// The strings of a list member; none where there is no such list.
    func strings(_ name: String) -> [String] { (self[name]?.arrayValue ?? []).compactMap(\.stringValue) }
}
