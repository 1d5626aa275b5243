public import JSON

extension ObjectMetadata {
    /// The letters of generated names: without vowels and what looks alike, so that no word comes out.
    static let nameAlphabet = Array("bcdfghjklmnpqrstvwxz2456789".utf8)
    /// Letters that generation adds to a prefix.
    static let generatedSuffixLength = 5
    /// Bytes of a generated name at most.
    static let maximumGeneratedNameLength = 63

    /// A name made of `metadata.generateName`: the prefix, cut to leave room, and five random letters.
    public static func generateName(
        prefix: String, using generator: inout some RandomNumberGenerator
    ) -> String {
        let kept = prefix.utf8.prefix(maximumGeneratedNameLength - generatedSuffixLength)
        var bytes = Array(kept)
        for _ in 0..<generatedSuffixLength {
            bytes.append(nameAlphabet.randomElement(using: &generator) ?? UInt8(ascii: "x"))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Sets what the server alone decides of a new object's metadata: uid, times, a generated name.
    ///
    /// As `rest.BeforeCreate` has it, before the kind's own `prepareForCreation`. A `resourceVersion` is left for the
    /// caller to refuse.
    /// - Parameters:
    ///   - uid: a new random UUID in lowercase.
    ///   - creationTimestamp: RFC 3339 in UTC, whole seconds.
    public static func prepareForCreation(
        _ object: inout JSON, uid: String, creationTimestamp: String,
        using generator: inout some RandomNumberGenerator
    ) {
        let prefix = ObjectMetadata(object).generateName
        let isNamed = !ObjectMetadata(object).name.isEmpty
        let generated = isNamed || prefix.isEmpty ? nil : generateName(prefix: prefix, using: &generator)
        object.edit { object in
            object.editCreating("metadata") { metadata in
                metadata["deletionTimestamp"] = nil
                metadata["deletionGracePeriodSeconds"] = nil
                metadata["selfLink"] = nil
                metadata["uid"] = .string(uid)
                metadata["creationTimestamp"] = .string(creationTimestamp)
                if let generated { metadata["name"] = .string(generated) }
            }
        }
    }

    /// Sets what an update may leave out of the metadata, or may not change, to what is stored.
    ///
    /// As `rest.BeforeUpdate` has it, before the kind's own `prepareForUpdate` and before validation: the generation and
    /// the creation time are the server's; a uid and deletion fields that are missing are filled in (others are left
    /// for validation to refuse).
    public static func prepareForUpdate(_ object: inout JSON, from old: JSON) {
        let stored = old["metadata"]?.objectValue
        object.edit { object in
            object.editCreating("metadata") { metadata in
                metadata["selfLink"] = nil
                metadata.take("generation", from: stored)
                metadata.take("creationTimestamp", from: stored)
                for key in ["uid", "deletionTimestamp", "deletionGracePeriodSeconds"] where !metadata.has(key) {
                    metadata.take(key, from: stored)
                }
            }
        }
    }
}
