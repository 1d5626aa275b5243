/// The two forms in which the API describes itself.
enum OpenAPIVersion: Sendable, Hashable {
    /// Swagger 2.0: everything in one document.
    case v2
    /// OpenAPI 3.0 (KEP-2896): a document a group and version.
    case v3

    /// What stands before a type's name in `$ref`.
    var referencePrefix: String {
        switch self {
        case .v2: "#/definitions/"
        case .v3: "#/components/schemas/"
        }
    }

    var protobufMediaType: String {
        switch self {
        case .v2: "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
        case .v3: "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"
        }
    }

    /// The same with `@` before the version, which is no token of HTTP and is still what older clients ask for.
    var formerProtobufMediaType: String {
        switch self {
        case .v2: "application/com.github.proto-openapi.spec.v2@v1.0+protobuf"
        case .v3: "application/com.github.proto-openapi.spec.v3@v1.0+protobuf"
        }
    }
}
