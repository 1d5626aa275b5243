public import JSON

extension Schema {
    /// Sets what a document leaves out and the type has a default for, in the object and in all within it.
    ///
    /// Only defaults that differ from the zero value do anything: those of zero are written by `canonicalize`. The
    /// document is to be canonical; a member that is added goes to its place in the order.
    public func applyDefaults(to value: inout JSON) {
        switch (form, value) {
        case (.object(let shape), .object(let object)):
            value = .null  // leaves `object` the only owner, so that it changes in place
            value = .object(shape.withDefaults(object))
        case (.array(let items), .array(var array)) where items.mayHaveDefaults:
            value = .null
            for index in array.indices { items.applyDefaults(to: &array[index]) }
            value = .array(array)
        case (.map(let values), .object(var object)) where values.mayHaveDefaults:
            value = .null
            for index in object.members.indices { object.update(at: index) { values.applyDefaults(to: &$0) } }
            value = .object(object)
        default: break
        }
    }

    /// Drops the fields whose feature is off by default, unless an older object that is replaced uses them already
    /// (`dropDisabledFields` of each kind's strategy).
    public func dropDisabledFields(of value: inout JSON, unlessIn old: JSON?) {
        switch (form, value) {
        case (.object(let shape), .object(var object)):
            value = .null
            for field in shape.fields {
                guard let index = object.index(of: field.name) else { continue }
                if field.details.isDisabled, old?[field.name] == nil {
                    object.removeValue(forKey: field.name)
                } else if !field.schema.isScalar {
                    object.update(at: index) { field.schema.dropDisabledFields(of: &$0, unlessIn: old?[field.name]) }
                }
            }
            value = .object(object)
        case (.array(let items), .array(var array)) where !items.isScalar:
            value = .null
            for index in array.indices { items.dropDisabledFields(of: &array[index], unlessIn: old?[index]) }
            value = .array(array)
        default: break
        }
    }

    private var mayHaveDefaults: Bool { !isScalar }

    /// Whether a value surely holds no object with declared fields.
    private var isScalar: Bool {
        guard let form = formIfKnown else { return false }
        switch form {
        case .array(let items), .map(let items): return items.isScalar
        case .object, .schema: return false
        default: return true
        }
    }
}

extension ObjectShape {
    fileprivate func withDefaults(_ object: JSONObject) -> JSONObject {
        var object = object
        for (ordinal, field) in fields.enumerated() {
            if let index = object.index(of: field.name) {
                object.update(at: index) { field.schema.applyDefaults(to: &$0) }
            } else if let value = field.defaultToSet {
                object = inserting(.init(key: field.name, value: value), at: ordinal, into: object)
            }
        }
        return object
    }

    private func inserting(_ member: JSONObject.Member, at place: Int, into object: JSONObject) -> JSONObject {
        var members = object.members
        let index = members.firstIndex { (ordinal(of: $0.key) ?? .max) > place } ?? members.endIndex
        members.insert(member, at: index)
        return JSONObject(uniqueMembers: members)
    }
}

extension Field {
    /// The default, where it says more than the zero value.
    fileprivate var defaultToSet: JSON? {
        switch details.defaultValue {
        case nil, .null?, .string("")?, .int(0)?, .bool(false)?: nil
        case .object(let object)? where object.isEmpty: nil
        case .array(let items)? where items.isEmpty: nil
        case let value?: value
        }
    }
}
