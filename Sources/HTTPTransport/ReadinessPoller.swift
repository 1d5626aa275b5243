import CEpoll
import Dispatch
import Glibc

/// The sockets of a reactor behind one Dispatch source: an epoll set, whose own descriptor is what Dispatch watches.
///
/// A source a socket costs two changes of thread and a system call to arm it anew for each time that the socket is
/// ready; here a whole round of ready sockets costs that once, and under load the rounds follow one another without any.
/// Confined to the reactor.
final class ReadinessPoller {
    /// How long the poller keeps the queue's thread at most, before timers and other work of the queue get their turn.
    private static let longestStayNanoseconds: UInt64 = 5_000_000
    /// How long it waits for the next event before it gives the thread back.
    private static let stayMilliseconds: Int32 = 1
    private static let wakeIdentifier: UInt64 = 0
    private static let eventsPerRound = 64

    private let descriptor: Int32
    private let wakeDescriptor: Int32
    private let source: any DispatchSourceRead
    private var watches: [UInt64: Unmanaged<SocketWatch>] = [:]
    private var lastIdentifier: UInt64 = 0
    private let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: eventsPerRound)

    /// Made with its reactor when a server is made, before there is any client.
    init(reactor: Reactor) {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(descriptor >= 0, "the system gives no epoll set: \(String(cString: strerror(errno)))")
        let wakeDescriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(wakeDescriptor >= 0, "the system gives no event: \(String(cString: strerror(errno)))")
        self.descriptor = descriptor
        self.wakeDescriptor = wakeDescriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: reactor.queue)
        source.setEventHandler { [unowned self, unowned reactor] in poll(reactor) }
        source.setCancelHandler {
            _ = Glibc.close(descriptor)
            _ = Glibc.close(wakeDescriptor)
        }
        control(EPOLL_CTL_ADD, wakeDescriptor, Self.wakeIdentifier, UInt32(EPOLLIN.rawValue))
        source.activate()
    }

    deinit {
        source.cancel()
        events.deallocate()
    }

    /// Serves what is ready, and stays a little for what comes next: while requests follow one another, the queue's thread
    /// waits in the set itself, and Dispatch has no part in them. Returns to the queue at the latest after
    /// `longestStay`, and as soon as other work waits there.
    private func poll(_ reactor: Reactor) {
        let end = Reactor.monotonicNanoseconds() &+ Self.longestStayNanoseconds
        while true {
            var count = Int(epoll_wait(descriptor, events.baseAddress, Int32(Self.eventsPerRound), 0))
            if count == 0 {
                guard Reactor.monotonicNanoseconds() < end, reactor.beginStaying() else { return }
                count = Int(
                    epoll_wait(
                        descriptor, events.baseAddress, Int32(Self.eventsPerRound), Self.stayMilliseconds))
                reactor.endStaying()
            }
            guard count > 0 else { return }
            reactor.turn {
                for event in events[..<count] {
                    if event.data.u64 == Self.wakeIdentifier {
                        clearWake()
                    } else {
                        // A watch that an earlier event of the round closed is no longer there.
                        watches[event.data.u64]?.takeUnretainedValue().isReady(for: event.events)
                    }
                }
                reactor.takeArrivals()
            }
            if Reactor.monotonicNanoseconds() >= end { return }
        }
    }

    // MARK: Waking

    /// Ends a stay. From any thread.
    func wake() {
        var one: UInt64 = 1
        _ = write(wakeDescriptor, &one, 8)
    }

    private func clearWake() {
        var count: UInt64 = 0
        _ = read(wakeDescriptor, &count, 8)
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
