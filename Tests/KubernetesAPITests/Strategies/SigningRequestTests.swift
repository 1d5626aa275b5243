import APIMachinery
import JSON
import Testing

@testable import KubernetesAPI

struct SigningRequestTests {
    private let strategy = SigningRequestStrategy()

    private static let request: JSON =
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIcE1JR1BBZ0VBTUMweEREQUtCZ05WQkFvTUEyUmxkakVMTUFrR0ExVUVDZ3dDY1dFeEVEQU9CZ05WQkFNTQpCM052YldWdmJtVXdXVEFUQmdjcWhrak9QUUlCQmdncWhrak9QUU1CQndOQ0FBUnNSdkNXK2JVdGdyVlkrWjhFClphN0h1SW8zZFJqb1hVM0tLRmJCci9nbEgxTWpVaTQ4MnprZ0pxaWhrdlZycVFRY254dHVBbXZwZC9aVXRvblYKdlZhTm9BQXdDZ1lJS29aSXpqMEVBd0lEU1FBd1JnSWhBTW1Pak11MW5RMCt1ejA0Qk1oR3lSOGZ4MG9jaXdqOApuREtMaHVUYmFyVUpBaUVBb0VrNFBNOEVZaTJrTENVWTV1RTVHR3J3UER4VVUrdmV5eXpKVVJ1ek1hWT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg=="

    private static func object(
        _ spec: JSONObject = [:], conditions: [JSON] = [], certificate: String? = nil
    ) -> JSON {
        var members: JSONObject = ["request": request, "signerName": "example.com/own", "usages": ["client auth"]]
        for member in spec { members[member.key] = member.value }
        var status: JSONObject = [:]
        if !conditions.isEmpty { status["conditions"] = .array(conditions) }
        if let certificate { status["certificate"] = .string(certificate) }
        return [
            "metadata": ["name": "a", "resourceVersion": "5", "uid": "u"], "spec": .object(members),
            "status": .object(status),
        ]
    }

    private static let approved: JSON = ["type": "Approved", "status": "True"]

    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var object: JSON
        var errors: [String]
    }

    static let rows: [Row] = [
        Row(testDescription: "right", object: object(), errors: []),
        Row(
            testDescription: "no PEM", object: object(["request": "eA=="]),
            errors: ["spec.request: Invalid value: \"eA==\": PEM block type must be CERTIFICATE REQUEST"]),
        Row(
            testDescription: "usages", object: object(["usages": ["signing", "signing"]]),
            errors: ["spec.usages[1]: Duplicate value: \"signing\""]),
        Row(
            testDescription: "no usage, a signer without a domain", object: object(["usages": [], "signerName": "a"]),
            errors: [
                "spec.usages: Required value",
                "spec.signerName: Invalid value: \"a\": must be a fully qualified domain and path of the form 'example.com/signer-name'",
            ]),
        Row(
            testDescription: "a domain of one label", object: object(["signerName": "a/b"]),
            errors: [
                "spec.signerName: Invalid value: \"a\": should be a domain with at least two segments separated by dots"
            ]),
        Row(
            testDescription: "too short", object: object(["expirationSeconds": 599]),
            errors: [
                "spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 600 seconds (10 minutes)"
            ]),
        Row(
            testDescription: "approved and denied",
            object: object(conditions: [approved, ["type": "Denied", "status": "True"]]),
            errors: [
                "status.conditions: Invalid value: \"Denied\": Approved and Denied conditions are mutually exclusive"
            ]),
        Row(
            testDescription: "a certificate that is none", object: object(certificate: "eA=="),
            errors: [
                "status.certificate: Invalid value: \"<certificate data>\": must contain at least one CERTIFICATE PEM block"
            ]),
    ]

    @Test(arguments: rows)
    func rules(_ row: Row) {
        var errors = FieldErrors()
        SigningRequestRules.check(Fields(row.object), &errors)
        #expect(errors.list.map(\.description) == row.errors)
    }

    private func update(_ subresource: String, _ object: JSON, from old: JSON) -> (JSON, [String]) {
        var object = object
        strategy.prepareForUpdate(ofSubresource: subresource, &object, from: old)
        let errors = strategy.validateUpdate(ofSubresource: subresource, object, from: old)
        return (object, errors.map(\.description))
    }

    @Test func approvalSetsConditionsAndNothingElse() {
        let wanted = Self.object(["usages": ["signing"]], conditions: [Self.approved], certificate: "eA==")
        let (object, errors) = update("approval", wanted, from: Self.object())
        #expect(errors == [])
        #expect(object["spec"] == Self.object()["spec"])
        #expect(object["status"] == ["conditions": [Self.approved]])
    }

    @Test func statusDecidesNothing() {
        #expect(
            update("status", Self.object(conditions: [Self.approved]), from: Self.object()).1
                == ["status.conditions: Forbidden: updates may not add a condition of type \"Approved\""])
        var other = Self.approved
        other["reason"] = "changed"
        let (object, errors) = update(
            "status", Self.object(conditions: [other]), from: Self.object(conditions: [Self.approved]))
        #expect(errors == [])
        #expect(object["status"]?["conditions"] == [Self.approved], "put back")
    }

    @Test func whatIsDecidedStays() {
        #expect(
            update("approval", Self.object(), from: Self.object(conditions: [Self.approved])).1
                == ["status.conditions: Forbidden: updates may not remove a condition of type \"Approved\""])
    }
}
