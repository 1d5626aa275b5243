/// A set of characters that Unicode has a name for: a general category, or a script.
enum UnicodeClass {
    case categories(Set<Unicode.GeneralCategory>)
    case ranges([ClosedRange<UInt32>])

    /// - Parameter name: as Unicode has it, without regard to case, blanks, `-` and `_`: `L`, `Letter`, `Old_Italic`.
    init?(named name: String) {
        let key = name.lowercased().filter { $0 != " " && $0 != "-" && $0 != "_" }
        switch key {
        case "any": self = .ranges([0...CharacterClass.last])
        case "ascii": self = .ranges([0...0x7F])
        case "assigned": self = .categories(Set(Self.categories.values.joined()).subtracting([.unassigned]))
        default:
            if let categories = Self.categories[Self.aliases[key] ?? key] {
                self = .categories(Set(categories))
            } else if let ranges = UnicodeScripts.ranges(of: key) {
                self = .ranges(ranges)
            } else {
                return nil
            }
        }
    }

    private static let categories: [String: [Unicode.GeneralCategory]] = [
        "l": letters, "lc": casedLetters, "lu": [.uppercaseLetter], "ll": [.lowercaseLetter], "lt": [.titlecaseLetter],
        "lm": [.modifierLetter], "lo": [.otherLetter],
        "m": marks, "mn": [.nonspacingMark], "mc": [.spacingMark], "me": [.enclosingMark],
        "n": numbers, "nd": [.decimalNumber], "nl": [.letterNumber], "no": [.otherNumber],
        "p": punctuation, "pc": [.connectorPunctuation], "pd": [.dashPunctuation], "ps": [.openPunctuation],
        "pe": [.closePunctuation], "pi": [.initialPunctuation], "pf": [.finalPunctuation], "po": [.otherPunctuation],
        "s": symbols, "sm": [.mathSymbol], "sc": [.currencySymbol], "sk": [.modifierSymbol], "so": [.otherSymbol],
        "z": separators, "zs": [.spaceSeparator], "zl": [.lineSeparator], "zp": [.paragraphSeparator],
        "c": others, "cc": [.control], "cf": [.format], "cs": [.surrogate], "co": [.privateUse], "cn": [.unassigned],
    ]

    private static let casedLetters: [Unicode.GeneralCategory] = [.uppercaseLetter, .lowercaseLetter, .titlecaseLetter]
    private static let letters = casedLetters + [.modifierLetter, .otherLetter]
    private static let marks: [Unicode.GeneralCategory] = [.nonspacingMark, .spacingMark, .enclosingMark]
    private static let numbers: [Unicode.GeneralCategory] = [.decimalNumber, .letterNumber, .otherNumber]
    private static let punctuation: [Unicode.GeneralCategory] = [
        .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
        .finalPunctuation, .otherPunctuation,
    ]
    private static let symbols: [Unicode.GeneralCategory] = [
        .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol,
    ]
    private static let separators: [Unicode.GeneralCategory] = [.spaceSeparator, .lineSeparator, .paragraphSeparator]
    /// Without what is not assigned, as in Go.
    private static let others: [Unicode.GeneralCategory] = [.control, .format, .surrogate, .privateUse]

    private static let aliases = [
        "letter": "l", "casedletter": "lc", "uppercaseletter": "lu", "lowercaseletter": "ll", "titlecaseletter": "lt",
        "modifierletter": "lm", "otherletter": "lo", "mark": "m", "combiningmark": "m", "nonspacingmark": "mn",
        "spacingmark": "mc", "enclosingmark": "me", "number": "n", "decimalnumber": "nd", "digit": "nd",
        "letternumber": "nl", "othernumber": "no", "punctuation": "p", "punct": "p", "connectorpunctuation": "pc",
        "dashpunctuation": "pd", "openpunctuation": "ps", "closepunctuation": "pe", "initialpunctuation": "pi",
        "finalpunctuation": "pf", "otherpunctuation": "po", "symbol": "s", "mathsymbol": "sm", "currencysymbol": "sc",
        "modifiersymbol": "sk", "othersymbol": "so", "separator": "z", "spaceseparator": "zs", "lineseparator": "zl",
        "paragraphseparator": "zp", "other": "c", "control": "cc", "cntrl": "cc", "format": "cf", "surrogate": "cs",
        "privateuse": "co", "unassigned": "cn",
    ]
}
