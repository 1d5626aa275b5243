import APIMachinery
import JSON
import Storage

/// What a kind shares between its objects and hands out on a write: addresses and ports of services.
///
/// `reserve` is called with the object as it is to be stored, before it is; what it hands out is kept when the write has
/// been acknowledged and given back when it failed or was a dry run. Calls come from many tasks at once.
protocol AllocationHook: Sendable {
    /// The resource whose objects it serves.
    var resource: GroupResource { get }

    /// Fills in what the object is given, and checks what it asks for.
    /// - Parameter old: the object that is replaced; `nil` for a new one.
    /// - Returns: `nil` where nothing changes hands.
    func reserve(for object: inout JSON, replacing old: JSON?, isDryRun: Bool) throws -> (any Reservation)?

    /// Takes back what a removed object had.
    func release(_ object: JSON)
}

/// What a write has been given and has not made its own yet. One of the two is called, once.
protocol Reservation: Sendable {
    /// The write has happened: what it was given stays its own, what it gave up is free.
    func keep()
    /// The write has not happened: what it was given is free again.
    func giveBack()
}

/// The hooks of a server.
struct Allocators: Sendable {
    var hooks: [any AllocationHook] = []

    func reserve(
        for object: inout JSON, replacing old: JSON?, of resource: ServedResource, isDryRun: Bool
    ) throws -> (any Reservation)? {
        for hook in hooks where hook.resource == resource.groupResource {
            return try hook.reserve(for: &object, replacing: old, isDryRun: isDryRun)
        }
        return nil
    }

    func release(_ object: StoredObject, of resource: ServedResource) {
        for hook in hooks where hook.resource == resource.groupResource {
            if let document = try? resource.decode(object) { hook.release(document) }
        }
    }
}
