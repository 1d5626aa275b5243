public import JSON

/// A strategy that leaves to another one what it does not do itself.
public protocol ComposedStrategy: ResourceStrategy {
    var base: DefaultStrategy { get }
}

extension ComposedStrategy {
    public func applyDefaults(to object: inout JSON) { base.applyDefaults(to: &object) }
    public func prepareForCreation(_ object: inout JSON) { base.prepareForCreation(&object) }
    public func prepareForUpdate(_ object: inout JSON, from old: JSON) { base.prepareForUpdate(&object, from: old) }
    public func validateCreation(_ object: JSON) -> [FieldError] { base.validateCreation(object) }
    public func validateUpdate(_ object: JSON, from old: JSON) -> [FieldError] {
        base.validateUpdate(object, from: old)
    }
    public func prepareForUpdate(ofSubresource name: String, _ object: inout JSON, from old: JSON) {
        base.prepareForUpdate(ofSubresource: name, &object, from: old)
    }
    public func validateUpdate(ofSubresource name: String, _ object: JSON, from old: JSON) -> [FieldError] {
        base.validateUpdate(ofSubresource: name, object, from: old)
    }
    public func warnings(for object: JSON, replacing old: JSON?) -> [String] {
        base.warnings(for: object, replacing: old)
    }
    public func canonicalize(_ object: inout JSON) { base.canonicalize(&object) }
    public func selectableFields(of object: JSON) -> [String: String] { base.selectableFields(of: object) }
    public func gracePeriodSeconds(deleting object: JSON, requested: Int64?) -> Int64? {
        base.gracePeriodSeconds(deleting: object, requested: requested)
    }
    public func unchangeableFields(for subresource: String?) -> FieldFilter? {
        base.unchangeableFields(for: subresource)
    }
    public func problemsOfName(_ name: String, isPrefix: Bool) -> [String] {
        base.problemsOfName(name, isPrefix: isPrefix)
    }
    public var allowsCreationOnUpdate: Bool { base.allowsCreationOnUpdate }
    public var allowsUnconditionalUpdate: Bool { base.allowsUnconditionalUpdate }
    public var defaultPropagationPolicy: String { base.defaultPropagationPolicy }
}
