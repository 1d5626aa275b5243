extension RegularExpressionProgram {
    /// Follows all ways through the program at once, a character at a time.
    ///
    /// - Returns: what was found, and in how many steps: instructions looked at.
    func search(_ text: String, maximumSteps: Int) -> (outcome: RegularExpression.Outcome, steps: Int) {
        let count = instructions.count
        // Two sets of places, each a list and where in the list a place is, and the places still to be looked at.
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 4 * count + count + 1) { memory in
            memory.initialize(repeating: 0)
            guard let base = memory.baseAddress else { return (.noMatch, 0) }
            var search = Search(
                program: self, current: PlaceSet(base, count), following: PlaceSet(base + 2 * count, count),
                waiting: base + 4 * count)
            return search.run(text, maximumSteps: maximumSteps)
        }
    }

    /// A set of places in a program, in the order in which they came (Briggs and Torczon's sparse set).
    private struct PlaceSet {
        private let list: UnsafeMutablePointer<Int32>
        private let indices: UnsafeMutablePointer<Int32>
        private(set) var count: Int32 = 0

        init(_ memory: UnsafeMutablePointer<Int32>, _ capacity: Int) {
            list = memory
            indices = memory + capacity
        }

        subscript(index: Int32) -> Int32 { list[Int(index)] }

        /// - Returns: whether the place was not there.
        mutating func insert(_ place: Int32) -> Bool {
            let index = indices[Int(place)]
            if index < count, list[Int(index)] == place { return false }
            list[Int(count)] = place
            indices[Int(place)] = count
            count += 1
            return true
        }

        mutating func removeAll() { count = 0 }
    }

    private struct Search {
        let program: RegularExpressionProgram
        var current: PlaceSet
        var following: PlaceSet
        /// Places to go on from; no more than there are, as each is put there once at most.
        let waiting: UnsafeMutablePointer<Int32>
        var steps = 0

        /// The characters on both sides of where the search stands; `nil` at the ends of the text.
        struct Surroundings {
            var before: UInt32?
            var after: UInt32?

            /// - Parameter assertion: the raw value of a `RegularExpressionTree.Assertion`.
            func satisfy(_ assertion: Int32) -> Bool {
                switch RegularExpressionTree.Assertion(rawValue: assertion) {
                case .beginningOfText: before == nil
                case .endOfText: after == nil
                case .beginningOfLine: before == nil || before == 0x0A
                case .endOfLine: after == nil || after == 0x0A
                case .wordBoundary: Self.isWord(before) != Self.isWord(after)
                case .noWordBoundary: Self.isWord(before) == Self.isWord(after)
                case nil: false
                }
            }

            private static func isWord(_ value: UInt32?) -> Bool {
                guard let value, let scalar = Unicode.Scalar(value) else { return false }
                return scalar == "_" || scalar.isASCIIAlphanumeric
            }
        }

        mutating func run(_ text: String, maximumSteps: Int) -> (RegularExpression.Outcome, Int) {
            var rest = text.unicodeScalars.makeIterator()
            var place = Surroundings(before: nil, after: rest.next()?.value)
            while true {
                if place.before == nil || !program.isAnchored, follow(program.start, at: place) {
                    return (.match, steps)
                }
                guard let character = place.after, following.count > 0 || !program.isAnchored else {
                    return (.noMatch, steps)
                }
                if steps > maximumSteps { return (.tooManySteps, steps) }
                place = Surroundings(before: character, after: rest.next()?.value)
                if consume(character, into: place) { return (.match, steps) }
            }
        }

        /// Goes on from all places that a character fits.
        /// - Returns: whether that ends a match.
        private mutating func consume(_ character: UInt32, into place: Surroundings) -> Bool {
            swap(&current, &following)
            following.removeAll()
            var index: Int32 = 0
            while index < current.count {
                let instruction = program.instructions[Int(current[index])]
                index += 1
                steps += 1
                let fits =
                    switch instruction.operation {
                    case .scalar: UInt32(bitPattern: instruction.argument) == character
                    case .oneOf: program.classes[Int(instruction.argument)].contains(character)
                    default: false
                    }
                if fits, follow(instruction.next, at: place) { return true }
            }
            return false
        }

        /// Puts a place among those that follow, and all that it leads to without a character.
        /// - Returns: whether the end of the program is among them.
        private mutating func follow(_ start: Int32, at place: Surroundings) -> Bool {
            guard following.insert(start) else { return false }
            waiting[0] = start
            var count = 1
            while count > 0 {
                count -= 1
                steps += 1
                let instruction = program.instructions[Int(waiting[count])]
                switch instruction.operation {
                case .match: return true
                case .scalar, .oneOf: continue
                case .assertion:
                    guard place.satisfy(instruction.argument) else { continue }
                case .split:
                    if following.insert(instruction.argument) {
                        waiting[count] = instruction.argument
                        count += 1
                    }
                }
                if following.insert(instruction.next) {
                    waiting[count] = instruction.next
                    count += 1
                }
            }
            return false
        }
    }
}
