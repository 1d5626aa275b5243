import APIMachinery
import HTTPTransport
import Storage

extension APIServer {
    /// Streams the changes of a collection (API concepts, "Efficient detection of changes"; KEP-3157 for streaming lists).
    func watch(_ resource: ServedResource, _ context: RequestContext) async throws -> Answer {
        let representation = representation(of: resource, in: context)
        let options = try ListOptions(context.query, isWatch: true, of: resource)
        let contentType = try Self.contentType(ofWatch: representation)
        if let name = context.info.name, let selected = options.fieldSelector?.requiredValue(of: "metadata.name"),
            selected != name
        {
            throw APIStatus.badRequest("fieldSelector metadata.name doesn't match requested name")
        }
        guard let exchange = context.exchange else { throw APIStatus.methodNotAllowed }
        let start = try await watchStart(options, of: resource)

        let stream = exchange.start(
            status: 200, headers: answerHeaders(contentType: contentType, context))
        let namespace = context.info.namespace.flatMap { resource.definition.isNamespaced ? $0 : nil }
        let watch = Watch(
            representation: representation, filter: ObjectFilter(options, of: resource), namespace: namespace,
            path: context.info.name.map { (namespace.map { $0 + "/" } ?? "") + $0 }, stream: stream,
            sendsBookmarks: options.allowsWatchBookmarks, revision: start.revision,
            eventSizes: watchMetrics.sizes(of: resource.kind))
        begin(watch, with: start, options, on: exchange.reactor)
        return .streaming
    }

    /// - Throws: 406 where the form cannot be streamed, or has no place for the objects.
    private static func contentType(ofWatch representation: Representation) throws(APIStatus) -> String {
        let resource = representation.resource
        switch representation.form.mediaType {
        case .json: return OutputForm.MediaType.json.rawValue
        case .yaml: throw Negotiation.notStreamable()
        case .protobuf:
            if representation.form.transform == .none, !ProtobufEncoding.isAvailable(for: resource) {
                throw ProtobufEncoding.notMarshalable(resource.kind)
            }
            return OutputForm.MediaType.protobuf.rawValue + ";stream=watch"
        }
    }

    /// What a watch sends before it follows the changes, and the revision from which it does.
    private struct WatchStart {
        var revision: Revision
        var initial: Snapshot?
        var missed: [Event] = []
        var marksInitialEventsEnd = false
        var failure: APIStatus?
    }

    private func watchStart(_ options: ListOptions, of resource: ServedResource) async throws -> WatchStart {
        let given: Revision?
        do {
            given = try Revision.parameter(options.resourceVersion)
        } catch {
            throw error.asUnknown
        }
        if options.sendsInitialEvents == true {
            let snapshot = try await snapshot(notOlderThan: given)
            return WatchStart(
                revision: snapshot.revision, initial: snapshot, marksInitialEventsEnd: options.allowsWatchBookmarks)
        }
        guard let given, given != .zero else {
            let snapshot = storage.snapshot
            return WatchStart(
                revision: snapshot.revision, initial: options.sendsInitialEvents == false ? nil : snapshot)
        }
        do {
            let missed = try storage.events(of: resource.key, after: given)
            return WatchStart(revision: missed.last?.revision ?? given, missed: missed)
        } catch {
            // A revision that is still to come has nothing behind it yet.
            if case .futureRevision = error { return WatchStart(revision: given) }
            guard case .compacted(let oldest) = error else { throw error }
            let status = APIStatus.expired("too old resource version: \(given) (\(oldest))")
            return WatchStart(revision: given, failure: status)
        }
    }

    /// Sends what came before and joins the reactor's watches, all in one turn of the reactor.
    private func begin(_ watch: Watch, with start: WatchStart, _ options: ListOptions, on reactor: Reactor) {
        if let failure = start.failure { return watch.end(with: failure) }
        let seconds = Self.watchSeconds(options.timeoutSeconds, random: environment.random())
        if seconds == 0 { return watch.stream.finish() }
        // Kubernetes cannot write an event in a list's form and ends the stream.
        if watch.representation.form.transform == .partialMetadataListOfWatch { return watch.stream.finish() }
        // A custom resource may have gone since the request came in; the watches that it had then have been ended.
        let resource = watch.resource
        if resource.definition.isCustom, registry.contents.resource(of: resource.kind) == nil {
            return watch.stream.finish()
        }
        var frames = WatchFrames()
        if let snapshot = start.initial {
            let prefix = watch.namespace.map { $0 + "/" } ?? ""
            var count = 0
            snapshot.forEach(in: watch.resource.key, prefix: prefix) { object in
                if watch.sendInitial(object, frames: &frames) { count += 1 }
                return true
            }
            watchMetrics.countInitialEvents(count, of: watch.resource.groupResource)
            if start.marksInitialEventsEnd { watch.sendBookmark(at: start.revision, isInitialEventsEnd: true) }
        }
        let events = start.missed
        if !events.isEmpty, let given = Revision(options.resourceVersion) {
            watch.revision = given
            for event in events where watch.namespace == nil || event.object.key.namespace == watch.namespace {
                watch.send(event, frames: &frames)
            }
            watch.revision = start.revision
        }
        frames.finish()
        let watches = watchHub.watches(on: reactor)
        watches.add(watch)
        // The stream keeps the watch until it ends, whichever way, and drops these then. A weak reference would make
        // every other one to the watch dearer.
        watch.stream.onClose = { watches.remove(watch) }
        watch.stream.onShutdown = {
            watch.stream.finish()
            watches.remove(watch)
        }
        Self.schedule(watch, seconds: seconds, in: watches)
    }

    /// How long a watch lasts (`GetTimeoutForWatch` of apiserver): as long as the client says, or without a word of it once
    /// to twice `--min-request-timeout`, so that clients spread over servers anew.
    ///
    /// Kubernetes counts in 64 bits of nanoseconds: what does not fit goes round, and what comes out negative is over
    /// before it begins.
    /// - Returns: 0 for a watch that ends at once.
    static func watchSeconds(_ timeoutSeconds: Int64?, random: UInt64) -> Int64 {
        let nanoseconds = (timeoutSeconds ?? 0) &* 1_000_000_000
        if nanoseconds == 0 { return minimumWatchSeconds + Int64(random % UInt64(minimumWatchSeconds)) }
        return nanoseconds < 0 ? 0 : max(nanoseconds / 1_000_000_000, 1)
    }

    private static func schedule(_ watch: Watch, seconds: Int64, in watches: ReactorWatches) {
        watch.timers.append(
            watches.reactor.schedule(after: .seconds(seconds)) {
                watch.stream.finish()
                watches.remove(watch)
            })
        if watch.sendsBookmarks { scheduleBookmark(watch, secondsLeft: seconds, in: watches) }
    }

    /// A bookmark a minute, and one shortly before the end, so that the client's next watch begins where this one ended.
    private static func scheduleBookmark(_ watch: Watch, secondsLeft: Int64, in watches: ReactorWatches) {
        let wait = max(min(bookmarkSeconds, secondsLeft - lastBookmarkSeconds), 0)
        let left = secondsLeft - wait
        guard left > 0 else { return }
        watch.timers.append(
            watches.reactor.schedule(after: .seconds(wait)) {
                watch.sendBookmark(at: watches.bookmarkRevision(of: watch))
                if watch.timers.count > 1 { watch.timers.removeLast() }
                if left > lastBookmarkSeconds { scheduleBookmark(watch, secondsLeft: left, in: watches) }
            })
    }

    /// Kubernetes' `--min-request-timeout`: a watch without a time of its own lasts this to twice this.
    private static let minimumWatchSeconds: Int64 = 1800
    private static let bookmarkSeconds: Int64 = 60
    /// How long before its end a watch gets its last bookmark.
    private static let lastBookmarkSeconds: Int64 = 2
}
