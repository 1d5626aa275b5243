/// Which scalars differ in case alone (simple case folding, Unicode's `CaseFolding.txt`).
enum CaseFolding {
    /// The blocks in which there are scalars that fold.
    private static let cased: [ClosedRange<UInt32>] = [
        0x41...0x587, 0x10A0...0x10FF, 0x13A0...0x13FD, 0x1C80...0x1CBF, 0x1D79...0x1D8E, 0x1E00...0x1FFC,
        0x2126...0x2188, 0x24B6...0x24E9, 0x2C00...0x2D2D, 0xA640...0xA7F6, 0xAB53...0xABBF, 0xFF21...0xFF5A,
        0x10400...0x105BC, 0x10C80...0x10CF2, 0x118A0...0x118DF, 0x16E40...0x16E7F, 0x1E900...0x1E943,
    ]

    /// A letter whose capital is another's: it folds with neither.
    private static let dotlessI: UInt32 = 0x131

    private struct Table: Sendable {
        /// Those that fold, in order.
        var values: [UInt32] = []
        var groups: [UInt32: [UInt32]] = [:]
    }

    private static let table: Table = {
        var members: [UInt32: [UInt32]] = [:]
        for block in cased {
            for value in block where value != dotlessI { members[representative(of: value), default: []].append(value) }
        }
        var table = Table()
        for group in members.values where group.count > 1 {
            for value in group { table.groups[value] = group.filter { $0 != value } }
        }
        table.values = table.groups.keys.sorted()
        return table
    }()

    /// The small letter of a scalar's capital; the same for all that fold with it.
    private static func representative(of value: UInt32) -> UInt32 {
        guard let scalar = Unicode.Scalar(value) else { return value }
        let capital = single(scalar.properties.uppercaseMapping) ?? scalar
        return (single(capital.properties.lowercaseMapping) ?? capital).value
    }

    private static func single(_ mapping: String) -> Unicode.Scalar? {
        let scalars = mapping.unicodeScalars
        guard let first = scalars.first, scalars.count == 1 else { return nil }
        return first
    }

    /// The other scalars that a scalar folds with.
    static func others(of value: UInt32) -> [UInt32] { table.groups[value] ?? [] }

    /// Ranges, and what their scalars fold with. The ranges are apart from one another.
    static func folded(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
        var folded = ranges
        let values = table.values
        for range in ranges {
            var (low, high) = (0, values.count)
            while low < high {
                let middle = (low + high) / 2
                if values[middle] < range.lowerBound { low = middle + 1 } else { high = middle }
            }
            for value in values[low...].prefix(while: { $0 <= range.upperBound }) {
                for other in others(of: value) where !range.contains(other) { folded.append(other...other) }
            }
        }
        return folded
    }
}
