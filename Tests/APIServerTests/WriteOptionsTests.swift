import APIMachinery
import JSON
import Testing

@testable import APIServer

@Suite struct WriteOptionsTests {
    @Test func optionsAreReadFromTheQuery() throws {
        let options = try WriteOptions(QueryParameters("dryRun=All&dryRun=All&fieldValidation=Strict"), for: .create)
        #expect(options.isDryRun)
        #expect(options.fieldValidation == .strict)
        let defaults = try WriteOptions(QueryParameters(nil), for: .update)
        #expect(!defaults.isDryRun)
        #expect(defaults.fieldValidation == .warn)
    }

    @Test(
        arguments: [
            ("dryRun=", .create, #"dryRun: Unsupported value: [""]: supported values: "All""#),
            ("dryRun=All&dryRun=x", .update, #"dryRun: Unsupported value: ["All","x"]: supported values: "All""#),
            (
                "fieldValidation=Maybe", .patch,
                #"fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn""#
            ),
            ("force=true", .patch, "force: Forbidden: may not be specified for non-apply patch"),
            ("", .apply, "fieldManager: Required value: is required for apply patch"),
            ("fieldManager=\(String(repeating: "x", count: 129))", .create, "may not be more than 128 bytes"),
        ] as [(String, WriteOptions.Kind, String)])
    func wrongOptionsAreInvalid(query: String, kind: WriteOptions.Kind, text: String) {
        let error = #expect(throws: APIStatus.self) { _ = try WriteOptions(QueryParameters(query), for: kind) }
        #expect(error?.code == 422)
        #expect(error?.message.hasSuffix(text) == true, "\(error?.message ?? "")")
    }

    @Test func theBodyOfADeletionCountsMoreThanTheQuery() throws {
        let body = Array(#"{"kind":"DeleteOptions","gracePeriodSeconds":3,"dryRun":["All"]}"#.utf8)
        let options = try DeleteOptions(
            body: body, contentType: nil, query: QueryParameters("gracePeriodSeconds=9&propagationPolicy=Orphan"))
        #expect(options.gracePeriodSeconds == 3)
        #expect(options.isDryRun)
        #expect(options.propagationPolicy == nil)
    }

    @Test(arguments: [
        (#"{"kind":"Status","apiVersion":"v1"}"#, 400, "converting (v1.Status) to (v1.DeleteOptions)"),
        (#"{"propagationPolicy":"Sideways"}"#, 422, #"supported values: "Foreground", "Background", "Orphan", "nil""#),
        (#"{"propagationPolicy":"Orphan","orphanDependents":true}"#, 422, "cannot be both set"),
        (
            #"{"ignoreStoreReadErrorWithClusterBreakingPotential":true,"preconditions":{}}"#, 422,
            "ignoreStoreReadErrorWithClusterBreakingPotential: Invalid value: true: cannot be set together with .preconditions"
        ),
        (#"{"dryRun":["Some"]}"#, 422, #"dryRun: Unsupported value: ["Some"]"#),
        (#"{"gracePeriodSeconds":"x"}"#, 400, "DeleteOptions.gracePeriodSeconds of type int64"),
        (#"{"#, 400, "unexpected end of JSON input"),
        ("[1]", 400, "cannot unmarshal array"),
    ])
    func wrongDeleteOptionsAreRefused(body: String, code: Int, text: String) {
        let error = #expect(throws: APIStatus.self) {
            _ = try DeleteOptions(body: Array(body.utf8), contentType: nil, query: QueryParameters(nil))
        }
        #expect(error?.code == code)
        #expect(error?.message.contains(text) == true, "\(error?.message ?? "")")
    }
}
