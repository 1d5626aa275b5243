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
    /// - Throws: where a key that there is cannot be read; a new one may still be in the making.
    func issuer(in directory: DataDirectory, serverAddress: String) throws -> ServiceAccountIssuer {
        let key =
            try serviceAccountSigningKeyFile.map { file in try Self.read(file) { try PrivateKey(pem: $0) } }
            ?? directory.storedServiceAccountKey()
        let others = try serviceAccountKeyFile.flatMap { file in try Self.read(file) { try PublicKey.all(pem: $0) } }
        return ServiceAccountIssuer(
            names: serviceAccountIssuer,
            keys: ServiceAccountKeys { (try key ?? directory.newServiceAccountKey(), others) },
            audiences: apiAudiences.flatMap { $0.split(separator: ",").map(String.init) },
            keySetURL: serviceAccountJwksUri ?? "https://\(serverAddress)/openid/v1/jwks")
    }

    private static func read<Key>(_ path: String, as key: ([UInt8]) throws -> Key) throws -> Key {
        do {
            return try key(Array(try Data(contentsOf: URL(fileURLWithPath: path))))
        } catch {
            throw ValidationError("the key file \(path) cannot be read: \(error)")
        }
    }
}
