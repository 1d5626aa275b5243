import APIMachinery
import JSON
import KubernetesAPI
import Testing

struct StrategicMergePatchTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var remark: String
        var type = "core.v1.PodSpec"
        var original: String
        var patch: String
        var result: String
        var testDescription: String { remark }
    }

    static let rows: [Row] = [
        Row(
            remark: "items merge by their key",
            original: #"{"containers":[{"name":"c","image":"n:1"},{"name":"d","image":"m:1"}]}"#,
            patch: #"{"containers":[{"name":"c","image":"n:2"}]}"#,
            result: #"{"containers":[{"name":"c","image":"n:2"},{"name":"d","image":"m:1"}]}"#),
        Row(
            remark: "a new item comes first", original: #"{"containers":[{"name":"c"},{"name":"d"}]}"#,
            patch: #"{"containers":[{"name":"e"}]}"#,
            result: #"{"containers":[{"name":"e"},{"name":"c"},{"name":"d"}]}"#),
        Row(
            remark: "known items keep their order, new ones follow those before them", type: "core.v1.Container",
            original: #"{"ports":[{"containerPort":80},{"containerPort":53}]}"#,
            patch: #"{"ports":[{"containerPort":80,"name":"web"},{"containerPort":81}]}"#,
            result: #"{"ports":[{"containerPort":80,"name":"web"},{"containerPort":81},{"containerPort":53}]}"#),
        Row(
            remark: "$patch: delete takes an item", original: #"{"containers":[{"name":"c"},{"name":"d"}]}"#,
            patch: #"{"containers":[{"name":"c","$patch":"delete"}]}"#, result: #"{"containers":[{"name":"d"}]}"#),
        Row(
            remark: "$patch: replace in a list", original: #"{"containers":[{"name":"c"},{"name":"d"}]}"#,
            patch: #"{"containers":[{"$patch":"replace"},{"name":"n"}]}"#, result: #"{"containers":[{"name":"n"}]}"#),
        Row(
            remark: "$patch: replace in an object", original: #"{"nodeSelector":{"a":"b","c":"d"}}"#,
            patch: #"{"nodeSelector":{"$patch":"replace","e":"f"}}"#, result: #"{"nodeSelector":{"e":"f"}}"#),
        Row(
            remark: "$patch: replace of what is not there", original: #"{"hostname":"h"}"#,
            patch: #"{"nodeSelector":{"$patch":"replace","e":"f"}}"#, result: #"{"hostname":"h"}"#),
        Row(
            remark: "$setElementOrder", type: "core.v1.Container",
            original: #"{"env":[{"name":"B","value":"3"},{"name":"C","value":"4"}]}"#,
            patch:
                #"{"$setElementOrder/env":[{"name":"C"},{"name":"D"},{"name":"B"}],"env":[{"name":"D","value":"5"}]}"#,
            result: #"{"env":[{"name":"C","value":"4"},{"name":"D","value":"5"},{"name":"B","value":"3"}]}"#),
        Row(
            remark: "$setElementOrder alone", original: #"{"containers":[{"name":"c"},{"name":"d"},{"name":"e"}]}"#,
            patch: #"{"$setElementOrder/containers":[{"name":"e"},{"name":"c"}]}"#,
            result: #"{"containers":[{"name":"d"},{"name":"e"},{"name":"c"}]}"#),
        Row(
            remark: "$retainKeys", type: "core.v1.PodSpec",
            original: #"{"volumes":[{"name":"v","emptyDir":{}}]}"#,
            patch: #"{"volumes":[{"name":"v","$retainKeys":["name","secret"],"secret":{"secretName":"s"}}]}"#,
            result: #"{"volumes":[{"name":"v","secret":{"secretName":"s"}}]}"#),
        Row(
            remark: "sets merge and $deleteFromPrimitiveList takes", type: "meta.v1.ObjectMeta",
            original: #"{"finalizers":["a","c"]}"#,
            patch: #"{"finalizers":["b"],"$deleteFromPrimitiveList/finalizers":["a"]}"#,
            result: #"{"finalizers":["b","c"]}"#),
        Row(
            remark: "atomic lists are replaced", original: #"{"tolerations":[{"key":"a"}]}"#,
            patch: #"{"tolerations":[{"key":"b"}]}"#, result: #"{"tolerations":[{"key":"b"}]}"#),
        Row(
            remark: "null deletes, and means nothing in what is new", original: #"{"hostname":"h"}"#,
            patch: #"{"hostname":null,"nodeSelector":null,"dnsConfig":{"searches":null,"nameservers":["1.1.1.1"]}}"#,
            result: #"{"dnsConfig":{"nameservers":["1.1.1.1"]}}"#),
        Row(
            remark: "a value of another type replaces", type: "core.v1.ServicePort",
            original: #"{"targetPort":80}"#, patch: #"{"targetPort":"http"}"#, result: #"{"targetPort":"http"}"#),
    ]

    @Test(arguments: rows)
    func mergesAsKubernetesDoes(row: Row) throws {
        let patched = try schema(row.type).applyStrategicMergePatch(
            JSON(parsing: row.patch), to: JSON(parsing: row.original))
        #expect(patched == (try JSON(parsing: row.result)))
    }

    static let refusals: [(original: String, patch: String, message: String)] = [
        (
            #"{"containers":[{"name":"c"}]}"#, #"{"containers":[{"image":"x"}]}"#,
            "map: map[image:x] does not contain declared merge key: name"
        ),
        (
            #"{"nodeSelector":{"a":"b"}}"#, #"{"nodeSelector":{"$patch":"shuffle"}}"#,
            "unknown patch type: shuffle in map: map[$patch:shuffle]"
        ),
        (
            #"{"containers":[{"name":"n"}]}"#,
            #"{"$setElementOrder/containers":[{"name":"q"}],"containers":[{"name":"n","image":"z:2"}]}"#,
            "The order in patch list:\n[map[image:z:2 name:n]]\n doesn't match $setElementOrder list:\n[map[name:q]]\n"
        ),
        (
            #"{"volumes":[{"name":"v"}]}"#, #"{"volumes":[{"name":"v","$retainKeys":["name"],"emptyDir":{}}]}"#,
            "invalid patch format of retainKeys"
        ),
    ]

    @Test(arguments: refusals)
    func refuses(original: String, patch: String, message: String) throws {
        let schema = try schema("core.v1.PodSpec")
        do {
            _ = try schema.applyStrategicMergePatch(JSON(parsing: patch), to: JSON(parsing: original))
            Issue.record("was taken")
        } catch let error as StrategicMergePatchError {
            #expect(error.message == message)
        }
    }
}
