import APIMachinery
import JSON

/// What may be projected into the files of one volume.
enum ProjectionRules {
    /// Seconds for which a projected token may be good.
    static let tokenSeconds: ClosedRange<Int64> = 600...(1 << 32)
    private static let kinds = [
        "secret", "configMap", "downwardAPI", "serviceAccountToken", "clusterTrustBundle", "podCertificate",
    ]
    /// Fields of a pod that a file may show.
    private static let downwardPaths = [
        "metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid",
    ]
    private static let keyTypes = ["RSA3072", "RSA4096", "ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519"]
    /// Seconds for which a pod's certificate may be good.
    private static let certificateSeconds: ClosedRange<Int64> = 3600...7_862_400
    private static let kubernetesCertificateSeconds: Int64 = 86400

    /// A `ProjectedVolumeSource`.
    static func check(_ source: Fields, _ errors: inout FieldErrors) {
        VolumeSourceRules.mode(source["defaultMode"], &errors)
        var paths = Set<String>()
        for item in source["sources"].items.map(\.fields) {
            let present = kinds.filter { item[$0].isSet }
            for kind in present { part(item.fields(kind), of: kind, in: source, paths: &paths, &errors) }
            if present.count > 1 {
                errors.add(.forbidden(item.path, "may not specify more than 1 volume type per source"))
            }
        }
    }

    private static func part(
        _ part: Fields, of kind: String, in source: Fields, paths: inout Set<String>, _ errors: inout FieldErrors
    ) {
        switch kind {
        case "secret", "configMap":
            errors.require(part["name"])
            for item in part["items"].items.map(\.fields) {
                VolumeSourceRules.keyPath(item, &errors)
                take(item["path"], shown: part["name"].text, of: source, &paths, &errors)
            }
        case "downwardAPI":
            for item in part["items"].items {
                downwardFile(item, of: part, &errors)
                take(item.fields["path"], shown: nil, of: source, &paths, &errors)
            }
        case "serviceAccountToken": token(part, in: source, &errors)
        case "clusterTrustBundle":
            trustBundle(part, &errors)
            take(part["path"], shown: nil, of: source, &paths, &errors)
        default:
            certificate(part, &errors)
            for name in ["credentialBundlePath", "keyPath", "certificateChainPath"] {
                take(part[name], shown: nil, of: source, &paths, &errors)
            }
        }
    }

    /// No two files of a volume have one path.
    private static func take(
        _ path: FieldValue, shown: String?, of source: Fields, _ paths: inout Set<String>, _ errors: inout FieldErrors
    ) {
        guard !path.isEmpty, !paths.insert(path.text).inserted else { return }
        errors.add(["conflicting duplicate paths"], at: source.path, value: .string(shown ?? path.text))
    }

    /// A file that shows a field of the pod; the paths of its errors are those of the source.
    static func downwardFile(_ item: FieldValue, of source: Fields, _ errors: inout FieldErrors) {
        let file = Fields(item.value?.objectValue ?? [:], at: source.path)
        errors.requireShape(PathRules.problemsOfProjected, file["path"])
        if let reference = file.ifPresent("fieldRef") {
            EnvironmentRules.fieldReference(reference, paths: downwardPaths, &errors)
            if file["resourceFieldRef"].isSet {
                errors.add(
                    ["fieldRef and resourceFieldRef can not be specified simultaneously"], at: source.path,
                    value: "resource")
            }
        } else if let reference = file.ifPresent("resourceFieldRef") {
            EnvironmentRules.resourceReference(reference, needsContainer: true, &errors)
        } else {
            errors.add(.required(source.path, "one of fieldRef and resourceFieldRef is required"))
        }
        VolumeSourceRules.mode(file["mode"], &errors)
    }

    private static func token(_ token: Fields, in source: Fields, _ errors: inout FieldErrors) {
        let seconds = token["expirationSeconds"]
        if let value = seconds.int, value < tokenSeconds.lowerBound {
            errors.invalid(seconds, "may not specify a duration less than 10 minutes")
        } else if let value = seconds.int, value > tokenSeconds.upperBound {
            errors.invalid(seconds, "may not specify a duration larger than 2^32 seconds")
        }
        // The path of these errors is without the token's, as Kubernetes has it.
        if token["path"].isEmpty { return errors.add(.required(source.path.child("path"))) }
        errors.add(
            PathRules.problemsOfProjected(token["path"].text), at: source.path.child("path"),
            value: token["path"].value ?? "")
    }

    private static func trustBundle(_ bundle: Fields, _ errors: inout FieldErrors) {
        let (name, signer) = (bundle["name"], bundle["signerName"])
        switch (name.isSet, signer.isSet) {
        case (true, true):
            errors.add(
                ["only one of name and signerName may be used"], at: bundle.path, value: .object(bundle.members))
        case (true, false):
            errors.require(name, "must be a valid object name")
            if bundle["labelSelector"].isSet {
                errors.invalid(bundle["labelSelector"], "labelSelector must be unset if name is specified")
            }
        case (false, true):
            errors.require(signer, "must be a valid signer name")
            SelectorRules.check(bundle["labelSelector"], &errors)
        case (false, false): errors.add(.required(bundle.path, "either name or signerName must be specified"))
        }
        errors.requireShape(PathRules.problemsOfProjected, bundle["path"])
    }

    private static func certificate(_ certificate: Fields, _ errors: inout FieldErrors) {
        errors.require(certificate["signerName"])
        if !keyTypes.contains(certificate["keyType"].text) {
            errors.add(
                .notSupported(
                    certificate["keyType"].path, .string(certificate["keyType"].text), supported: keyTypes))
        }
        let seconds = certificate["maxExpirationSeconds"]
        let isKubernetes = certificate["signerName"].text.hasPrefix("kubernetes.io/")
        let longest = isKubernetes ? kubernetesCertificateSeconds : certificateSeconds.upperBound
        if let value = seconds.int, value < certificateSeconds.lowerBound {
            errors.invalid(seconds, "if provided, maxExpirationSeconds must be >= \(certificateSeconds.lowerBound)")
        } else if let value = seconds.int, value > longest {
            errors.invalid(seconds, "if provided, maxExpirationSeconds must be <= \(longest)")
        }
        let paths = ["credentialBundlePath", "keyPath", "certificateChainPath"].map { certificate[$0] }
        if paths.allSatisfy(\.isEmpty) {
            errors.add(
                .required(
                    certificate.path,
                    "specify at least one of credentialBundlePath, keyPath, and certificateChainPath"))
        }
        for path in paths { errors.shape(PathRules.problemsOfProjected, path) }
    }
}
