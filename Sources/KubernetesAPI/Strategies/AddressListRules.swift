import APIMachinery
import JSON

/// The addresses of a pod and of its host: at most one of each family. Messages show them as Kubernetes' internal type.
enum AddressListRules {
    static func podAddresses(_ list: FieldValue, _ errors: inout FieldErrors) {
        addresses(list, &errors)
        families(list, &errors)
        duplicates(list, &errors)
    }

    /// - Parameter first: what `hostIP` says.
    static func hostAddresses(_ list: FieldValue, first: FieldValue, _ errors: inout FieldErrors) {
        guard let address = list.items.first?.fields["ip"] else { return }
        if address.text != first.text {
            errors.add(["must be equal to `hostIP`"], at: address.path, value: .string(address.text))
        }
        addresses(list, &errors)
        duplicates(list, &errors)
        families(list, &errors)
    }

    private static func addresses(_ list: FieldValue, _ errors: inout FieldErrors) {
        for item in list.items {
            let text = item.fields["ip"].text
            errors.add(IPRules.problemsOfAddress(text), at: item.path, value: .string(text))
        }
    }

    private static func families(_ list: FieldValue, _ errors: inout FieldErrors) {
        let texts = list.items.map { $0.fields["ip"].text }
        guard texts.count > 1 else { return }
        let families = texts.map { IPAddress($0)?.family }
        if let index = families.firstIndex(of: nil) {
            let why = "failed to check for dual stack with error:invalid IP[\(index)]: \(texts[index])"
            errors.add(FieldError(.internal, list.path, detail: why))
        }
        if families.contains(nil) || Set(families).count != 2 || texts.count > 2 {
            errors.add(
                ["may specify no more than one IP for each IP family"], at: list.path,
                value: .array(texts.map { ["IP": .string($0)] }))
        }
    }

    private static func duplicates(_ list: FieldValue, _ errors: inout FieldErrors) {
        var seen = Set<String>()
        for item in list.items {
            let text = item.fields["ip"].text
            if !seen.insert(text).inserted { errors.add(.duplicate(item.path, ["IP": .string(text)])) }
        }
    }
}
