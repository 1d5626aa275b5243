import Dispatch
import Glibc

/// A socket's readiness as events on a reactor, and the owner of its descriptor. Confined to the reactor.
final class SocketWatch {
    let descriptor: Int32
    private let queue: DispatchQueue
    private let onWritable: () -> Void
    private let readSource: any DispatchSourceRead
    private var writeSource: (any DispatchSourceWrite)?
    private var isReadingPaused = false
    private var isWritingPaused = true
    private var isClosed = false

    /// Takes over `descriptor`. The closures are called in turns of the reactor.
    init(
        descriptor: Int32, reactor: Reactor, onReadable: @escaping () -> Void, onWritable: @escaping () -> Void
    ) {
        self.descriptor = descriptor
        queue = reactor.queue
        readSource = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: reactor.queue)
        readSource.setEventHandler { [unowned reactor] in reactor.turn(onReadable) }
        self.onWritable = { [unowned reactor] in reactor.turn(onWritable) }
        readSource.activate()
    }

    func setReading(_ reads: Bool) {
        guard !isClosed, reads == isReadingPaused else { return }
        isReadingPaused = !reads
        if reads { readSource.resume() } else { readSource.suspend() }
    }

    func setWriting(_ writes: Bool) {
        guard !isClosed, writes == isWritingPaused else { return }
        isWritingPaused = !writes
        if let writeSource {
            if writes { writeSource.resume() } else { writeSource.suspend() }
        } else {
            let source = DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
            source.setEventHandler(handler: onWritable)
            source.activate()
            writeSource = source
        }
    }

    /// Ends the events; the descriptor is closed when Dispatch has let go of it. No event comes after the call.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        // The peer must see the end now, not when Dispatch gets to it.
        shutdown(descriptor, Int32(SHUT_RDWR))
        let group = DispatchGroup()
        end(readSource, isSuspended: isReadingPaused, group)
        if let writeSource { end(writeSource, isSuspended: isWritingPaused, group) }
        group.notify(queue: queue) { [descriptor] in _ = Glibc.close(descriptor) }
    }

    private func end(_ source: any DispatchSourceProtocol, isSuspended: Bool, _ group: DispatchGroup) {
        group.enter()
        source.setCancelHandler { group.leave() }
        source.cancel()
        // A suspended source would never tell of its cancellation.
        if isSuspended { source.resume() }
    }
}
