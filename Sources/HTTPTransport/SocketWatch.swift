import CEpoll
import Glibc

/// A socket's readiness as events on a reactor, and the owner of its descriptor. Confined to the reactor.
final class SocketWatch {
    let descriptor: Int32
    private let poller: ReadinessPoller
    private let onReadable: () -> Void
    private let onWritable: () -> Void
    private var identifier: UInt64 = 0
    private var interest = UInt32(EPOLLIN.rawValue)
    private var isClosed = false

    /// Takes over `descriptor`. The closures are called in turns of the reactor. The caller keeps the watch until it has
    /// closed it.
    init(
        descriptor: Int32, reactor: Reactor, onReadable: @escaping () -> Void, onWritable: @escaping () -> Void
    ) {
        self.descriptor = descriptor
        poller = reactor.poller
        self.onReadable = onReadable
        self.onWritable = onWritable
        identifier = poller.add(self, interest: interest)
    }

    /// Called by the poller with what epoll says of the socket. An error or a hang-up is found by reading or writing.
    func isReady(for events: UInt32) {
        let failed = events & (UInt32(EPOLLERR.rawValue) | UInt32(EPOLLHUP.rawValue)) != 0
        if events & UInt32(EPOLLIN.rawValue) != 0 || failed { onReadable() }
        if isClosed { return }
        if events & UInt32(EPOLLOUT.rawValue) != 0 || failed { onWritable() }
    }

    func setReading(_ reads: Bool) { set(UInt32(EPOLLIN.rawValue), reads) }

    func setWriting(_ writes: Bool) { set(UInt32(EPOLLOUT.rawValue), writes) }

    private func set(_ bit: UInt32, _ wanted: Bool) {
        let changed = wanted ? interest | bit : interest & ~bit
        guard !isClosed, changed != interest else { return }
        interest = changed
        poller.change(identifier, descriptor, interest: changed)
    }

    /// Ends the events and closes the descriptor. No event comes after the call.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        poller.remove(identifier, descriptor)
        _ = Glibc.close(descriptor)
    }
}
