import APIMachinery
import JSON
import KubernetesAPI
import Testing

/// A built-in type by the end of its name, as `core.v1.Pod`.
func schema(_ name: String) throws -> Schema {
    let names = [
        "io.k8s.api." + name, "io.k8s.apimachinery.pkg.apis." + name, "io.k8s.apiextensions-apiserver.pkg.apis." + name,
    ]
    return try #require(names.lazy.compactMap(TypeLibrary.builtIn.schema(named:)).first)
}

struct CanonicalizationTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var remark: String
        var type: String
        var given: String
        var canonical: String
        var unknown: [String] = []
        var testDescription: String { remark }
    }

    static let rows: [Row] = [
        Row(
            remark: "structs that are no pointers are written", type: "apps.v1.Deployment",
            given: #"{"kind":"Deployment","apiVersion":"apps/v1"}"#,
            canonical:
                #"{"kind":"Deployment","apiVersion":"apps/v1","metadata":{},"spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":null}},"strategy":{}},"status":{}}"#
        ),
        Row(
            remark: "members come in the order of the type, keys of maps sorted", type: "core.v1.ConfigMap",
            given: #"{"data":{"b":"2","a":"1","B":"0"},"metadata":{"name":"n"},"kind":"ConfigMap","apiVersion":"v1"}"#,
            canonical:
                #"{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"n"},"data":{"B":"0","a":"1","b":"2"}}"#
        ),
        Row(
            remark: "null is as good as nothing", type: "core.v1.ConfigMap",
            given: #"{"metadata":{"name":"n","labels":null,"annotations":{"a":null}},"data":null}"#,
            canonical: #"{"metadata":{"name":"n","annotations":{"a":""}}}"#),
        Row(
            remark: "empty values are left out, but for pointers", type: "core.v1.PodSpec",
            given:
                #"{"containers":[],"nodeSelector":{},"hostNetwork":false,"priority":0,"hostname":"","setHostnameAsFQDN":false,"securityContext":{}}"#,
            canonical: #"{"containers":null,"securityContext":{},"priority":0,"setHostnameAsFQDN":false}"#),
        Row(
            remark: "unknown fields go and are reported in the document's order", type: "apps.v1.Deployment",
            given:
                #"{"spec":{"replica":1,"template":{"spec":{"containers":[{"name":"c","imagePullpolicy":"Never","ports":[{"containerport":80}]}]}}},"Spec":{}}"#,
            canonical:
                #"{"metadata":{},"spec":{"selector":null,"template":{"metadata":{},"spec":{"containers":[{"name":"c","ports":[{"containerPort":0}],"resources":{}}]}},"strategy":{}},"status":{}}"#,
            unknown: [
                "spec.replica", "spec.template.spec.containers[0].imagePullpolicy",
                "spec.template.spec.containers[0].ports[0].containerport", "Spec",
            ]),
        Row(
            remark: "an unknown field is reported though it is null", type: "core.v1.ConfigMap",
            given: #"{"nope":null}"#, canonical: #"{"metadata":{}}"#, unknown: ["nope"]),
        Row(
            remark: "quantities take their canonical form", type: "core.v1.ResourceRequirements",
            given: #"{"limits":{"memory":"1024Mi","cpu":"1000m","a":5,"b":"0.5","c":0.25,"d":null}}"#,
            canonical: #"{"limits":{"a":"5","b":"500m","c":"250m","cpu":"1","d":"0","memory":"1Gi"}}"#),
        Row(
            remark: "times are whole seconds of UTC", type: "meta.v1.ObjectMeta",
            given: #"{"creationTimestamp":"2026-11-23T17:41:45.9+01:00","deletionTimestamp":"2026-11-23T16:41:45Z"}"#,
            canonical: #"{"creationTimestamp":"2026-11-23T16:41:45Z","deletionTimestamp":"2026-11-23T16:41:45Z"}"#),
        Row(
            remark: "a time that is always written is null without a value", type: "core.v1.PodCondition",
            given: #"{"type":"Ready","status":"True"}"#,
            canonical: #"{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":null}"#),
        Row(
            remark: "the zero time is no time", type: "meta.v1.ObjectMeta",
            given: #"{"name":"n","creationTimestamp":"0001-01-01T00:00:00Z"}"#, canonical: #"{"name":"n"}"#),
        Row(
            remark: "base64 is written anew", type: "core.v1.Secret",
            given: #"{"data":{"a":"aGk=","b":"aG\nk=","c":"","d":null,"e":"aGl="}}"#,
            canonical: #"{"metadata":{},"data":{"a":"aGk=","b":"aGk=","c":"","d":"","e":"aGk="}}"#),
        Row(
            remark: "null in a list is an item without values", type: "core.v1.PodSpec",
            given: #"{"containers":[null],"imagePullSecrets":[{"name":"a"}]}"#,
            canonical: #"{"containers":[{"name":"","resources":{}}],"imagePullSecrets":[{"name":"a"}]}"#),
        Row(
            remark: "numbers and texts stay what they are", type: "core.v1.ServicePort",
            given: #"{"port":80,"targetPort":"http"}"#, canonical: #"{"port":80,"targetPort":"http"}"#),
        Row(
            remark: "a number or text is zero without a value", type: "core.v1.ServicePort", given: #"{"port":80}"#,
            canonical: #"{"port":80,"targetPort":0}"#),
        Row(
            remark: "an embedded object stays as it is", type: "apps.v1.ControllerRevision",
            given: #"{"data":{"z":null,"a":[1.50]},"revision":1}"#,
            canonical: #"{"metadata":{},"data":{"z":null,"a":[1.5]},"revision":1}"#),
        Row(
            remark: "schemas stand beside what may stand for them", type: "apiextensions.v1.JSONSchemaProps",
            given:
                #"{"items":[{"type":"string"}],"additionalProperties":false,"dependencies":{"a":["b"],"c":{"type":"object","zz":1}},"default":{"b":1,"a":null}}"#,
            canonical:
                #"{"default":{"b":1,"a":null},"items":[{"type":"string"}],"additionalProperties":false,"dependencies":{"a":["b"],"c":{"type":"object"}}}"#
        ),
    ]

    @Test(arguments: rows)
    func writesWhatGoWouldWrite(row: Row) throws {
        var document = try JSON(parsing: row.given)
        let unknown = try schema(row.type).canonicalize(&document)
        #expect(document.description == row.canonical)
        #expect(unknown == row.unknown)
        let once = document
        _ = try schema(row.type).canonicalize(&document)
        #expect(document.description == once.description, "a canonical document is its own canonical form")
    }

    struct Refusal: CustomTestStringConvertible, Sendable {
        var type: String
        var given: String
        var message: String
        var testDescription: String { given }
    }

    static let refusals: [Refusal] = [
        Refusal(
            type: "apps.v1.Deployment", given: #"{"spec":{"replicas":"x"}}"#,
            message: "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"),
        Refusal(
            type: "apps.v1.Deployment", given: #"{"spec":[]}"#,
            message: "json: cannot unmarshal array into Go struct field Deployment.spec of type v1.DeploymentSpec"),
        Refusal(
            type: "core.v1.ConfigMap", given: #"{"data":{"a":1}}"#,
            message: "json: cannot unmarshal number into Go struct field ConfigMap.data of type string"),
        Refusal(
            type: "core.v1.ConfigMap", given: #"{"metadata":{"labels":{"a":1}}}"#,
            message: "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"),
        Refusal(
            type: "core.v1.Pod", given: #"{"spec":{"containers":{}}}"#,
            message: "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container"
        ),
        Refusal(
            type: "core.v1.Pod", given: #"{"spec":{"containers":[{"name":1}]}}"#,
            message: "json: cannot unmarshal number into Go struct field Container.spec.containers.name of type string"),
        Refusal(
            type: "apps.v1.Deployment", given: #"{"spec":{"replicas":3000000000}}"#,
            message: "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of "
                + "type int32"),
        Refusal(
            type: "apps.v1.Deployment", given: #"{"spec":{"replicas":1.5}}"#,
            message: "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32"
        ),
        Refusal(
            type: "core.v1.Pod", given: #"{"spec":{"restartPolicy":5}}"#,
            message: "json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type "
                + "v1.RestartPolicy"),
        Refusal(
            type: "core.v1.Secret", given: #"{"data":{"a":"*"}}"#, message: "illegal base64 data at input byte 0"),
        Refusal(
            type: "core.v1.Secret", given: #"{"data":{"a":"aGk"}}"#, message: "illegal base64 data at input byte 0"),
        Refusal(
            type: "core.v1.Secret", given: #"{"data":{"a":"aGk=aGk="}}"#, message: "illegal base64 data at input byte 4"
        ),
        Refusal(
            type: "core.v1.Pod", given: #"{"spec":{"overhead":{"cpu":"much"}}}"#,
            message: "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"),
        Refusal(
            type: "meta.v1.ObjectMeta", given: #"{"creationTimestamp":"yesterday"}"#,
            message: #"parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006""#),
        Refusal(
            type: "core.v1.Pod", given: #"{"metadata":{"creationTimestamp":5}}"#,
            message: "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type "
                + "string"),
        Refusal(
            type: "core.v1.ConfigMap", given: "[]",
            message: "json: cannot unmarshal array into Go value of type v1.ConfigMap"),
        Refusal(
            type: "core.v1.Pod", given: #"{"spec":{"containers":5,"volumes":7}}"#,
            message: "json: cannot unmarshal number into Go struct field PodSpec.spec.containers of type []v1.Container"
        ),
    ]

    @Test(arguments: refusals)
    func refusesInTheWordsOfGo(refusal: Refusal) throws {
        var document = try JSON(parsing: refusal.given)
        let before = document
        do {
            _ = try schema(refusal.type).canonicalize(&document)
            Issue.record("was taken")
        } catch let error as SchemaDecodingError {
            #expect(error.message == refusal.message)
        }
        #expect(document == before)
    }

    @Test func reportsAHundredUnknownFieldsAtMost() throws {
        let members = (0..<150).map { JSONObject.Member(key: "x\($0)", value: 1) }
        var document = JSON.object(JSONObject(uniqueMembers: members))
        #expect(try schema("core.v1.ConfigMap").canonicalize(&document).count == 100)
    }

    @Test func setsLiteralDefaultsInTheirPlace() throws {
        var document: JSON = ["containers": [["name": "c", "ports": [["containerPort": 80, "hostIP": "10.0.0.1"]]]]]
        let schema = try schema("core.v1.PodSpec")
        _ = try schema.canonicalize(&document)
        schema.applyDefaults(to: &document)
        let port = document["containers"]?[0]?["ports"]?[0]
        #expect(port?.description == #"{"containerPort":80,"protocol":"TCP","hostIP":"10.0.0.1"}"#)
    }

    @Test func dropsFieldsOfFeaturesThatAreOff() throws {
        var lease: JSON = ["spec": ["holderIdentity": "a", "strategy": "OldestEmulationVersion"]]
        let used: JSON = ["spec": ["strategy": "OldestEmulationVersion"]]
        let schema = try schema("coordination.v1.Lease")
        var kept = lease
        schema.dropDisabledFields(of: &kept, unlessIn: used)
        #expect(kept == lease, "a field in use stays")
        schema.dropDisabledFields(of: &lease, unlessIn: nil)
        #expect(lease == ["spec": ["holderIdentity": "a"]])
    }
}
