import APIMachinery
import JSON

/// What the objects of cluster addresses and their ranges may look like.
enum AddressRules {
    /// An `IPAddress`, whose name is the address.
    static func address(_ object: Fields, _ errors: inout FieldErrors) {
        let name = object.fields("metadata")["name"]
        let prefix = object.fields("metadata")["generateName"]
        for name in [prefix, name] where !name.isEmpty {
            errors.add(IPRules.problemsOfCanonicalAddress(name.text), at: name)
        }
        guard let parent = object.fields("spec").ifPresent("parentRef") else {
            return errors.add(.required(object.path.child("spec", "parentRef")))
        }
        errors.shape(NameRules.problemsOfSubdomain, parent["group"])
        errors.requireShape({ NameRules.problemsOfPathSegment($0) }, parent["resource"])
        errors.requireShape({ NameRules.problemsOfPathSegment($0) }, parent["name"])
        errors.shape({ NameRules.problemsOfPathSegment($0) }, parent["namespace"])
    }

    static func keepsParent(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object.fields("spec")["parentRef"], old.fields("spec")["parentRef"])
    }

    /// A `ServiceCIDR`.
    static func range(_ object: Fields, _ errors: inout FieldErrors) {
        let blocks = object.fields("spec")["cidrs"]
        guard errors.require(blocks, "at least one CIDR required") else { return }
        if blocks.items.count > 2 {
            return errors.add(
                ["may only hold up to 2 values"], at: blocks.path, value: ["CIDRs": blocks.value ?? .null])
        }
        for block in blocks.items { errors.add(IPRules.problemsOfCanonicalBlock(block.text), at: block) }
        let families = blocks.items.compactMap {
            IPAddressBlock($0.text, leadingZeros: .ignored)?.address.unmapped.family
        }
        if families.count == 2, families[0] == families[1] {
            errors.invalid(
                blocks,
                "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64")
        }
    }

    /// Ranges stay; a second one may come.
    static func keepsRange(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (blocks, before) = (object.fields("spec")["cidrs"], old.fields("spec")["cidrs"])
        let (count, stored) = (blocks.items.count, before.items.count)
        guard count == stored || (stored, count) == (1, 2) else { return errors.invalid(blocks, "field is immutable") }
        for (block, stored) in zip(blocks.items, before.items) { errors.immutable(block, stored) }
        if count > stored { range(object, &errors) }
    }
}
