import APIMachinery
import Testing

@testable import KubernetesAPI

/// What is said of the volumes of new objects, word for word.
struct VolumeMessagesTests {
    /// What is said of a name that is none.
    private static let noName = NameRules.problemsOfSubdomain("").joined()

    private static func pod(_ volume: String) -> String {
        #"{"spec":{"containers":[{"name":"c","image":"n"}],"serviceAccountName":"s","volumes":[{"name":"v",\#(volume)}]}}"#
    }

    private static func volume(_ source: String) -> String {
        #"{"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],\#(source)}}"#
    }

    static let rows: [RuleRow] = [
        RuleRow(
            "/Pod", "a file system too many", pod(#""emptyDir":{},"cephfs":{"monitors":["m"]},"downwardAPI":{}"#),
            "spec.volumes[0].cephFS: Forbidden: may not specify more than 1 volume type",
            "spec.volumes[0].downwarAPI: Forbidden: may not specify more than 1 volume type"),
        RuleRow(
            "/Pod", "a part that no disk has", pod(#""awsElasticBlockStore":{"volumeID":"i","partition":256}"#),
            "spec.volumes[0].awsElasticBlockStore.partition: Invalid value: 256: must be between 1 and 255, inclusive"),
        RuleRow("/Pod", "the whole disk", pod(#""awsElasticBlockStore":{"volumeID":"i","partition":0}"#)),
        RuleRow(
            "/Pod", "a tenant of too many letters",
            pod(#""quobyte":{"registry":"r:1","volume":"v","tenant":"\#(String(repeating: "t", count: 65))"}"#),
            "spec.volumes[0].quobyte.tenant: Required value: must be a UUID and may not exceed a length of 64 characters"
        ),
        RuleRow(
            "/Pod", "a driver without a name", pod(#""csi":{"driver":""}"#),
            "spec.volumes[0].csi.driver: Required value",
            #"spec.volumes[0].csi.driver: Invalid value: "": \#(noName)"#),
        RuleRow(
            "/Pod", "a secret of no name", pod(#""csi":{"driver":"d","nodePublishSecretRef":{"name":"A"}}"#),
            #"spec.volumes[0].csi.name: Invalid value: "A": \#(noName)"#),
        RuleRow(
            "/Pod", "options with a reserved prefix",
            pod(#""flexVolume":{"driver":"d","options":{"/x":"","k8s.io/y":""}}"#),
            #"spec.volumes[0].flexVolume.options[k8s.io/y]: Invalid value: "k8s.io/y": kubernetes.io and k8s.io namespaces are reserved"#
        ),
        RuleRow(
            "/Pod", "two kinds of one source",
            pod(#""projected":{"sources":[{"secret":{"name":""},"configMap":{"name":""}}]}"#),
            "spec.volumes[0].projected.sources[0].secret.name: Required value",
            "spec.volumes[0].projected.sources[0].configMap.name: Required value",
            "spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source"),
        RuleRow(
            "/Pod", "a token without and one above its volume",
            pod(#""projected":{"sources":[{"serviceAccountToken":{}},{"serviceAccountToken":{"path":"../t"}}]}"#),
            "spec.volumes[0].projected.path: Required value",
            #"spec.volumes[0].projected.path: Invalid value: "../t": must not contain '..'"#),
        RuleRow(
            "/PersistentVolume", "names of iSCSI",
            volume(#""iscsi":{"targetPortal":"","iqn":"x","lun":0,"chapAuthSession":true,"initiatorName":"y"}"#),
            "spec.iscsi.targetPortal: Required value",
            #"spec.iscsi.iqn: Invalid value: "x": must be valid format"#,
            "spec.iscsi.secretRef: Required value",
            #"spec.iscsi.initiatorname: Invalid value: "y": must be valid format"#),
        RuleRow(
            "/PersistentVolume", "a flex volume is looked at beside another",
            volume(#""hostPath":{"path":"/d"},"flexVolume":{}"#),
            "spec.flexVolume.driver: Required value"),
        RuleRow(
            "/PersistentVolume", "endpoints of no namespace",
            volume(#""glusterfs":{"endpoints":"e","path":"p","endpointsNamespace":""}"#),
            #"spec.glusterfs.endpointsNamespace: Invalid value: "": if the endpointnamespace is set, it must be a valid namespace name"#
        ),
        RuleRow(
            "storage.k8s.io/StorageClass", "a provisioner in capitals",
            #"{"provisioner":"A/B/C"}"#,
            #"provisioner: Invalid value: "a/b/c": a qualified name must consist"#),
        RuleRow(
            "storage.k8s.io/StorageClass", "one topology twice, however it is written",
            #"{"provisioner":"p","allowedTopologies":[{"matchLabelExpressions":[{"key":"z","values":["a","b"]}]},{"matchLabelExpressions":[{"key":"z","values":["b","a"]}]}]}"#,
            #"allowedTopologies[1].matchLabelExpressions: Duplicate value: """#),
        RuleRow(
            "storage.k8s.io/CSIDriver", "one audience twice",
            #"{"spec":{"tokenRequests":[{"audience":"a"},{"audience":"a","expirationSeconds":1}]}}"#,
            #"spec.tokenRequests[1].audience: Duplicate value: "a""#),
        RuleRow(
            "storage.k8s.io/CSIStorageCapacity", "less than nothing is said twice",
            #"{"storageClassName":"s","capacity":"-1"}"#,
            #"capacity: Invalid value: "-1": must be greater than or equal to 0"#,
            #"capacity: Invalid value: "-1": must be greater than or equal to 0"#),
        RuleRow(
            "storage.k8s.io/VolumeAttachment", "an attachment of nothing",
            #"{"spec":{"attacher":"","nodeName":"n","source":{"persistentVolumeName":""}}}"#,
            "spec.attacher: Required value",
            "spec.source.persistentVolumeName: Required value: must specify non empty persistentVolumeName",
            "spec.attacher: Required value",
            #"spec.attacher: Invalid value: "": \#(noName)"#,
            #"spec.source.persistentVolumeName: Invalid value: "": \#(noName)"#),
        RuleRow(
            "storage.k8s.io/VolumeAttachment", "a volume without an object of its own",
            #"{"spec":{"attacher":"a","nodeName":"n","source":{"inlineVolumeSpec":{"accessModes":["ReadWriteOnce"],"capacity":{"storage":"1"},"hostPath":{"path":"/d"},"storageClassName":"s"}}}}"#,
            "spec.source.inlineVolumeSpec.capacity: Forbidden: may not be specified in the context of inline volumes",
            "spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of inline volumes",
            "spec.source.inlineVolumeSpec.storageClassName: Forbidden: may not be specified in the context of inline volumes"
        ),
    ]

    @Test(arguments: rows)
    func volumesAreSpokenOf(_ row: RuleRow) throws {
        let subject = try RuleSubject(row.kind)
        let problems = subject.strategy.validateCreation(try subject.made(row.object)).map(\.description)
        #expect(problems.count == row.problems.count && zip(problems, row.problems).allSatisfy { $0.hasPrefix($1) })
    }
}
