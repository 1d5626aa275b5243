/// A stack whose topmost elements can move out together, as an array of exactly their number.
struct MoveStack<Element>: ~Copyable {
    private var base: UnsafeMutablePointer<Element>?
    private(set) var count = 0
    private var capacity = 0

    deinit {
        base?.deinitialize(count: count)
        base?.deallocate()
    }

    /// The element at an index below `count`.
    subscript(index: Int) -> Element {
        get {
            assert(index < count)
            return base.unsafelyUnwrapped[index]
        }
        set {
            assert(index < count)
            base.unsafelyUnwrapped[index] = newValue
        }
    }

    mutating func push(_ element: consuming Element) {
        if count == capacity { grow() }
        (base.unsafelyUnwrapped + count).initialize(to: element)
        count += 1
    }

    /// Moves the elements from `start` on into an array.
    mutating func popArray(from start: Int) -> [Element] {
        let length = count - start
        guard length > 0 else { return [] }
        let source = base.unsafelyUnwrapped + start
        let array = [Element](unsafeUninitializedCapacity: length) { buffer, initialized in
            buffer.baseAddress.unsafelyUnwrapped.moveInitialize(from: source, count: length)
            initialized = length
        }
        count = start
        return array
    }

    private mutating func grow() {
        let larger = max(32, capacity * 2)
        let storage = UnsafeMutablePointer<Element>.allocate(capacity: larger)
        if let base {
            storage.moveInitialize(from: base, count: count)
            base.deallocate()
        }
        base = storage
        capacity = larger
    }
}
