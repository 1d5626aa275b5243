package import JSON

/// How two documents differ, as messages about forbidden changes tell it: a unified diff of their lines, three lines
/// around each change, without names of files.
package enum DocumentDifference {
    private static let contextLines = 3
    /// Lines that are compared one by one; of more, all that stands between what is the same at both ends has changed.
    private static let maximumComparedLines = 400

    /// A run of lines of both texts: the same in both, or the one in place of the other.
    private struct Run {
        var isSame: Bool
        var old: Range<Int>
        var new: Range<Int>
    }

    /// The difference of two documents, each written with a line a member and a blank a level.
    package static func text(from old: JSON, to new: JSON) -> String { text(from: lines(of: old), to: lines(of: new)) }

    private static func lines(of document: JSON) -> [Substring] {
        String(decoding: document.prettyEncoded, as: UTF8.self).split(separator: "\n").map { line in
            let blanks = line.prefix { $0 == " " }.count
            return line.dropFirst(blanks - blanks / 2)
        }
    }

    private static func text(from old: [Substring], to new: [Substring]) -> String {
        var text = ""
        for hunk in hunks(of: runs(old, new)) {
            guard let first = hunk.first, let last = hunk.last else { continue }
            let (oldLines, newLines) = (
                first.old.lowerBound..<last.old.upperBound, first.new.lowerBound..<last.new.upperBound
            )
            text += "@@ -\(place(oldLines)) +\(place(newLines)) @@\n"
            for run in hunk {
                if run.isSame {
                    for line in old[run.old] { text += " \(line)\n" }
                } else {
                    for line in old[run.old] { text += "-\(line)\n" }
                    for line in new[run.new] { text += "+\(line)\n" }
                }
            }
        }
        return text
    }

    /// Lines as the head of a hunk has them: the first, counted from one, and how many.
    private static func place(_ lines: Range<Int>) -> String {
        switch lines.count {
        case 0: "\(lines.lowerBound),0"
        case 1: "\(lines.lowerBound + 1)"
        default: "\(lines.lowerBound + 1),\(lines.count)"
        }
    }

    /// Changes with the lines around them; two that are near share a hunk.
    private static func hunks(of runs: [Run]) -> [[Run]] {
        var hunks: [[Run]] = []
        var hunk: [Run] = []
        for (index, run) in runs.enumerated() {
            guard run.isSame else {
                hunk.append(run)
                continue
            }
            let (isFirst, isLast) = (index == 0, index == runs.count - 1)
            if !isFirst, !isLast, run.old.count <= 2 * contextLines {
                hunk.append(run)
                continue
            }
            if !isFirst {
                let count = min(run.old.count, contextLines)
                hunk.append(
                    Run(
                        isSame: true, old: run.old.lowerBound..<run.old.lowerBound + count,
                        new: run.new.lowerBound..<run.new.lowerBound + count))
                hunks.append(hunk)
                hunk = []
            }
            if !isLast {
                let count = min(run.old.count, contextLines)
                hunk.append(
                    Run(
                        isSame: true, old: run.old.upperBound - count..<run.old.upperBound,
                        new: run.new.upperBound - count..<run.new.upperBound))
            }
        }
        if !hunk.isEmpty, hunk.contains(where: { !$0.isSame }) { hunks.append(hunk) }
        return hunks
    }

    private static func runs(_ old: [Substring], _ new: [Substring]) -> [Run] {
        let start = zip(old, new).prefix { $0 == $1 }.count
        let rest = min(old.count, new.count) - start
        let end = zip(old.reversed(), new.reversed()).prefix(rest).prefix { $0 == $1 }.count
        let (oldMiddle, newMiddle) = (start..<old.count - end, start..<new.count - end)
        var runs: [Run] = []
        add(Run(isSame: true, old: 0..<start, new: 0..<start), to: &runs)
        if max(oldMiddle.count, newMiddle.count) <= maximumComparedLines {
            compare(old, oldMiddle, new, newMiddle, &runs)
        } else {
            add(Run(isSame: false, old: oldMiddle, new: newMiddle), to: &runs)
        }
        add(
            Run(isSame: true, old: oldMiddle.upperBound..<old.count, new: newMiddle.upperBound..<new.count), to: &runs)
        return runs
    }

    /// Adds a run; one like the last before it prolongs that.
    private static func add(_ run: Run, to runs: inout [Run]) {
        if run.old.isEmpty, run.new.isEmpty { return }
        guard let last = runs.last, last.isSame == run.isSame else { return runs.append(run) }
        runs[runs.count - 1].old = last.old.lowerBound..<run.old.upperBound
        runs[runs.count - 1].new = last.new.lowerBound..<run.new.upperBound
    }

    /// Compares line by line: what is not among the longest common lines has changed.
    private static func compare(
        _ old: [Substring], _ oldLines: Range<Int>, _ new: [Substring], _ newLines: Range<Int>, _ runs: inout [Run]
    ) {
        let difference = new[newLines].difference(from: old[oldLines])
        var (removed, inserted) = (Set<Int>(), Set<Int>())
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(oldLines.lowerBound + offset)
            case .insert(let offset, _, _): inserted.insert(newLines.lowerBound + offset)
            }
        }
        var (i, j) = (oldLines.lowerBound, newLines.lowerBound)
        while i < oldLines.upperBound || j < newLines.upperBound {
            if removed.contains(i) {
                add(Run(isSame: false, old: i..<i + 1, new: j..<j), to: &runs)
                i += 1
            } else if inserted.contains(j) {
                add(Run(isSame: false, old: i..<i, new: j..<j + 1), to: &runs)
                j += 1
            } else {
                add(Run(isSame: true, old: i..<i + 1, new: j..<j + 1), to: &runs)
                (i, j) = (i + 1, j + 1)
            }
        }
    }
}
