import APIMachinery
import JSON
import KubernetesAPI
import Testing

struct TableTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var remark: String
        var resource: String
        var object: String
        var cells: String
        var testDescription: String { remark }
    }

    /// 2026-11-23T17:00:00Z
    static let now: Int64 = 1_795_453_200
    static let template = #""template":{"spec":{"containers":[{"name":"c","image":"i:1"},{"name":"d","image":"j:2"}]}}"#

    static let rows: [Row] = [
        Row(
            remark: "a running pod", resource: "pods",
            object:
                #"{"metadata":{"name":"p","creationTimestamp":"2026-11-23T16:55:00Z"},"spec":{"nodeName":"n","containers":[{},{}],"readinessGates":[{"conditionType":"A"},{"conditionType":"B"}]},"status":{"phase":"Running","podIPs":[{"ip":"10.0.0.1"}],"conditions":[{"type":"A","status":"True"}],"containerStatuses":[{"ready":true,"state":{"running":{}},"restartCount":2,"lastState":{"terminated":{"finishedAt":"2026-11-23T16:59:00Z"}}},{"ready":false,"state":{"waiting":{"reason":"CrashLoopBackOff"}},"restartCount":1}]}}"#,
            cells: #"["p","1/2","CrashLoopBackOff","3 (60s ago)","5m","10.0.0.1","n","<none>","1/2"]"#),
        Row(
            remark: "a pod that initializes", resource: "pods",
            object:
                #"{"metadata":{"name":"p"},"spec":{"containers":[{}],"initContainers":[{"name":"a"},{"name":"s","restartPolicy":"Always"},{"name":"b"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"a","state":{"terminated":{"exitCode":0}}},{"name":"s","started":true,"ready":true,"state":{"running":{}}},{"name":"b","state":{"waiting":{"reason":"PodInitializing"}}}]}}"#,
            cells: #"["p","1/2","Init:2/3","0","<unknown>","<none>","<none>","<none>","<none>"]"#),
        Row(
            remark: "a pod whose init container failed", resource: "pods",
            object:
                #"{"metadata":{"name":"p"},"spec":{"containers":[{}],"initContainers":[{"name":"a"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"a","restartCount":1,"state":{"terminated":{"exitCode":3,"signal":9}}}]}}"#,
            cells: #"["p","0/1","Init:Signal:9","1","<unknown>","<none>","<none>","<none>","<none>"]"#),
        Row(
            remark: "a pod that goes", resource: "pods",
            object:
                #"{"metadata":{"name":"p","deletionTimestamp":"2026-11-23T17:00:00Z"},"spec":{"containers":[{}]},"status":{"phase":"Running"}}"#,
            cells: #"["p","0/1","Terminating","0","<unknown>","<none>","<none>","<none>","<none>"]"#),
        Row(
            remark: "a pod with gates", resource: "pods",
            object:
                #"{"metadata":{"name":"p"},"spec":{"containers":[{}]},"status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated"}]}}"#,
            cells: #"["p","0/1","SchedulingGated","0","<unknown>","<none>","<none>","<none>","<none>"]"#),
        Row(
            remark: "a pod of which one container ended and one runs", resource: "pods",
            object:
                #"{"metadata":{"name":"p"},"spec":{"containers":[{},{}]},"status":{"phase":"Running","containerStatuses":[{"state":{"terminated":{"reason":"Completed","exitCode":0}}},{"ready":true,"state":{"running":{}}}]}}"#,
            cells: #"["p","1/2","NotReady","0","<unknown>","<none>","<none>","<none>","<none>"]"#),
        Row(
            remark: "a deployment", resource: "deployments.apps",
            object:
                #"{"metadata":{"name":"d","creationTimestamp":"2026-11-23T16:59:59Z"},"spec":{"replicas":3,"selector":{"matchLabels":{"a":"b"}},\#(template)},"status":{"readyReplicas":2,"updatedReplicas":1,"availableReplicas":2}}"#,
            cells: #"["d","2/3",1,2,"1s","c,d","i:1,j:2","a=b"]"#),
        Row(
            remark: "a selector with expressions", resource: "replicasets.apps",
            object:
                #"{"metadata":{"name":"r"},"spec":{"selector":{"matchExpressions":[{"key":"k","operator":"In","values":["y","x"]}]},\#(template)}}"#,
            cells: #"["r",0,0,0,"<unknown>","c,d","i:1,j:2","k in (x,y)"]"#),
        Row(
            remark: "a service with a load balancer", resource: "services",
            object:
                #"{"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","clusterIPs":["10.0.0.9"],"externalIPs":["203.0.113.7"],"ports":[{"port":80,"protocol":"TCP","nodePort":30080}]},"status":{"loadBalancer":{"ingress":[{"hostname":"b.example"},{"ip":"192.0.2.1"}]}}}"#,
            cells:
                #"["s","LoadBalancer","10.0.0.9","192.0.2.1,b.example,203.0.113.7","80:30080/TCP","<unknown>","<none>"]"#
        ),
        Row(
            remark: "endpoints beyond the third", resource: "endpoints",
            object:
                #"{"metadata":{"name":"e"},"subsets":[{"addresses":[{"ip":"10.1.1.1"},{"ip":"10.1.1.2"}],"ports":[{"port":80},{"port":81}]}]}"#,
            cells: #"["e","10.1.1.1:80,10.1.1.2:80,10.1.1.1:81 + 1 more...","<unknown>"]"#),
        Row(
            remark: "a node", resource: "nodes",
            object:
                #"{"metadata":{"name":"n","labels":{"node-role.kubernetes.io/worker":"","node-role.kubernetes.io/edge":"","kubernetes.io/role":"old"}},"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"192.0.2.4"}],"nodeInfo":{"kubeletVersion":"v1.36.0","osImage":"Some OS","kernelVersion":"6.1","architecture":"amd64","containerRuntimeVersion":"containerd://2"}}}"#,
            cells:
                #"["n","Ready,SchedulingDisabled","edge,old,worker","<unknown>","v1.36.0","192.0.2.4","<none>","Some OS","6.1 (amd64)","containerd://2"]"#
        ),
        Row(
            remark: "an event", resource: "events.events.k8s.io",
            object:
                #"{"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","name":"p","fieldPath":"spec.containers{c}"},"reason":"R","message":" m ","type":"Normal","source":{"component":"kubelet","host":"h"},"count":4,"firstTimestamp":"2026-11-23T16:00:00Z","lastTimestamp":"2026-11-23T16:59:00Z"}"#,
            cells: #"["60s","Normal","R","pod/p","spec.containers{c}","kubelet, h","m","60m",4,"e"]"#),
        Row(
            remark: "a claim without a volume", resource: "persistentvolumeclaims",
            object:
                #"{"metadata":{"name":"c"},"spec":{"storageClassName":"slow","volumeMode":"Block"},"status":{"phase":"Bound","capacity":{"storage":"2Gi"},"accessModes":["ReadWriteOnce"]}}"#,
            cells: #"["c","Bound","","","","slow","<unset>","<unknown>","Block"]"#),
        Row(
            remark: "a job of a work queue", resource: "jobs.batch",
            object:
                #"{"metadata":{"name":"j"},"spec":{"parallelism":2,\#(template)},"status":{"startTime":"2026-11-23T16:58:30Z"}}"#,
            cells: #"["j","Running","0/1 of 2","90s","<unknown>","c,d","i:1,j:2","<none>"]"#),
        Row(
            remark: "an autoscaler", resource: "horizontalpodautoscalers.autoscaling",
            object:
                #"{"metadata":{"name":"h"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"d"},"minReplicas":2,"maxReplicas":5,"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":70}}},{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"100Mi"}}},{"type":"Pods","pods":{}}]},"status":{"currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":40}}}]}}"#,
            cells: #"["h","Deployment/d","cpu: 40%/70%, memory: <unknown>/100Mi + 1 more...","2",5,0,"<unknown>"]"#),
        Row(
            remark: "a kind without a table", resource: "limitranges",
            object: #"{"metadata":{"name":"l","creationTimestamp":"2026-11-23T16:00:00Z"}}"#,
            cells: #"["l","2026-11-23T16:00:00Z"]"#),
        Row(
            remark: "a default storage class", resource: "storageclasses.storage.k8s.io",
            object:
                #"{"metadata":{"name":"s","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}},"provisioner":"x"}"#,
            cells: #"["s (default)","x","Delete","Immediate",false,"<unknown>"]"#),
        Row(
            remark: "a limited priority level", resource: "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
            object: #"{"metadata":{"name":"l"},"spec":{"type":"Limited","limited":{"nominalConcurrencyShares":3}}}"#,
            cells: #"["l","Limited",3,"<none>","<none>","<none>","<unknown>"]"#),
        Row(
            remark: "an empty object", resource: "certificatesigningrequests.certificates.k8s.io", object: "{}",
            cells: #"["","<unknown>","<none>","","<none>","Pending"]"#),
    ]

    @Test(arguments: rows)
    func printsTheCells(row: Row) throws {
        let parts = row.resource.split(separator: ".", maxSplits: 1).map(String.init)
        let resource = GroupResource(group: parts.count > 1 ? parts[1] : "", resource: parts[0])
        let object = try JSON(parsing: row.object)
        let cells = Tables.columns(of: resource).map { $0.cell(object, Self.now) }
        #expect(.array(cells) == (try JSON(parsing: row.cells)))
    }

    @Test func noObjectBreaksATable() {
        let odd: [JSON] = [
            .null, [], ["metadata": 1, "spec": "x", "status": [1]], ["spec": ["containers": ["x", 1]]],
        ]
        for resource in Self.rows.map(\.resource) {
            let parts = resource.split(separator: ".", maxSplits: 1).map(String.init)
            let resource = GroupResource(group: parts.count > 1 ? parts[1] : "", resource: parts[0])
            for object in odd {
                for column in Tables.columns(of: resource) { _ = column.cell(object, Self.now) }
            }
        }
    }
}
