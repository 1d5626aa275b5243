import APIMachinery
import JSON

/// What limits of a namespace may look like (`ValidateLimitRange`).
enum LimitRules {
    private static let lists = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"]

    static func check(_ object: Fields, _ errors: inout FieldErrors) {
        var types = Set<String>()
        for limit in object.fields("spec")["limits"].items.map(\.fields) {
            let type = limit["type"]
            errors.add(problemsOfType(type.text), at: type)
            if !types.insert(type.text).inserted { errors.duplicate(type) }
            names(of: limit, &errors)
            if type.text == "PersistentVolumeClaim",
                ["min", "max"].allSatisfy({ limit.fields($0)["storage"].value == nil })
            {
                errors.add(
                    .required(
                        limit.path.child("limits"),
                        "either minimum or maximum storage value is required, but neither was provided"))
            }
            let resources = Set(lists.flatMap { limit[$0].entries.map(\.key) })
            for name in resources.sorted() { Comparison(limit: limit, name: name).check(&errors) }
        }
    }

    private static func problemsOfType(_ type: String) -> [String] {
        let problems = NameRules.problemsOfQualifiedName(type)
        let isKnown = ["Pod", "Container", "PersistentVolumeClaim"].contains(type) || type.contains("/")
        return problems.isEmpty && !isKnown ? ["must be a standard limit type or fully qualified"] : problems
    }

    private static func names(of limit: Fields, _ errors: inout FieldErrors) {
        let isPod = limit["type"].text == "Pod"
        let isOfContainers = isPod || limit["type"].text == "Container"
        for list in lists {
            if isPod, list == "default" || list == "defaultRequest" {
                if !limit[list].isEmpty { errors.forbidden(limit[list], "may not be specified when `type` is 'Pod'") }
                continue
            }
            for entry in limit[list].entries {
                let problems =
                    isOfContainers
                    ? ResourceRules.problemsOfContainerResource(entry.key) : ResourceRules.problemsOfResource(entry.key)
                errors.add(problems, at: entry.field.path, value: .string(entry.key))
            }
        }
    }

    /// The amounts that a limit gives for one resource, against one another.
    private struct Comparison {
        let limit: Fields
        let name: String

        private func amount(_ list: String) -> Quantity? { ResourceRules.quantity(limit[list].value?[name]) }

        private func refuse(_ list: String, _ value: Quantity, _ why: String, _ errors: inout FieldErrors) {
            errors.add(.invalid(limit.path.child(list).key(name), .string(value.description), why))
        }

        func check(_ errors: inout FieldErrors) {
            let (maximum, minimum) = (amount("max"), amount("min"))
            if let minimum, let maximum, maximum < minimum {
                refuse("min", minimum, "min value \(minimum) is greater than max value \(maximum)", &errors)
            }
            if limit["type"].text != "Pod" {
                request(minimum, maximum, &errors)
                defaults(minimum, maximum, &errors)
            }
            ratio(minimum, maximum, &errors)
            if limit["type"].text != "Pod", !ResourceRules.allowsOvercommit(name), let given = amount("default"),
                let request = amount("defaultRequest"), given != request
            {
                let why = "default value \(given) must equal to defaultRequest value \(request) in \(name)"
                refuse("defaultRequest", request, why, &errors)
            }
        }

        private func request(_ minimum: Quantity?, _ maximum: Quantity?, _ errors: inout FieldErrors) {
            guard let request = amount("defaultRequest") else { return }
            if let minimum, request < minimum {
                let why = "min value \(minimum) is greater than default request value \(request)"
                refuse("defaultRequest", request, why, &errors)
            }
            if let maximum, maximum < request {
                let why = "default request value \(request) is greater than max value \(maximum)"
                refuse("defaultRequest", request, why, &errors)
            }
            if let given = amount("default"), given < request {
                let why = "default request value \(request) is greater than default limit value \(given)"
                refuse("defaultRequest", request, why, &errors)
            }
        }

        private func defaults(_ minimum: Quantity?, _ maximum: Quantity?, _ errors: inout FieldErrors) {
            guard let given = amount("default") else { return }
            if let minimum, given < minimum {
                refuse("default", minimum, "min value \(minimum) is greater than default value \(given)", &errors)
            }
            if let maximum, maximum < given {
                refuse("default", maximum, "default value \(given) is greater than max value \(maximum)", &errors)
            }
        }

        private func ratio(_ minimum: Quantity?, _ maximum: Quantity?, _ errors: inout FieldErrors) {
            guard let ratio = amount("maxLimitRequestRatio") else { return }
            if ratio < Quantity(1) {
                refuse("maxLimitRequestRatio", ratio, "ratio \(ratio) is less than 1", &errors)
            }
            guard let minimum, let maximum, minimum.sign > 0 else { return }
            let greatest = maximum.approximateValue / minimum.approximateValue
            if ratio.approximateValue > greatest {
                let why = "ratio \(ratio) is greater than max/min = \(GoNumber.sixPlaces(greatest))"
                refuse("maxLimitRequestRatio", ratio, why, &errors)
            }
        }
    }
}
