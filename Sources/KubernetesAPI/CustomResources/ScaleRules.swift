import APIMachinery
import JSON

/// What must stand where a custom object has what its `Scale` shows.
struct ScaleRules: Sendable {
    let paths: ScalePaths

    func problems(of object: JSON) -> [FieldError] {
        count(at: paths.specReplicas, in: object) + statusProblems(of: object)
    }

    func statusProblems(of object: JSON) -> [FieldError] {
        var problems = count(at: paths.statusReplicas, in: object)
        if let selector = paths.selector, case .failure(let error) = ScalePaths.text(at: selector, in: object) {
            problems.append(Self.invalid(selector, "", error.message))
        }
        return problems
    }

    private func count(at path: [String], in object: JSON) -> [FieldError] {
        switch ScalePaths.count(at: path, in: object) {
        case .failure(let error): [Self.invalid(path, 0, error.message)]
        case .success(nil): []
        case .success(let count?) where count < 0:
            [Self.invalid(path, .int(count), "should be a non-negative integer")]
        case .success(let count?) where count > Int64(Int32.max):
            [Self.invalid(path, .int(count), "should be less than or equal to \(Int32.max)")]
        case .success: []
        }
    }

    private static func invalid(_ path: [String], _ value: JSON, _ detail: String) -> FieldError {
        var error = FieldError.invalid(.root, value, detail)
        error.path = ScalePaths.text(of: path)
        return error
    }
}
