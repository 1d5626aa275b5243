/// Keys with the time at which each is due, the earliest first: a binary heap that knows where each key stands.
struct DelayedKeys<Key: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var key: Key
        var time: Duration
        /// Keeps keys of one time in the order in which they came.
        var order: Int

        func comes(before other: Entry) -> Bool { (time, order) < (other.time, other.order) }
    }

    private var heap: [Entry] = []
    private var positions: [Key: Int] = [:]
    private var nextOrder = 0

    var count: Int { heap.count }
    var earliest: Duration? { heap.first?.time }

    /// A key that is there already keeps the earlier of its times.
    mutating func insert(_ key: Key, at time: Duration) {
        nextOrder += 1
        if let position = positions[key] {
            guard time < heap[position].time else { return }
            heap[position].time = time
            heap[position].order = nextOrder
            siftUp(position)
        } else {
            heap.append(Entry(key: key, time: time, order: nextOrder))
            positions[key] = heap.count - 1
            siftUp(heap.count - 1)
        }
    }

    /// Removes the earliest key where its time has come.
    mutating func popDue(at now: Duration) -> Key? {
        guard let first = heap.first, first.time <= now else { return nil }
        swap(0, heap.count - 1)
        heap.removeLast()
        positions[first.key] = nil
        siftDown(0)
        return first.key
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].comes(before: heap[parent]) else { return }
            swap(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
                if heap[child].comes(before: heap[least]) { least = child }
            }
            if least == parent { return }
            swap(parent, least)
            parent = least
        }
    }

    private mutating func swap(_ first: Int, _ second: Int) {
        heap.swapAt(first, second)
        positions[heap[first].key] = first
        positions[heap[second].key] = second
    }
}
