import Synchronization

/// A `pattern` of a schema: found anywhere in a text, unless it is anchored. Read when a text is first held to it.
final class SchemaPattern: Sendable {
    private final class Reading: Sendable {
        let result: Result<RegularExpression, RegularExpressionError>
        init(_ result: Result<RegularExpression, RegularExpressionError>) { self.result = result }
    }

    let text: String
    private let reading = AtomicLazyReference<Reading>()

    init(_ text: String) { self.text = text }

    /// Why a value does not fit, as the end of `should match '…'`; `nil` where it does.
    func problem(of value: String) -> String? {
        let read =
            reading.load()
            ?? reading.storeIfNil(
                Reading(
                    Result { () throws(RegularExpressionError) in
                        try RegularExpression(text)
                    }))
        switch read.result {
        case .failure(let error): return "\(text), but pattern is invalid: \(error)"
        case .success(let expression):
            return switch expression.search(value) {
            case .match: nil
            case .noMatch: text
            case .tooManySteps: "\(text), but it takes too many steps to find out"
            }
        }
    }
}
