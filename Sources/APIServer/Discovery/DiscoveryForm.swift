import APIMachinery
import HTTPTransport

/// The form of a discovery document that a client wants.
struct DiscoveryForm: Hashable {
    var form: OutputForm
    /// Whether the client takes all groups in one document (KEP-3352).
    var isAggregated: Bool

    /// What `Content-Type` says of the answer.
    var contentType: String {
        isAggregated
            ? form.mediaType.rawValue + ";g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList" : form.mediaType.rawValue
    }

    /// Agrees on a form. Where a client takes both, in equal measure, it gets the aggregated document, whichever it
    /// names first.
    ///
    /// - Parameter offersAggregated: only `/api` and `/apis` have an aggregated form.
    /// - Throws: 406 where none of what the client accepts is there.
    static func agreed(
        accept: String?, query: QueryParameters, offersAggregated: Bool
    ) throws(APIStatus) -> DiscoveryForm {
        guard let accept, !accept.isEmpty else {
            let form = OutputForm(mediaType: .json, transform: .none, isPretty: query.flag("pretty"))
            return DiscoveryForm(form: form, isAggregated: false)
        }
        var best: (form: DiscoveryForm, quality: Double)?
        for clause in Negotiation.parse(accept) {
            guard let mediaType = Negotiation.mediaType(of: clause) else { continue }
            let isAggregated = clause.parameter("as") != nil
            if isAggregated, !offersAggregated || !asksForAggregated(clause) { continue }
            let form = OutputForm(
                mediaType: mediaType, transform: .none, isPretty: Negotiation.isPretty(clause, query))
            let candidate = DiscoveryForm(form: form, isAggregated: isAggregated)
            guard let found = best else {
                best = (candidate, clause.quality)
                continue
            }
            if isAggregated, !found.form.isAggregated, clause.quality >= found.quality {
                best = (candidate, clause.quality)
            }
        }
        guard let best else { throw Negotiation.onlyAccepted() }
        return best.form
    }

    private static func asksForAggregated(_ clause: Negotiation.Clause) -> Bool {
        clause.parameter("g") == "apidiscovery.k8s.io" && clause.parameter("v") == "v2"
            && clause.parameter("as") == "APIGroupDiscoveryList"
    }
}
