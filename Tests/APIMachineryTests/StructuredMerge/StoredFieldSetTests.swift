@testable import APIMachinery
import JSON
import TestSupport
import Testing

/// Stored sets are asked as they stand; the answers are those of the sets once they are read.
@Suite("Stored field sets, at random")
struct StoredFieldSetTests {
    @Test
    func answerAsTheyDoWhenRead() {
        var system = SystemRandomNumberGenerator()
        let seed = system.next()
        var random = SeededGenerator(seed: seed)
        for run in 0..<500 {
            let (left, right) = Self.pair(&random)
            let place: Comment = "seed \(seed), run \(run): \(left.paths) and \(right.paths)"
            let stored = right.fieldsV1
            #expect(left.intersects(fieldsV1: stored) == !left.intersection(right).isEmpty, place)
            #expect(left.isSubset(ofFieldsV1: stored) == left.subtracting(right).isEmpty, place)
            #expect(left.isSuperset(ofFieldsV1: stored) == right.subtracting(left).isEmpty, place)
        }
    }

    @Test
    func entriesAreRenewedAsWhenRead() throws {
        var system = SystemRandomNumberGenerator()
        let seed = system.next()
        var random = SeededGenerator(seed: seed)
        for run in 0..<500 {
            let (fields, written) = Self.pair(&random)
            if fields.isEmpty { continue }
            let removed = Self.set(&random).subtracting(written)
            let taken = Bool.random(using: &random) ? written : written.subtracting(Self.set(&random))
            var (read, stored) = try Self.entries(of: fields)
            read.renew(removing: removed, written: written, adding: taken)
            stored.renew(removing: removed, written: written, adding: taken)
            let place: Comment = "seed \(seed), run \(run)"
            let expected = fields.subtracting(written).subtracting(removed).union(taken)
            #expect(read.fields == expected, place)
            #expect(stored.fields == expected, place)
        }
    }

    /// One entry, as it was made and as it is stored.
    private static func entries(
        of fields: FieldSet
    ) throws -> (read: ManagedFields.Entry, stored: ManagedFields.Entry) {
        let identity = ManagedFields.Identity(manager: "m", operation: .update, apiVersion: "v1", subresource: "")
        var managed = ManagedFields()
        managed[identity] = .init(identity, apiVersion: "v1", fields: fields)
        let stored = try #require(ManagedFields(managed.json, isStored: true))
        return (try #require(managed[identity]), try #require(stored[identity]))
    }

    /// Two sets, of which one is often part of the other.
    private static func pair(_ random: inout SeededGenerator) -> (FieldSet, FieldSet) {
        let left = set(&random)
        let right = set(&random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: return (left, left.union(right))
        case 1: return (left.union(right), left)
        case 2: return (left, left)
        default: return (left, right)
        }
    }

    private static func set(_ random: inout SeededGenerator) -> FieldSet {
        var set = FieldSet()
        // Some have more members than are looked through.
        let isLarge = Int.random(in: 0..<8, using: &random) == 0
        for _ in 0..<Int.random(in: 0..<(isLarge ? 80 : 8), using: &random) {
            let depth = Int.random(in: 1...3, using: &random)
            let path = (0..<depth).map { _ in element(isLarge, &random) }
            set.insert(path[...])
        }
        return set
    }

    private static func element(_ isOfMany: Bool, _ random: inout SeededGenerator) -> PathElement {
        if isOfMany { return .field("field-\(Int.random(in: 0..<60, using: &random))") }
        let elements: [PathElement] = [
            .field("a"), .field("b"), .field("é"), .field("\"a\""), .field("a-rather-long-name-of-a-field"),
            .field("a-rather-long-name-of-a-other"), .value("a"), .key([.init(name: "n", value: 1)]), .index(1),
        ]
        return elements.randomElement(using: &random) ?? .field("a")
    }
}
