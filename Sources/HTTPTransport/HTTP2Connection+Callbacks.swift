import CNGHTTP2

/// libnghttp2's callbacks. They run within `nghttp2_session_mem_recv` and `nghttp2_session_send`, on the reactor.
extension HTTP2Connection {
    // Made once, then only read.
    nonisolated(unsafe) static let callbacks: OpaquePointer? = {
        var callbacks: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, user in
            guard let header else { return 0 }
            return of(user).frameBegins(header.pointee)
        }
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { session, frame, user in
            guard let session, let frame else { return 0 }
            return of(user).headersBegin(session, frame.pointee)
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            session, frame, name, nameLength, value, valueLength, _, user in
            guard let session, let frame else { return 0 }
            return of(user).header(
                session, frame.pointee, UnsafeBufferPointer(start: name, count: nameLength),
                UnsafeBufferPointer(start: value, count: valueLength))
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { session, frame, user in
            guard let session, let frame else { return 0 }
            return of(user).frameReceived(session, frame.pointee)
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { session, _, id, data, count, user in
            guard let session, let data else { return 0 }
            return of(user).dataReceived(session, id, UnsafeBufferPointer(start: data, count: count))
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { session, id, code, user in
            guard let session else { return 0 }
            return of(user).streamClosed(session, id, code)
        }
        nghttp2_session_callbacks_set_send_callback(callbacks) { _, data, count, _, user in
            guard let data else { return 0 }
            return of(user).send(UnsafeRawBufferPointer(start: data, count: count))
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, count, source, user in
            guard let header, let source, let pointer = source.pointee.ptr else { return 0 }
            return of(user).sendData(HTTP2Stream.of(pointer), UnsafeRawPointer(header), count)
        }
        return callbacks
    }()

    /// Tells libnghttp2 what a stream has to send; `sendData` then takes it from the stream's queue.
    static let readCallback: nghttp2_data_source_read_callback = { _, _, _, length, flags, source, _ in
        guard let flags, let source, let pointer = source.pointee.ptr else { return 0 }
        let stream = HTTP2Stream.of(pointer)
        let count = min(length, stream.bufferedByteCount)
        let isLast = stream.answerHasEnded && count == stream.bufferedByteCount
        if count == 0, !isLast {
            stream.isDeferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_NO_COPY.rawValue)
        if isLast { flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue) }
        return count
    }

    private static func of(_ user: UnsafeMutableRawPointer?) -> HTTP2Connection {
        // Set when the session is made, and never `nil` after.
        Unmanaged<HTTP2Connection>.fromOpaque(user.unsafelyUnwrapped).takeUnretainedValue()
    }

    private func stream(_ session: OpaquePointer, _ id: Int32) -> HTTP2Stream? {
        nghttp2_session_get_stream_user_data(session, id).map(HTTP2Stream.of)
    }

    // MARK: Receiving

    private func frameBegins(_ header: nghttp2_frame_hd) -> Int32 {
        switch nghttp2_frame_type(UInt32(header.type)) {
        case NGHTTP2_CONTINUATION:
            continuationCount += 1
            if continuationCount > limits.maximumContinuationFrames { return condemnAndStop() }
        case NGHTTP2_HEADERS:
            continuationCount = 0
        case NGHTTP2_DATA:
            if header.length == 0, header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) == 0 { count(.empty) }
        case NGHTTP2_WINDOW_UPDATE: count(.empty)
        case NGHTTP2_RST_STREAM: break
        default: count(.control)
        }
        return isCondemned ? condemnAndStop() : 0
    }

    /// Makes libnghttp2 read no further.
    private func condemnAndStop() -> Int32 {
        condemn(NGHTTP2_ENHANCE_YOUR_CALM)
        return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    }

    private func headersBegin(_ session: OpaquePointer, _ frame: nghttp2_frame) -> Int32 {
        guard frame.hd.type == NGHTTP2_HEADERS.rawValue, frame.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
        let stream = HTTP2Stream(connection: self, id: frame.hd.stream_id)
        add(stream)
        nghttp2_session_set_stream_user_data(session, stream.id, Unmanaged.passUnretained(stream).toOpaque())
        return 0
    }

    private func header(
        _ session: OpaquePointer, _ frame: nghttp2_frame, _ name: UnsafeBufferPointer<UInt8>,
        _ value: UnsafeBufferPointer<UInt8>
    ) -> Int32 {
        guard frame.headers.cat == NGHTTP2_HCAT_REQUEST, let stream = stream(session, frame.hd.stream_id) else {
            // Trailers are read and forgotten.
            return 0
        }
        guard stream.addHeader(name, value, limits: limits) else { return condemnAndStop() }
        return 0
    }

    private func frameReceived(_ session: OpaquePointer, _ frame: nghttp2_frame) -> Int32 {
        let endsStream = frame.hd.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch nghttp2_frame_type(UInt32(frame.hd.type)) {
        case NGHTTP2_HEADERS:
            guard let stream = stream(session, frame.hd.stream_id) else { return 0 }
            if frame.headers.cat == NGHTTP2_HCAT_REQUEST {
                stream.headComplete(hasBody: !endsStream)
                arrived.append(stream)
            } else if endsStream {
                stream.requestEnded()
            }
        case NGHTTP2_DATA where endsStream: stream(session, frame.hd.stream_id)?.requestEnded()
        default: break
        }
        return 0
    }

    private func dataReceived(_ session: OpaquePointer, _ id: Int32, _ bytes: UnsafeBufferPointer<UInt8>) -> Int32 {
        if let stream = stream(session, id) {
            stream.receive(bytes)
        } else {
            consume(id, byteCount: bytes.count)
        }
        return 0
    }

    private func streamClosed(_ session: OpaquePointer, _ id: Int32, _ code: UInt32) -> Int32 {
        guard let stream = stream(session, id) else { return 0 }
        if code != NGHTTP2_NO_ERROR.rawValue, !stream.wasAborted { count(.reset) }
        remove(stream)
        stream.closed(isClean: code == NGHTTP2_NO_ERROR.rawValue)
        return isCondemned ? NGHTTP2_ERR_CALLBACK_FAILURE.rawValue : 0
    }

    // MARK: Sending

    private func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard !connection.isOutputFull else { return Int(NGHTTP2_ERR_WOULDBLOCK.rawValue) }
        connection.emit(bytes)
        return bytes.count
    }

    private func sendData(_ stream: HTTP2Stream, _ header: UnsafeRawPointer, _ count: Int) -> Int32 {
        guard !connection.isOutputFull else { return NGHTTP2_ERR_WOULDBLOCK.rawValue }
        if !stream.answerHasEnded { sentFrameCount += 1 }
        connection.emit(header, Self.frameHeaderByteCount)
        stream.take(count) { connection.emit($0) }
        return 0
    }

    private static let frameHeaderByteCount = 9
}
