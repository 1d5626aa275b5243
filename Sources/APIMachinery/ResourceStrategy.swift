public import JSON

/// What a kind does on a write beyond what its schema says: defaults, what clients may set, validation.
///
/// Objects come in the storage version, canonical as `Schema.canonicalize` leaves them. All methods are pure: state that
/// is shared between objects (addresses, ports) is the allocator's, which the server calls between defaulting and
/// validation.
public protocol ResourceStrategy: Sendable {
    /// Fills in what a client left out (`defaults.go` of the kind). Called on every write, after decoding.
    func applyDefaults(to object: inout JSON)

    /// Drops or sets what a client may not decide on creation: status, `generation: 1`.
    func prepareForCreation(_ object: inout JSON)

    /// Drops or keeps what a client may not change by an update of the resource itself: status, `generation`.
    func prepareForUpdate(_ object: inout JSON, from old: JSON)

    /// All that is wrong with a new object, in Kubernetes' order.
    func validateCreation(_ object: JSON) -> [FieldError]

    /// All that is wrong with an object that is to take the place of `old`.
    func validateUpdate(_ object: JSON, from old: JSON) -> [FieldError]

    /// Keeps what an update of a subresource (`status`, `resize`, `ephemeralcontainers`…) may not change.
    func prepareForUpdate(ofSubresource name: String, _ object: inout JSON, from old: JSON)
    func validateUpdate(ofSubresource name: String, _ object: JSON, from old: JSON) -> [FieldError]

    /// Texts for `Warning` headers of a create or update.
    func warnings(for object: JSON, replacing old: JSON?) -> [String]

    /// Last touches before an object is stored (such as mirrored deprecated twins).
    func canonicalize(_ object: inout JSON)

    /// The values of the selectable fields, `metadata.name` and `metadata.namespace` aside.
    func selectableFields(of object: JSON) -> [String: String]

    /// Seconds an object may take to go once deleted, from the request's `gracePeriodSeconds`; 0 removes it at once,
    /// `nil` where the kind knows no grace.
    func gracePeriodSeconds(deleting object: JSON, requested: Int64?) -> Int64?

    /// Fields that a write cannot change, and so does not come to own: `status` for one of the object itself, all else for
    /// one of its status (`GetResetFields`).
    /// - Parameter subresource: `nil` for the object itself.
    func unchangeableFields(for subresource: String?) -> FieldFilter?

    /// Which names an object may have; an empty list where the name is right, else Kubernetes' texts.
    func problemsOfName(_ name: String, isPrefix: Bool) -> [String]

    /// Whether a PUT to a name that is not there creates it.
    var allowsCreationOnUpdate: Bool { get }
    /// Whether an update may leave out `metadata.resourceVersion` (and then takes the newest).
    var allowsUnconditionalUpdate: Bool { get }
    /// What becomes of dependents where a deletion does not say: `background` or `orphan`.
    var defaultPropagationPolicy: String { get }
}
