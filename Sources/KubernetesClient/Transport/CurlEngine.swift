import CCurl
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A thread that carries all transfers of a transport by libcurl's multi interface.
///
/// Other threads post commands and wake it; everything of libcurl's but the wake-up happens on this thread.
// Unchecked because `multi` is a raw pointer: other threads use it for the wake-up alone, under the lock of `mailbox`,
// and the thread frees it after it has closed that.
final class CurlEngine: @unchecked Sendable {
    enum Command: Sendable {
        case start(CurlTransfer)
        /// The transfer has ended for its reader; takes it off the wire.
        case cancel(CurlTransfer)
        case resume(CurlTransfer)
        case close
    }

    private struct Mailbox {
        var commands: [Command] = []
        var isClosed = false
    }

    /// How long the thread waits at most when no socket and no timer calls for it.
    private static let longestWaitMilliseconds: Int32 = 60_000

    private static let isLibraryReady = ccurl_load() && ccurl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    /// libcurl 8.1 rewrote its buffers of HTTP/2.
    static let sharesConnectionsWell = isLibraryReady && ccurl_version_number() >= 0x08_01_00

    let settings: CurlSettings
    private let multi: UnsafeMutableRawPointer
    private let mailbox = Mutex(Mailbox())

    init(_ settings: CurlSettings) throws {
        guard Self.isLibraryReady, let multi = ccurl_multi_init() else {
            throw TransportError(.other, "libcurl could not be loaded")
        }
        self.settings = settings
        self.multi = multi
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, settings.limits.maximumIdleConnections)
        ccurl_multi_set_long(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, settings.limits.maximumStreamsPerConnection)
        ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, settings.limits.maximumConnections)
        try startThread()
    }

    /// Hands a command to the thread. After `close()` a transfer that is to start fails at once.
    func post(_ command: Command) {
        let isOpen = mailbox.withLock { mailbox in
            guard !mailbox.isClosed else { return false }
            mailbox.commands.append(command)
            // Woken once for any number of commands.
            if mailbox.commands.count == 1 { ccurl_multi_wakeup(multi) }
            return true
        }
        if !isOpen, case .start(let transfer) = command { transfer.end(.failure(Self.closed)) }
    }

    /// Ends all transfers and the thread.
    func close() { post(.close) }

    private static let closed = TransportError(.closed, "the transport was closed")

    private func startThread() throws {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self)
        let code = pthread_create(&thread, nil, { CurlEngine.main($0) }, context.toOpaque())
        guard code == 0 else {
            context.release()
            ccurl_multi_cleanup(multi)
            throw TransportError(.other, "a thread could not be started: \(String(cString: strerror(code)))")
        }
        pthread_detach(thread)
    }

    private static func main(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context else { return nil }
        let engine = Unmanaged<CurlEngine>.fromOpaque(context).takeRetainedValue()
        CurlLoop(engine: engine, multi: engine.multi).run()
        return nil
    }

    fileprivate func takeCommands() -> [Command] {
        mailbox.withLock { mailbox in
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }

    fileprivate func closeMailbox() -> [Command] {
        mailbox.withLock { mailbox in
            mailbox.isClosed = true
            defer { mailbox.commands = [] }
            return mailbox.commands
        }
    }

    fileprivate static func fail(_ transfer: CurlTransfer) { transfer.end(.failure(closed)) }

    fileprivate static let pollLimit = longestWaitMilliseconds
}

/// The thread's own state: which handle carries which transfer.
private final class CurlLoop {
    private final class Running {
        let transfer: CurlTransfer
        let handle: UnsafeMutableRawPointer
        var lists = CurlSettings.Lists()
        /// Where libcurl writes what went wrong.
        let message = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

        init(_ transfer: CurlTransfer, _ handle: UnsafeMutableRawPointer) {
            self.transfer = transfer
            self.handle = handle
            message.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        }

        deinit {
            ccurl_easy_cleanup(handle)
            lists.free()
            message.deallocate()
        }
    }

    private let engine: CurlEngine
    private let multi: UnsafeMutableRawPointer
    private var running: [ObjectIdentifier: Running] = [:]
    private var transfers: [UnsafeMutableRawPointer: CurlTransfer] = [:]
    private var isClosing = false

    init(engine: CurlEngine, multi: UnsafeMutableRawPointer) {
        self.engine = engine
        self.multi = multi
    }

    func run() {
        while true {
            for command in engine.takeCommands() { execute(command) }
            if isClosing { return shutDown() }
            var count: Int32 = 0
            check(ccurl_multi_perform(multi, &count))
            finishDone()
            check(ccurl_multi_poll(multi, CurlEngine.pollLimit))
        }
    }

    private func execute(_ command: CurlEngine.Command) {
        switch command {
        case .start(let transfer): start(transfer)
        case .cancel(let transfer): remove(transfer)
        case .resume(let transfer):
            if let run = running[ObjectIdentifier(transfer)] { ccurl_easy_pause(run.handle, CURLPAUSE_CONT) }
        case .close: isClosing = true
        }
    }

    private func start(_ transfer: CurlTransfer) {
        guard !transfer.hasEnded else { return }
        guard let handle = ccurl_easy_init() else {
            transfer.end(.failure(TransportError(.other, "libcurl has no handle to give")))
            return
        }
        let run = Running(transfer, handle)
        do throws(TransportError) {
            run.lists = try engine.settings.apply(to: handle, transfer.request)
            try prepare(run)
            guard ccurl_multi_add_handle(multi, handle) == CURLM_OK else {
                throw TransportError(.other, "libcurl did not take the transfer")
            }
        } catch {
            transfer.end(.failure(error))
            return
        }
        running[ObjectIdentifier(transfer)] = run
        transfers[handle] = transfer
    }

    private func prepare(_ run: Running) throws(TransportError) {
        let easy = EasyHandle(run.handle)
        try easy.set(CURLOPT_ERRORBUFFER, pointer: run.message)
        // Not retained: `running` keeps the transfer for as long as the handle may call back.
        let context = Unmanaged.passUnretained(run.transfer).toOpaque()
        try easy.set(CURLOPT_HEADERDATA, pointer: context)
        try easy.set(CURLOPT_WRITEDATA, pointer: context)
        ccurl_set_data_callback(run.handle, CURLOPT_HEADERFUNCTION, receiveHeader)
        ccurl_set_data_callback(run.handle, CURLOPT_WRITEFUNCTION, receiveBody)
        if engine.settings.address.unixSocket == nil {
            let milliseconds = engine.settings.limits.deadConnectionTimeout.inMillisecondsRoundedUp
            try easy.set(CURLOPT_SOCKOPTDATA, pointer: UnsafeMutableRawPointer(bitPattern: milliseconds))
            ccurl_set_sockopt_callback(run.handle, setSocketOptions)
        }
    }

    private func finishDone() {
        var left: Int32 = 0
        while let message = ccurl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = transfers[handle]
            else { continue }
            let code = message.pointee.data.result
            let detail = running[ObjectIdentifier(transfer)].map { String(cString: $0.message) } ?? ""
            remove(transfer)
            transfer.end(code == CURLE_OK ? .success(()) : .failure(TransportError(curl: code, detail: detail)))
        }
    }

    private func remove(_ transfer: CurlTransfer) {
        guard let run = running.removeValue(forKey: ObjectIdentifier(transfer)) else { return }
        transfers[run.handle] = nil
        ccurl_multi_remove_handle(multi, run.handle)
    }

    private func shutDown() {
        for command in engine.closeMailbox() {
            if case .start(let transfer) = command { CurlEngine.fail(transfer) }
        }
        for run in Array(running.values) {
            remove(run.transfer)
            CurlEngine.fail(run.transfer)
        }
        ccurl_multi_cleanup(multi)
    }

    /// The multi interface fails only when it is misused or out of memory, after which no transfer can go on.
    private func check(_ code: CURLMcode) {
        guard code != CURLM_OK else { return }
        for run in Array(running.values) {
            remove(run.transfer)
            run.transfer.end(.failure(TransportError(.other, String(cString: ccurl_multi_strerror(code)))))
        }
    }
}

private func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer.receiveHeader(line) ? line.count : 0
}

private func receiveBody(
    _ bytes: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let context else { return 0 }
    let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
    let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
    switch transfer.receive(piece) {
    case .taken: return piece.count
    case .deferred: return Int(CURL_WRITEFUNC_PAUSE)
    case .refused: return 0
    }
}

/// Gives up a connection whose bytes are not acknowledged in time (RFC 5482), which libcurl has no option for.
private func setSocketOptions(
    _ context: UnsafeMutableRawPointer?, _ socket: curl_socket_t, _ purpose: curlsocktype
) -> Int32 {
    var milliseconds = UInt32(clamping: Int(bitPattern: context))
    let size = socklen_t(MemoryLayout<UInt32>.size)
    // Best effort: a proxy's or another family's socket may not know the option.
    _ = setsockopt(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, size)
    return Int32(CURL_SOCKOPT_OK)
}
