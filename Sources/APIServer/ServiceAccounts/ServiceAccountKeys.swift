import Dispatch
public import PKI
import Synchronization

/// The key that tokens of service accounts are signed with, and those that signatures are checked with.
///
/// They are read or made on a thread of their own: a new RSA key can take some tenths of a second, and a server that
/// starts need not wait for it. Who asks for the keys before they are there waits.
public final class ServiceAccountKeys: Sendable {
    struct Pair {
        var signing: PrivateKey
        /// The signing key's own first, each once.
        var verification: [PublicKey]
    }

    private let outcome = Mutex<Result<Pair, any Error>?>(nil)
    private let isMade = DispatchGroup()

    /// - Parameter make: gives the signing key, and others that signatures are checked with beside it, as that of a
    ///   former signing key.
    public init(_ make: @escaping @Sendable () throws -> (signing: PrivateKey, others: [PublicKey])) {
        isMade.enter()
        DispatchQueue(label: "service-account-keys").async { [self] in
            let made = Result {
                let (signing, others) = try make()
                var seen: Set<[UInt8]> = []
                let verification = ([try PublicKey(of: signing)] + others).filter { seen.insert($0.encoded).inserted }
                return Pair(signing: signing, verification: verification)
            }
            outcome.withLock { $0 = made }
            isMade.leave()
        }
    }

    /// Waits, blocking the thread, until the keys are there.
    /// - Throws: where they could not be read or made.
    var pair: Pair {
        get throws {
            while true {
                if let outcome = outcome.withLock({ $0 }) { return try outcome.get() }
                isMade.wait()
            }
        }
    }

    /// Returns once the keys are there.
    /// - Throws: where they could not be read or made.
    public func prepare() async throws {
        await withUnsafeContinuation { continuation in
            isMade.notify(queue: .global()) { continuation.resume() }
        }
        _ = try pair
    }
}
