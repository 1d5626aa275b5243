import APIMachinery

/// Which revisions are older than a length of time, known from looks at the clock every now and then.
///
/// No object carries the time of its last write; but whatever has not been written since a look has, at that look, a
/// revision no greater than the store's. After a restart everything is as old as the first look: as with etcd's leases,
/// what lives for a time lives for it once more.
struct RevisionAges {
    private struct Look {
        var time: Int64
        var revision: Revision
    }

    private var looks: [Look] = []
    /// In the unit of the times that `note` is given.
    let age: Int64

    init(age: Int64) { self.age = age }

    /// Notes how far the store has got.
    /// - Returns: the newest revision that is of the age now; `nil` where none has come to it since the last look.
    mutating func note(_ revision: Revision, at time: Int64) -> Revision? {
        if looks.last?.revision != revision { looks.append(Look(time: time, revision: revision)) }
        let old = looks.prefix { $0.time <= time - age }
        looks.removeFirst(old.count)
        return old.last?.revision
    }
}
