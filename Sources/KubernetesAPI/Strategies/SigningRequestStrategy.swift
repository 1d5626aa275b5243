import APIMachinery
import JSON

/// The strategy of certificate signing requests: their spec is fixed, their conditions are set by two subresources.
struct SigningRequestStrategy: ComposedStrategy {
    let base = DefaultStrategy(.cluster) {
        $0.hasStatus = true
        // Kubernetes names no managers of these.
        let all = FieldSet([.field("metadata")], [.field("spec")], [.field("status")])
        for part in ["", "status", "approval"] { $0.unchangeableFields[part] = FieldFilter(excluding: all) }
        $0.nameClass = .pathSegment
        $0.rules = SigningRequestRules.check
        $0.updatePreparation = { request, old in request.take("spec", from: old) }
        $0.statusPreparation = { request, old in
            for type in SigningRequestRules.decisions { keepConditions(of: type, in: &request, from: old) }
        }
        $0.updateSteps = [.metadataCreation, .rules, .updateRules, .metadataUpdate]
        $0.updateRules = SigningRequestRules.keepsConditions
        $0.selectableFields = ["spec.signerName": SelectableField("spec.signerName")]
    }

    func prepareForUpdate(ofSubresource name: String, _ object: inout JSON, from old: JSON) {
        guard name == "approval", case .object(let stored) = old else {
            return base.prepareForUpdate(ofSubresource: name, &object, from: old)
        }
        // An approval says no more than its conditions.
        object.edit { object in
            let conditions = object.object("status")?["conditions"]
            object.take("spec", from: stored)
            object.take("status", from: stored)
            object.editCreating("status") { $0["conditions"] = conditions }
        }
    }

    func validateUpdate(ofSubresource name: String, _ object: JSON, from old: JSON) -> [FieldError] {
        var errors = FieldErrors()
        let (fields, stored) = (Fields(object), Fields(old))
        SigningRequestRules.check(fields, &errors)
        SigningRequestRules.keepsConditions(fields, stored, &errors)
        if name == "status" {
            SigningRequestRules.keepsDecisions(fields, stored, &errors)
            SigningRequestRules.keepsCertificate(fields, stored, &errors)
        }
        return errors.list + base.validateUpdate(ofSubresource: name, object, from: old)
    }

    /// Puts a decision back to what it was, where there are as many of it as before.
    private static func keepConditions(of type: String, in request: inout JSONObject, from old: JSONObject) {
        let before = old.object("status")?.items("conditions").filter { $0["type"]?.stringValue == type } ?? []
        request.edit("status") { status in
            var conditions = status.items("conditions")
            let places = conditions.indices.filter { conditions[$0]["type"]?.stringValue == type }
            guard places.count == before.count, !places.isEmpty else { return }
            for (place, condition) in zip(places, before) { conditions[place] = condition }
            status["conditions"] = .array(conditions)
        }
    }
}
