public import JSON

extension Schema {
    /// All that keeps a configuration from being taken apart by its type: wrong kinds of values, fields that are not
    /// declared, repeated items of sets and keyed lists. Members are looked at in the order of the document.
    public func problems(ofApplied document: JSON) -> [TypedValueError] {
        var validation = TypedValidation()
        validation.check(document, TypeReference(self))
        return validation.problems
    }
}

/// The walk of a validation. Paths are made on the way out, where there is something to report.
private struct TypedValidation {
    var problems: [TypedValueError] = []

    mutating func check(_ value: JSON, _ type: TypeReference) {
        switch type.atom(for: value) {
        case .scalar(let scalar): check(value, scalar)
        case .map(let map):
            switch value {
            case .object(let object): check(object, map)
            case .null: break
            default: problems.append(TypedValueError("expected map, got &{\(value.goValue)}"))
            }
        case .list(let items, let list):
            switch value {
            case .array(let array): check(array, items, list)
            case .null: break
            default: problems.append(TypedValueError("expected list, got &{\(value.goValue)}"))
            }
        }
    }

    private mutating func check(_ value: JSON, _ scalar: TypeReference.Scalar) {
        switch (scalar, value) {
        case (_, .null), (.string, .string), (.number, .int), (.number, .double), (.boolean, .bool): return
        case (.any, .string), (.any, .int), (.any, .double), (.any, .bool): return
        case (.string, _):
            problems.append(
                TypedValueError("expected string, got &value.valueUnstructured{Value:\(value.goSyntax)}"))
        case (.number, _):
            problems.append(TypedValueError("expected numeric (int or float), got \(value.goDynamicTypeName)"))
        case (.boolean, _): problems.append(TypedValueError("expected boolean, got &{\(value.goValue)}"))
        case (.any, _): problems.append(TypedValueError("expected any scalar, got &{\(value.goValue)}"))
        }
    }

    private mutating func check(_ object: JSONObject, _ map: TypeReference.Map) {
        for member in object.members {
            let start = problems.count
            guard let type = map.type(of: member.key) else {
                problems.append(TypedValueError("field not declared in schema"))
                place(.field(member.key), from: start)
                return
            }
            check(member.value, type)
            place(.field(member.key), from: start)
        }
    }

    private mutating func check(_ array: [JSON], _ items: TypeReference, _ list: TypeReference.List) {
        var seen = FieldSet()
        for (index, item) in array.enumerated() {
            let element: PathElement
            if case .atomic = list {
                element = .index(Int64(index))
            } else {
                do {
                    element = try TypeReference.element(of: item, in: list, of: items)
                } catch {
                    problems.append(TypedValueError("element \(index): \(error.message)"))
                    return
                }
                if seen.contains([element]) {
                    problems.append(TypedValueError("duplicate entries for key \(element)"))
                }
                seen.insert([element])
            }
            let start = problems.count
            check(item, items)
            place(element, from: start)
        }
    }

    private mutating func place(_ element: PathElement, from start: Int) {
        for index in problems.indices[start...] { problems[index].path.insert(element, at: 0) }
    }
}

extension JSON {
    /// As Go's `%v` writes a value read from JSON.
    fileprivate var goValue: String {
        switch self {
        case .null: "<nil>"
        case .string(let text): text
        case .array(let items): "[" + items.map(\.goValue).joined(separator: " ") + "]"
        case .object(let object):
            "map["
                + object.members.sorted { $0.key.compareBytes(to: $1.key) < 0 }
                .map { $0.key + ":" + $0.value.goValue }.joined(separator: " ") + "]"
        case .bool, .int, .double: description
        }
    }

    /// As Go's `%#v` writes a value read from JSON.
    fileprivate var goSyntax: String {
        switch self {
        case .null: "interface {}(nil)"
        case .string(let text): FieldError.quoted(text)
        case .array(let items): "[]interface {}{" + items.map(\.goSyntax).joined(separator: ", ") + "}"
        case .object(let object):
            "map[string]interface {}{"
                + object.members.sorted { $0.key.compareBytes(to: $1.key) < 0 }
                .map { FieldError.quoted($0.key) + ":" + $0.value.goSyntax }.joined(separator: ", ") + "}"
        case .bool, .int, .double: description
        }
    }
}
