package import JSON

/// The `pod-template-hash` of a pod template: the same for equal templates, whatever the order of their members.
///
/// 32-bit FNV-1a over the template and the Deployment's collision count, written in letters and digits that make no
/// words.
package struct TemplateHash: Sendable, Hashable {
    package static let label = "pod-template-hash"

    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

    package let text: String

    package init(of template: JSON, collisionCount: Int64?) {
        var hash = FNV1a()
        hash.combine(PodTemplateComparison.normalized(template))
        if let collisionCount { hash.combine(collisionCount) }
        text = String(String(hash.value).utf8.map { Self.alphabet[Int($0) % Self.alphabet.count] })
    }

    private struct FNV1a {
        var value: UInt32 = 2_166_136_261

        mutating func combine(byte: UInt8) { value = (value ^ UInt32(byte)) &* 16_777_619 }

        mutating func combine(_ text: String) {
            for byte in text.utf8 { combine(byte: byte) }
            combine(byte: 0)
        }

        mutating func combine(_ number: Int64) {
            for shift in stride(from: 0, to: 64, by: 8) { combine(byte: UInt8(truncatingIfNeeded: number >> shift)) }
        }

        // Each kind of value begins with a byte of its own, so that no two documents give the same bytes.
        mutating func combine(_ json: JSON) {
            switch json {
            case .null: combine(byte: 0)
            case .bool(let value): combine(byte: value ? 2 : 1)
            case .int(let value):
                combine(byte: 3)
                combine(value)
            case .double(let value):
                combine(byte: 4)
                combine(Int64(bitPattern: value.bitPattern))
            case .string(let value):
                combine(byte: 5)
                combine(value)
            case .array(let items):
                combine(byte: 6)
                combine(Int64(items.count))
                for item in items { combine(item) }
            case .object(let object):
                combine(byte: 7)
                combine(Int64(object.count))
                for key in object.keys.sorted() {
                    combine(key)
                    combine(object[key] ?? .null)
                }
            }
        }
    }
}

/// Whether two pod templates make the same pods.
package enum PodTemplateComparison {
    /// Equal but for the hash label that the controller itself adds.
    package static func areEqual(_ first: JSON, _ second: JSON) -> Bool { normalized(first) == normalized(second) }

    /// Without the hash label, and without members of the metadata that are empty.
    static func normalized(_ template: JSON) -> JSON {
        var template = template
        var metadata = template["metadata"] ?? .null
        var labels = metadata["labels"] ?? .null
        labels[TemplateHash.label] = nil
        metadata["labels"] = labels.objectValue?.isEmpty ?? true ? nil : labels
        if metadata["creationTimestamp"]?.isNull ?? false { metadata["creationTimestamp"] = nil }
        template["metadata"] = metadata.objectValue?.isEmpty ?? true ? nil : metadata
        return template
    }
}
