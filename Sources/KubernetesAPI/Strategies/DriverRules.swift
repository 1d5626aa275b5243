import APIMachinery
import JSON

/// What CSI drivers and what they report may look like (`pkg/apis/storage/validation`).
enum DriverRules {
    private static let maximumNodeIDLength = 256
    private static let maximumParameters = 512
    private static let maximumParametersBytes = 256 * 1024
    private static let maximumAttachmentBytes = 256 * 1024
    private static let maximumErrorLength = 1024
    private static let minimumUpdateSeconds: Int64 = 10

    static func driver(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        // One of the paths is spelt in its own way in Kubernetes.
        if !spec["attachRequired"].isSet { errors.add(.required(spec.path.child("attachedRequired"))) }
        errors.requireSet(spec["podInfoOnMount"])
        errors.requireSet(spec["storageCapacity"])
        if spec["fsGroupPolicy"].isSet {
            errors.oneOf(["File", "None", "ReadWriteOnceWithFSType"], spec["fsGroupPolicy"])
        }
        tokens(spec, &errors)
        let modes = ["Persistent", "Ephemeral"]
        for mode in spec["volumeLifecycleModes"].items where !modes.contains(mode.text) {
            errors.add(.notSupported(spec["volumeLifecycleModes"].path, mode.value ?? "", supported: modes))
        }
        errors.requireSet(spec["seLinuxMount"])
        let period = spec["nodeAllocatableUpdatePeriodSeconds"]
        if let seconds = period.int, seconds < minimumUpdateSeconds {
            errors.invalid(period, "must be greater than or equal to \(minimumUpdateSeconds) seconds")
        }
    }

    private static func tokens(_ spec: Fields, _ errors: inout FieldErrors) {
        var audiences = Set<String>()
        for request in spec["tokenRequests"].items.map(\.fields) {
            let (audience, seconds) = (request["audience"], request["expirationSeconds"])
            guard audiences.insert(audience.text).inserted else {
                errors.add(.duplicate(audience.path, .string(audience.text)))
                continue
            }
            guard let value = seconds.int else { continue }
            if value < ProjectionRules.tokenSeconds.lowerBound {
                errors.invalid(seconds, "may not specify a duration less than 10 minutes")
            } else if value > ProjectionRules.tokenSeconds.upperBound {
                errors.invalid(seconds, "may not specify a duration larger than 2^32 seconds")
            }
        }
        if spec["serviceAccountTokenInSecrets"].isSet, audiences.isEmpty {
            errors.invalid(spec["serviceAccountTokenInSecrets"], "serviceAccountTokenInSecrets requires tokenRequests")
        }
    }

    static func keepsDriver(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let (spec, stored) = (object.fields("spec"), old.fields("spec"))
        if spec["attachRequired"].value != stored["attachRequired"].value {
            errors.add(
                ["field is immutable"], at: spec.path.child("attachedRequired"),
                value: spec["attachRequired"].value ?? .null)
        }
        errors.immutable(spec["volumeLifecycleModes"], stored["volumeLifecycleModes"])
    }

    static func node(_ object: Fields, _ errors: inout FieldErrors) {
        var names = Set<String>()
        for driver in object.fields("spec")["drivers"].items {
            let fields = driver.fields
            VolumeSourceRules.driverName(fields["name"], &errors)
            let id = fields["nodeID"]
            if errors.require(id), id.text.utf8.count > maximumNodeIDLength {
                errors.invalid(id, "must be \(maximumNodeIDLength) characters or less")
            }
            errors.nonNegative(fields.fields("allocatable")["count"])
            if !names.insert(fields["name"].text).inserted { errors.duplicate(fields["name"]) }
            topologyKeys(of: driver, &errors)
        }
    }

    private static func topologyKeys(of driver: FieldValue, _ errors: inout FieldErrors) {
        var keys = Set<String>()
        for key in driver.fields["topologyKeys"].items.map(\.text) {
            if key.isEmpty { errors.required(driver) }
            if !keys.insert(key).inserted { errors.add(.duplicate(driver.path, .string(key))) }
            errors.add(NameRules.problemsOfQualifiedName(key), at: driver.path, value: .string(key))
        }
    }

    /// What a driver says of itself stays, but for how many volumes it takes.
    static func keepsNode(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let drivers = object.fields("spec")["drivers"]
        for before in old.fields("spec")["drivers"].items {
            let now = drivers.items.first { $0.fields["name"].text == before.fields["name"].text }
            guard var new = now?.value, var stored = before.value else { continue }
            new["allocatable"] = nil
            stored["allocatable"] = nil
            if new != stored {
                errors.add(["field is immutable"], at: drivers.path, value: shown(Fields(new)))
            }
        }
    }

    /// A driver as messages show it: by the names of Kubernetes' internal fields, without how many volumes it takes.
    private static func shown(_ driver: Fields) -> JSON {
        [
            "Name": .string(driver["name"].text), "NodeID": .string(driver["nodeID"].text),
            "TopologyKeys": driver["topologyKeys"].value ?? .null, "Allocatable": .null,
        ]
    }

    /// Of a new capacity everything is said twice, as Kubernetes says it.
    static func newCapacity(_ object: Fields, _ errors: inout FieldErrors) {
        MetadataRules.checkCreation(object, isNamespaced: true, restrictsFinalizers: true, into: &errors) {
            NameClass.subdomain.problems(of: $0, isPrefix: $1)
        }
        capacity(object, &errors)
    }

    static func capacity(_ object: Fields, _ errors: inout FieldErrors) {
        SelectorRules.check(object["nodeTopology"], &errors)
        errors.add(NameRules.problemsOfSubdomain(object["storageClassName"].text), at: object["storageClassName"])
        if let amount = ResourceRules.quantity(object["capacity"].value), amount.sign < 0 {
            errors.invalidText(object["capacity"], "must be greater than or equal to 0")
        }
    }

    static func keepsCapacity(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        errors.immutable(object["nodeTopology"], old["nodeTopology"])
        errors.immutable(object["storageClassName"], old["storageClassName"])
    }

    static func attributesClass(_ object: Fields, _ errors: inout FieldErrors) {
        provider(object["driverName"], &errors)
        parameters(object["parameters"], &errors)
        errors.require(object["parameters"], "must contain at least one key/value pair")
    }

    static func keepsAttributesClass(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        for name in ["driverName", "parameters"] where object[name].value != old[name].value {
            errors.forbidden(object[name], "updates to \(name) are forbidden.")
        }
    }

    /// Who provides the volumes of a class. The message shows the name in small letters.
    static func provider(_ name: FieldValue, _ errors: inout FieldErrors) {
        guard errors.require(name) else { return }
        let text = name.text.lowercased()
        errors.add(NameRules.problemsOfQualifiedName(text), at: name.path, value: .string(text))
    }

    /// The parameters of a class: as many, and as long together, as etcd would take.
    static func parameters(_ field: FieldValue, _ errors: inout FieldErrors) {
        let parameters = field.value?.objectValue ?? [:]
        if parameters.count > maximumParameters {
            return errors.add(.tooLong(field.path, maximumBytes: maximumParameters))
        }
        var bytes = 0
        for parameter in parameters {
            if parameter.key.isEmpty { errors.add(["field can not be empty."], at: field.path, value: "") }
            bytes += parameter.key.utf8.count + (parameter.value.stringValue?.utf8.count ?? 0)
        }
        if bytes > maximumParametersBytes { errors.add(.tooLong(field.path, maximumBytes: maximumParametersBytes)) }
    }
}

// Attachments of volumes to nodes.
extension DriverRules {
    static func attachment(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        errors.require(spec["attacher"])
        source(spec.fields("source"), &errors)
        errors.add(NameRules.problemsOfSubdomain(spec["nodeName"].text), at: spec["nodeName"])
        attachmentStatus(object, object, &errors)
    }

    /// What v1 asks of new attachments beside that.
    static func newAttachment(_ object: Fields, _ errors: inout FieldErrors) {
        let spec = object.fields("spec")
        VolumeSourceRules.driverName(spec["attacher"], &errors)
        let name = spec.fields("source")["persistentVolumeName"]
        if name.isSet { errors.add(NameRules.problemsOfSubdomain(name.text), at: name) }
    }

    private static func source(_ source: Fields, _ errors: inout FieldErrors) {
        let why = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
        let name = source["persistentVolumeName"]
        switch (source.ifPresent("inlineVolumeSpec"), name.isSet) {
        case (nil, false): errors.add(.required(source.path, why))
        case (.some, true): errors.add(.forbidden(source.path, why))
        case (nil, true): errors.require(name, "must specify non empty persistentVolumeName")
        case (let spec?, false): StorageRules.inlineVolume(spec, &errors)
        }
    }

    static func attachmentStatus(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        let status = object.fields("status")
        let metadata = status["attachmentMetadata"]
        let bytes = metadata.entries.reduce(0) { $0 + $1.key.utf8.count + $1.field.text.utf8.count }
        if bytes > maximumAttachmentBytes {
            errors.add(.tooLong(metadata.path, maximumBytes: maximumAttachmentBytes))
        }
        for name in ["attachError", "detachError"] {
            let message = status.fields(name)["message"]
            if message.text.utf8.count > maximumErrorLength {
                // The limit that the message tells is that of the metadata, as in Kubernetes.
                errors.add(.tooLong(message.path, maximumBytes: maximumAttachmentBytes))
            }
            let code = status.fields(name)["errorCode"]
            if let value = code.int, value < 0 {
                errors.invalid(code, "must be between 0 and \(Int32.max), inclusive")
            }
        }
    }

    static func keepsAttachment(_ object: Fields, _ old: Fields, _ errors: inout FieldErrors) {
        guard object["spec"].value != old["spec"].value else { return }
        let spec = object.fields("spec")
        let source = spec.fields("source")
        let shown: JSON = [
            "Attacher": .string(spec["attacher"].text),
            "Source": [
                "PersistentVolumeName": source["persistentVolumeName"].value ?? .null,
                "InlineVolumeSpec": source["inlineVolumeSpec"].value ?? .null,
            ],
            "NodeName": .string(spec["nodeName"].text),
        ]
        errors.add(["field is immutable"], at: spec.path, value: shown)
    }
}
