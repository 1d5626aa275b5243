extension JSON {
    /// The document with a merge patch applied (RFC 7396, once 7386).
    ///
    /// Members of the patch replace those of the document, objects are merged, `null` removes.
    public func applying(mergePatch patch: JSON) -> JSON {
        var result = self
        result.apply(mergePatch: patch)
        return result
    }

    /// Applies a merge patch in place.
    ///
    /// Goes as deep as the patch; who takes patches from clients bounds that by `JSONParseOptions.maximumDepth`.
    public mutating func apply(mergePatch patch: JSON) {
        guard case .object(let changes) = patch else {
            self = patch
            return
        }
        var object: JSONObject
        if case .object(let current) = self { object = current } else { object = JSONObject() }
        self = .null  // leaves `object` the only owner, so that it changes in place
        for change in changes.members {
            if change.value.isNull {
                object.removeValue(forKey: change.key)
            } else if let index = object.index(of: change.key) {
                object.update(at: index) { $0.apply(mergePatch: change.value) }
            } else {
                var value = JSON.null
                value.apply(mergePatch: change.value)
                object.append(uniqueKey: change.key, value)
            }
        }
        self = .object(object)
    }

    /// The merge patch that makes `other` of this document; an empty object where they are equal.
    ///
    /// A `null` within `other` cannot be expressed by a merge patch, and is lost where it is new.
    public func mergePatch(to other: JSON) -> JSON {
        guard case .object(let old) = self, case .object(let new) = other else {
            return self == other && other.objectValue != nil ? [:] : other
        }
        var patch = JSONObject()
        for member in old.members where new.index(of: member.key) == nil {
            patch.append(uniqueKey: member.key, .null)
        }
        for member in new.members {
            guard let before = old[member.key] else {
                patch.append(uniqueKey: member.key, member.value)
                continue
            }
            if before == member.value { continue }
            patch.append(uniqueKey: member.key, before.mergePatch(to: member.value))
        }
        return .object(patch)
    }
}
