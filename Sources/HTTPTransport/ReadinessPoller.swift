import CEpoll
import Glibc

/// The sockets of a reactor in one epoll set, with a descriptor by which other threads end its waiting.
///
/// Confined to the reactor but for `wake`.
final class ReadinessPoller {
    private static let wakeIdentifier: UInt64 = 0
    private static let eventsPerRound = 64

    private let descriptor: Int32
    private let wakeDescriptor: Int32
    private var watches: [UInt64: Unmanaged<SocketWatch>] = [:]
    private var lastIdentifier: UInt64 = 0
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: eventsPerRound)

    /// Made with its reactor when a server is made, before there is any client.
    init() {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(descriptor >= 0, "the system gives no epoll set: \(String(cString: strerror(errno)))")
        wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(wakeDescriptor >= 0, "the system gives no event: \(String(cString: strerror(errno)))")
        // Each write is an edge of its own, so that nobody has to read the count back.
        control(EPOLL_CTL_ADD, wakeDescriptor, Self.wakeIdentifier, UInt32(EPOLLIN.rawValue) | EPOLLET.rawValue)
    }

    deinit {
        _ = Glibc.close(descriptor)
        _ = Glibc.close(wakeDescriptor)
        events.deallocate()
    }

    /// Whether there is no socket to wait for.
    var isEmpty: Bool { watches.isEmpty }

    /// Waits until something is ready or others wake it; -1 is for ever. Gives the number of events for `dispatch`.
    func wait(milliseconds: Int32) -> Int {
        // Interrupted is as good as nothing ready: the reactor comes again.
        max(0, Int(epoll_wait(descriptor, events.baseAddress, Int32(Self.eventsPerRound), milliseconds)))
    }

    /// Tells the watches of the events that `wait` found. In a turn.
    func dispatch(_ count: Int) {
        for event in events[..<count] {
            // A watch that an earlier event of the round closed is no longer there, and a wake-up has none.
            watches[event.data.u64]?.takeUnretainedValue().isReady(for: event.events)
        }
    }

    // MARK: Waking

    /// Ends a wait, or the next one. From any thread.
    func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }

    // MARK: Membership

    /// Adds a socket and gives the name that it has in the set.
    func add(_ watch: SocketWatch, interest: UInt32) -> UInt64 {
        lastIdentifier += 1
        watches[lastIdentifier] = Unmanaged.passUnretained(watch)
        control(EPOLL_CTL_ADD, watch.descriptor, lastIdentifier, interest)
        return lastIdentifier
    }

    func change(_ identifier: UInt64, _ descriptor: Int32, interest: UInt32) {
        control(EPOLL_CTL_MOD, descriptor, identifier, interest)
    }

    func remove(_ identifier: UInt64, _ descriptor: Int32) {
        watches[identifier] = nil
        control(EPOLL_CTL_DEL, descriptor, identifier, 0)
    }

    private func control(_ operation: Int32, _ descriptor: Int32, _ identifier: UInt64, _ interest: UInt32) {
        var event = epoll_event()
        event.events = interest
        event.data.u64 = identifier
        let result = epoll_ctl(self.descriptor, operation, descriptor, &event)
        assert(result == 0, "an open socket is in the set of its reactor alone")
    }
}
