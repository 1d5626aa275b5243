import APIMachinery
import JSON
import Storage

/// A write as the hooks see it that hand something out for it.
struct ReservationRequest {
    let resource: ServedResource
    let subresource: String?
    let namespace: String?
    let isDryRun: Bool
    /// The store as the write finds it.
    let snapshot: Snapshot
}

/// What objects share and a write takes of: addresses and ports of services, quotas of namespaces.
///
/// `reserve` is called with the object as it is to be stored, before it is; what it hands out is kept when the write has
/// been acknowledged and given back when it failed or was a dry run. Calls come from many tasks at once.
protocol AllocationHook: Sendable {
    func serves(_ resource: ServedResource) -> Bool

    /// Fills in what the object is given, and checks what it asks for.
    /// - Parameter old: the object that is replaced; `nil` for a new one.
    /// - Returns: `nil` where nothing changes hands.
    func reserve(
        for object: inout JSON, replacing old: JSON?, in request: ReservationRequest
    ) throws -> (any Reservation)?

    /// Writes of other objects that are to happen with the removal of an object.
    func companions(removing object: JSON, in snapshot: Snapshot) throws -> [Write]

    /// Takes back what a removed object had.
    func release(_ object: JSON)
}

extension AllocationHook {
    func companions(removing object: JSON, in snapshot: Snapshot) throws -> [Write] { [] }
    func release(_ object: JSON) {}
}

/// What a write has been given and has not made its own yet. One of the two is called, once.
protocol Reservation: Sendable {
    /// Writes of other objects that are to happen with the write, before it, or not at all.
    var companions: [Write] { get }
    /// The write has happened: what it was given stays its own, what it gave up is free.
    func keep()
    /// The write has not happened: what it was given is free again.
    func giveBack()
}

/// What all hooks together hand out for a write.
struct Reservations: Sendable {
    var all: [any Reservation] = []

    var companions: [Write] { all.flatMap(\.companions) }
    func keep() { for reservation in all { reservation.keep() } }
    func giveBack() { for reservation in all { reservation.giveBack() } }
}

/// The hooks of a server.
struct Allocators: Sendable {
    var hooks: [any AllocationHook] = []

    func reserve(for object: inout JSON, replacing old: JSON?, in request: ReservationRequest) throws -> Reservations {
        var reservations = Reservations()
        do {
            for hook in hooks where hook.serves(request.resource) {
                if let one = try hook.reserve(for: &object, replacing: old, in: request) {
                    reservations.all.append(one)
                }
            }
        } catch {
            reservations.giveBack()
            throw error
        }
        return reservations
    }

    func companions(removing object: JSON, of resource: ServedResource, in snapshot: Snapshot) throws -> [Write] {
        var companions: [Write] = []
        for hook in hooks where hook.serves(resource) {
            companions += try hook.companions(removing: object, in: snapshot)
        }
        return companions
    }

    func release(_ object: StoredObject, of resource: ServedResource) {
        for hook in hooks where hook.serves(resource) {
            if let document = try? resource.decode(object) { hook.release(document) }
        }
    }
}
