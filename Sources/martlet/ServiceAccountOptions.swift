import APIServer
import ArgumentParser
import Foundation
import PKI

/// Who signs the tokens of service accounts. The names are kube-apiserver's.
struct ServiceAccountOptions: ParsableArguments, Sendable {
    @Option(help: "Issuer of tokens, a URL; given again, others whose tokens are taken too.")
    var serviceAccountIssuer: [String] = []
    @Option(help: "Private key (PEM) that tokens are signed with, in the place of the one that the server makes.")
    var serviceAccountSigningKeyFile: String?
    @Option(help: "Keys (PEM) that tokens are checked with beside the signing key; may be given again.")
    var serviceAccountKeyFile: [String] = []
    @Option(help: "Whom tokens must be for, separated by commas; the first issuer where it is left out.")
    var apiAudiences: [String] = []
    @Option(help: "URL that clients are told to get the keys from, in the place of the server's own.")
    var serviceAccountJwksUri: String?

    func validate() throws {
        if serviceAccountIssuer.contains("") { throw ValidationError("--service-account-issuer must not be empty") }
        if let serviceAccountJwksUri, !serviceAccountJwksUri.hasPrefix("https://") {
            throw ValidationError("--service-account-jwks-uri must be an https URL")
        }
    }

    /// - Parameter serverAddress: `HOST:PORT` that clients use.
    func issuer(in directory: DataDirectory, serverAddress: String) -> ServiceAccountIssuer {
        let options = self
        return ServiceAccountIssuer(
            names: serviceAccountIssuer,
            keys: ServiceAccountKeys {
                let key = try options.serviceAccountSigningKeyFile.map { try PrivateKey(pem: try Self.read($0)) }
                return (
                    try key ?? directory.serviceAccountKey(),
                    try options.serviceAccountKeyFile.flatMap { try PublicKey.all(pem: try Self.read($0)) }
                )
            },
            audiences: apiAudiences.flatMap { $0.split(separator: ",").map(String.init) },
            keySetURL: serviceAccountJwksUri ?? "https://\(serverAddress)/openid/v1/jwks")
    }

    private static func read(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }
}
