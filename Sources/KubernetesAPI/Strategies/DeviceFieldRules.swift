import APIMachinery
import JSON

/// Lists, names and ids as the rules of devices have them.
enum DeviceFieldRules {
    private static let maximumIdentifierLength = 32
    private static let maximumPoolNameLength = 253
    /// Characters of a key that messages show in full: a domain, a slash and a name.
    private static let maximumShownKeyLength = 96
    private static let identifierRule =
        "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric "
        + "characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is "
        + "'[A-Za-z_][A-Za-z0-9_]*')"

    /// The items of a list that may have only so many; none of one that has more, of which that is all that is said.
    static func atMost(_ maximum: Int, _ field: FieldValue, _ errors: inout FieldErrors) -> [FieldValue] {
        let items = field.items
        guard items.count > maximum else { return items }
        errors.add(.tooMany(field.path, count: items.count, maximum: maximum))
        return []
    }

    /// A list in which nothing stands twice.
    static func set(
        atMost maximum: Int, _ field: FieldValue, by key: (FieldValue) -> String, _ errors: inout FieldErrors,
        check: (FieldValue, inout FieldErrors) -> Void
    ) {
        let items = atMost(maximum, field, &errors)
        for item in items { check(item, &errors) }
        var seen = Set<String>()
        for item in items where !seen.insert(key(item)).inserted {
            errors.add(.duplicate(item.path, .string(key(item))))
        }
    }

    /// The entries of a map that may have only so many, with paths that show no more of a key than there is room for.
    static func entries(
        atMost maximum: Int?, _ field: FieldValue, shownKeyLength: Int = maximumShownKeyLength,
        _ errors: inout FieldErrors
    ) -> [(key: String, value: Fields, path: FieldPath)] {
        let entries = field.entries
        if let maximum, entries.count > maximum {
            errors.add(.tooMany(field.path, count: entries.count, maximum: maximum))
            return []
        }
        return entries.map { entry in
            let path = field.path.key(shortened(entry.key, to: shownKeyLength))
            return (entry.key, Fields(entry.field.value?.objectValue ?? [:], at: path), path)
        }
    }

    private static func shortened(_ key: String, to length: Int) -> String {
        guard key.utf8.count > length else { return key }
        let remaining = length - 3
        return String(key.prefix((remaining + 1) / 2)) + "..." + String(key.suffix(remaining / 2))
    }

    /// A name with or without a domain, `dra.example.com/memory`.
    static func qualifiedName(_ name: String, at path: FieldPath, _ errors: inout FieldErrors) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch parts.count {
        case 1: identifier(parts[0], at: path, &errors)
        case 2:
            if parts[0].isEmpty {
                errors.add(.invalid(path, "", "the domain must not be empty"))
            } else {
                driverName(parts[0], at: path, &errors)
            }
            if parts[1].isEmpty {
                errors.add(.invalid(path, "", "the name must not be empty"))
            } else {
                identifier(parts[1], at: path, &errors)
            }
        default: return
        }
    }

    static func fullyQualifiedName(_ field: FieldValue, _ errors: inout FieldErrors) {
        qualifiedName(field.text, at: field.path, &errors)
        if !field.text.contains("/") {
            errors.invalid(field, "a fully qualified name must be a domain and a name separated by a slash")
        }
    }

    private static func driverName(_ name: String, at path: FieldPath, _ errors: inout FieldErrors) {
        let maximum = VolumeSourceRules.maximumDriverNameLength
        if name.utf8.count > maximum { errors.add(.tooLong(path, maximumBytes: maximum)) }
        errors.add(NameRules.problemsOfSubdomain(name.lowercased()), at: path, value: .string(name))
    }

    private static func identifier(_ text: String, at path: FieldPath, _ errors: inout FieldErrors) {
        if text.utf8.count > maximumIdentifierLength {
            errors.add(.tooLong(path, maximumBytes: maximumIdentifierLength))
        }
        let underscore = UInt8(ascii: "_")
        let isWord = text.utf8.allSatisfy { ByteRules.isAlphanumeric($0) || $0 == underscore }
        if !isWord || (text.utf8.first.map(ByteRules.isDigit) ?? true) {
            errors.add(.invalid(path, .string(text), identifierRule))
        }
    }

    static func poolName(_ name: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(name) else { return }
        if name.text.utf8.count > maximumPoolNameLength {
            errors.add(.tooLong(name.path, maximumBytes: maximumPoolNameLength))
        }
        for part in name.text.split(separator: "/", omittingEmptySubsequences: false).map(String.init) {
            errors.add(NameRules.problemsOfSubdomain(part), at: name.path, value: .string(part))
        }
    }

    /// A label that may be missing, of which it is then said that it is none.
    static func label(_ name: FieldValue, _ errors: inout FieldErrors) {
        errors.add(NameRules.problemsOfLabel(name.text), at: name.path, value: .string(name.text))
    }

    /// A UUID in its usual form.
    static func uid(_ field: FieldValue, _ errors: inout FieldErrors) {
        let groups = field.text.split(separator: "-", omittingEmptySubsequences: false)
        let isHexadecimal = groups.joined().utf8.allSatisfy { UInt8(ascii: "0") <= $0 && isHexadecimalDigit($0) }
        switch field.text.utf8.count {
        case 36 where groups.map(\.utf8.count) == [8, 4, 4, 4, 12] && isHexadecimal:
            if field.text.utf8.allSatisfy({ $0 < 0x41 || $0 > 0x5A }) { return }
            fallthrough
        case 32 where groups.count == 1 && isHexadecimal:
            errors.invalid(
                field,
                "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase "
                    + "hexadecimal characters")
        case 32, 36: errors.invalid(field, "error validating uid: invalid UUID format")
        default: errors.invalid(field, "error validating uid: invalid UUID length: \(field.text.utf8.count)")
        }
    }

    private static func isHexadecimalDigit(_ byte: UInt8) -> Bool {
        ByteRules.isDigit(byte) || (0x41...0x46).contains(byte & 0xDF)
    }

    /// A JSON object of a driver's own.
    static func document(_ field: FieldValue, atMost maximumBytes: Int, _ errors: inout FieldErrors) {
        guard let value = field.value else { return errors.required(field) }
        if value.encoded.count > maximumBytes { return errors.add(.tooLong(field.path, maximumBytes: maximumBytes)) }
        guard case .object = value else {
            return errors.add(.invalid(field.path, "<value omitted>", "must be a valid JSON object"))
        }
    }

    /// What must hold before a device is bound, and what may come in between.
    static func bindingConditions(of owner: Fields, _ errors: inout FieldErrors) {
        let maximum = 4
        let (conditions, failures) = (owner["bindingConditions"], owner["bindingFailureConditions"])
        for list in [conditions, failures] {
            for item in atMost(maximum, list, &errors) {
                errors.add(NameRules.problemsOfLabelKey(item.text), at: item)
            }
        }
        let names = Set(conditions.items.map(\.text))
        var seen = Set<String>()
        for item in conditions.items where !seen.insert(item.text).inserted { errors.duplicate(item) }
        seen = []
        for item in failures.items {
            if !seen.insert(item.text).inserted { errors.duplicate(item) }
            if names.contains(item.text) {
                errors.invalid(item, "bindingFailureConditions must not overlap with bindingConditions")
            }
        }
        if conditions.isEmpty, !failures.isEmpty {
            errors.invalid(conditions, "bindingConditions are required to use bindingFailureConditions")
        }
        if failures.isEmpty, !conditions.isEmpty {
            errors.invalid(failures, "bindingFailureConditions are required to use bindingConditions")
        }
    }
}
