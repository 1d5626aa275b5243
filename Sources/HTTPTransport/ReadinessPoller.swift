import CEpoll
import Dispatch
import Glibc

/// The sockets of a reactor behind one Dispatch source: an epoll set, whose own descriptor is what Dispatch watches.
///
/// A source a socket costs a change of thread and a system call to arm it anew for each time that the socket is ready;
/// here a whole round of ready sockets costs that once, and under load the rounds follow one another without any.
/// Confined to the reactor.
final class ReadinessPoller {
    /// Rounds in a row before other work of the queue gets its turn.
    private static let maximumRounds = 16
    private static let eventsPerRound = 64

    private let descriptor: Int32
    private let source: any DispatchSourceRead
    private var watches: [UInt64: Unmanaged<SocketWatch>] = [:]
    private var lastIdentifier: UInt64 = 0
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: eventsPerRound)

    /// Made with its reactor when a server is made, before there is any client.
    init(reactor: Reactor) {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(descriptor >= 0, "the system gives no epoll set: \(String(cString: strerror(errno)))")
        self.descriptor = descriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: reactor.queue)
        source.setEventHandler { [unowned self, unowned reactor] in poll(reactor) }
        source.setCancelHandler { _ = Glibc.close(descriptor) }
        source.activate()
    }

    deinit {
        source.cancel()
        events.deallocate()
    }

    private func poll(_ reactor: Reactor) {
        for _ in 0..<Self.maximumRounds {
            let count = Int(epoll_wait(descriptor, events.baseAddress, Int32(Self.eventsPerRound), 0))
            guard count > 0 else { return }
            reactor.turn {
                for event in events[..<count] {
                    // A watch that an earlier event of the round closed is no longer there.
                    watches[event.data.u64]?.takeUnretainedValue().isReady(for: event.events)
                }
            }
        }
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
