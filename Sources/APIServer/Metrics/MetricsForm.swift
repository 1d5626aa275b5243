/// The formats in which metrics are sent.
enum MetricsForm {
    case text, protobuf

    /// The first format that a client accepts, of those that there are; text for any other.
    init(accept: String?) {
        for clause in Negotiation.parse(accept ?? "") {
            switch "\(clause.type)/\(clause.subtype)" {
            case "application/vnd.google.protobuf"
            where clause.parameter("proto") == "io.prometheus.client.MetricFamily"
                && clause.parameter("encoding") == "delimited":
                self = .protobuf
                return
            case "text/plain" where ["0.0.4", nil].contains(clause.parameter("version")):
                self = .text
                return
            default: continue
            }
        }
        self = .text
    }

    var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
        case .protobuf:
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; "
                + "escaping=underscores"
        }
    }

    func encode(_ families: MetricFamilies) -> [UInt8] {
        switch self {
        case .text: MetricsText.encode(families)
        case .protobuf: MetricsProtobuf.encode(families)
        }
    }
}
