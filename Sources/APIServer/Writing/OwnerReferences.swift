import JSON

/// An object names an owner once: repetitions are dropped, with a warning.
enum OwnerReferences {
    /// - Returns: the text of the warning where something was dropped.
    static func deduplicate(in document: inout JSON, afterAdmission: Bool) -> String? {
        guard let references = document["metadata"]?["ownerReferences"]?.arrayValue, references.count > 1 else {
            return nil
        }
        var kept: [JSON] = []
        var repeated: [String] = []
        for reference in references {
            if kept.contains(reference) {
                repeated.append(reference["uid"]?.stringValue ?? "")
            } else {
                kept.append(reference)
            }
        }
        guard !repeated.isEmpty else { return nil }
        document.updateMetadata { $0[.ownerReferences] = .array(kept) }
        let moment = afterAdmission ? " after mutating admission happens" : ""
        return ".metadata.ownerReferences contains duplicate entries\(moment); API server dedups owner references in "
            + "1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) "
            + "observed: " + repeated.joined(separator: ",")
    }
}
