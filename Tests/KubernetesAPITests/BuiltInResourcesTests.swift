import APIMachinery
import JSON
import KubernetesAPI
import Testing

/// A strategy that does nothing.
private struct NoStrategy: ResourceStrategy {
    func unchangeableFields(for subresource: String?) -> FieldFilter? { nil }
    func applyDefaults(to object: inout JSON) {}
    func prepareForCreation(_ object: inout JSON) {}
    func prepareForUpdate(_ object: inout JSON, from old: JSON) {}
    func validateCreation(_ object: JSON) -> [FieldError] { [] }
    func validateUpdate(_ object: JSON, from old: JSON) -> [FieldError] { [] }
    func prepareForUpdate(ofSubresource name: String, _ object: inout JSON, from old: JSON) {}
    func validateUpdate(ofSubresource name: String, _ object: JSON, from old: JSON) -> [FieldError] { [] }
    func warnings(for object: JSON, replacing old: JSON?) -> [String] { [] }
    func canonicalize(_ object: inout JSON) {}
    func selectableFields(of object: JSON) -> [String: String] { [:] }
    func gracePeriodSeconds(deleting object: JSON, requested: Int64?) -> Int64? { nil }
    func problemsOfName(_ name: String, isPrefix: Bool) -> [String] { [] }
    var allowsCreationOnUpdate: Bool { false }
    var allowsUnconditionalUpdate: Bool { true }
    var defaultPropagationPolicy: String { "background" }
}

struct BuiltInResourcesTests {
    let definitions = BuiltInResources.definitions { _ in NoStrategy() }

    private func definition(_ group: String, _ resource: String) throws -> ResourceDefinition {
        let wanted = GroupResource(group: group, resource: resource)
        return try #require(definitions.first { $0.groupResource == wanted })
    }

    @Test func everyTypeCanBeRead() {
        for name in TypeLibrary.builtIn.names {
            let schema = TypeLibrary.builtIn.schema(named: name)
            #expect(schema != nil, "\(name)")
            if case .any? = schema?.form, !name.hasSuffix(".JSON") { Issue.record("\(name) is read as anything") }
            for field in schema?.shape?.fields ?? [] { _ = field.schema.form }
        }
        #expect(TypeLibrary.builtIn.schema(named: "io.k8s.api.core.v1.Po") == nil)
        #expect(TypeLibrary.builtIn.schema(named: "") == nil)
        #expect(TypeLibrary.builtIn.schema(named: "zzz") == nil)
    }

    @Test func everyDefinitionIsWhole() {
        #expect(definitions.count == 67)
        for definition in definitions {
            #expect(!definition.versions.isEmpty)
            #expect(definition.version(named: definition.storageVersion) != nil)
            for version in definition.versions {
                let shape = version.schema.shape
                #expect(shape?.field(named: "kind") != nil, "\(definition.groupResource)")
                #expect(shape?.field(named: "metadata") != nil, "\(definition.groupResource)")
                #expect(!version.verbs.isEmpty)
                #expect(
                    version.verbs.contains(.list) == (version.columns.isEmpty == false)
                        || !version.verbs.contains(.list))
                for subresource in version.subresources where subresource.verbs.isEmpty {
                    #expect(!subresource.connectMethods.isEmpty, "\(definition.groupResource)/\(subresource.name)")
                }
            }
        }
    }

    @Test func podsAreAsDiscoveryHasThem() throws {
        let pods = try definition("", "pods")
        let version = try #require(pods.version(named: "v1"))
        #expect(pods.isNamespaced)
        #expect(pods.names.shortNames == ["po"])
        #expect(pods.names.categories == ["all"])
        #expect(pods.names.listKind == "PodList")
        #expect(version.storageVersionHash == "xPOwRZ+Yhw8=")
        #expect(version.deletionReturnsObject)
        #expect(version.verbs == Set(Verb.allCases))
        #expect(version.subresource(named: "exec")?.connectMethods == ["GET", "POST"])
        #expect(version.subresource(named: "eviction")?.kind.description == "policy/v1, Kind=Eviction")
        #expect(version.subresource(named: "eviction")?.schema?.field("deleteOptions") != nil)
        #expect(version.subresource(named: "status")?.schema == nil)
        #expect(version.selectableFields.contains("spec.nodeName"))
    }

    @Test func reviewsCanOnlyBeCreated() throws {
        for resource in ["tokenreviews", "selfsubjectreviews"] {
            #expect(try definition("authentication.k8s.io", resource).versions[0].verbs == [.create])
        }
        #expect(try definition("", "bindings").versions[0].verbs == [.create])
    }

    @Test func fieldsThatCannotBeSelectedAreRefusedInTheKindsWords() throws {
        let rows: [(String, String, String)] = [
            ("", "secrets", "field label not supported: spec.x"),
            (
                "", "configmaps",
                "\"spec.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
            ),
            ("batch", "jobs", "field label \"spec.x\" not supported for Job"),
            (
                "resource.k8s.io", "resourceslices",
                "field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: spec.x"
            ),
        ]
        for (group, resource, message) in rows {
            let version = try definition(group, resource).versions[0]
            #expect(version.unknownFieldWording.message(for: "spec.x") == message)
        }
    }

    @Test func eventsHaveOneStorage() throws {
        let core = try definition("", "events")
        let events = try definition("events.k8s.io", "events")
        #expect(events.storageGroupResource == core.storageGroupResource)
        #expect(events.storageGroupVersion.description == "v1")
        #expect(events.storageSchema === core.storageSchema)
        let given: JSON = [
            "kind": "Event", "apiVersion": "events.k8s.io/v1", "metadata": ["name": "e", "namespace": "n"],
            "eventTime": "2026-11-23T16:41:45.000001Z", "reportingController": "c", "reportingInstance": "i",
            "action": "a", "reason": "r", "regarding": ["kind": "Pod", "name": "p"], "note": "text", "type": "Normal",
        ]
        let stored = try events.convert(given, from: "events.k8s.io/v1", to: "v1")
        #expect(stored["apiVersion"] == "v1")
        #expect(stored["message"] == "text")
        #expect(stored["involvedObject"] == ["kind": "Pod", "name": "p"])
        #expect(stored["reportingComponent"] == "c")
        #expect(stored["source"] == [:])
        var back = try events.convert(stored, from: "v1", to: "events.k8s.io/v1")
        for (name, value) in [("deprecatedSource", [:]), ("deprecatedFirstTimestamp", .null)] as [(String, JSON)] {
            #expect(back[name] == value)
            back[name] = nil
        }
        back["deprecatedLastTimestamp"] = nil
        #expect(back == given)
    }

    @Test func autoscalersKeepInAnnotationsWhatTheFirstVersionCannotSay() throws {
        let definition = try definition("autoscaling", "horizontalpodautoscalers")
        #expect(definition.versions.map(\.name) == ["v2", "v1"])
        #expect(definition.storageVersion == "v2")
        let text = #"""
            {"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2","metadata":{"name":"many"},"spec":
            {"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"},"minReplicas":2,"maxReplicas":5,
            "metrics":[{"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"100Mi"}}},
            {"type":"Object","object":{"describedObject":{"kind":"Service","name":"s"},"target":{"type":"Value","value":"2k"},
            "metric":{"name":"hits","selector":{"matchLabels":{"a":"b"}}}}},
            {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":66}}}],
            "behavior":{"scaleDown":{"stabilizationWindowSeconds":60,"selectPolicy":"Max","policies":[{"type":"Percent",
            "value":100,"periodSeconds":15}]}}},
            "status":{"currentReplicas":1,"desiredReplicas":2,"currentMetrics":[{"type":"Resource","resource":{"name":"cpu",
            "current":{"averageValue":"100m","averageUtilization":40}}}],
            "conditions":[{"type":"AbleToScale","status":"True","lastTransitionTime":null,"reason":"r"}]}}
            """#
        let newest = try JSON(parsing: text)
        let first = try definition.convert(newest, from: "autoscaling/v2", to: "autoscaling/v1")
        #expect(first["spec"]?["targetCPUUtilizationPercentage"] == 66)
        #expect(first["status"]?["currentCPUUtilizationPercentage"] == 40)
        let annotations = first["metadata"]?["annotations"]
        #expect(
            annotations?["autoscaling.alpha.kubernetes.io/metrics"]?.stringValue
                == #"[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"100Mi"}},{"type":"Object","object":{"target":{"kind":"Service","name":"s"},"metricName":"hits","targetValue":"2k","selector":{"matchLabels":{"a":"b"}}}}]"#
        )
        #expect(
            annotations?["autoscaling.alpha.kubernetes.io/behavior"]?.stringValue
                == #"{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}"#
        )
        #expect(
            annotations?["autoscaling.alpha.kubernetes.io/current-metrics"]?.stringValue
                == #"[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":40,"currentAverageValue":"100m"}}]"#
        )
        #expect(
            annotations?["autoscaling.alpha.kubernetes.io/conditions"]?.stringValue
                == #"[{"type":"AbleToScale","status":"True","lastTransitionTime":null,"reason":"r"}]"#)
        let back = try definition.convert(first, from: "autoscaling/v1", to: "autoscaling/v2")
        #expect(back["spec"] == newest["spec"])
        #expect(back["status"] == newest["status"])
    }

    @Test func typesAndFieldsAreDescribed() {
        let library = TypeLibrary.builtIn
        let pod = "io.k8s.api.core.v1.Pod"
        #expect(library.description(ofType: pod) == "A group of containers that run together on one node.")
        #expect(library.description(ofType: "io.k8s.api.core.v1.Nothing") == nil)
        let fields = library.descriptions(ofFieldsOf: pod)
        #expect(Set(fields.keys) == ["kind", "apiVersion", "metadata", "spec", "status"])
        #expect(fields["spec"] == "The containers to run, and how.")
    }

    @Test func featuresStandAsTheyDoByDefault() {
        #expect(FeatureGates.isEnabled("APIResponseCompression"))
        #expect(!FeatureGates.isEnabled("APIServingWithRoutine"))
        #expect(FeatureGates.isEnabled("NoLongerAGate"))
    }
}
