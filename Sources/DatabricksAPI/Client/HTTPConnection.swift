internal import Glibc
internal import SecretMemory
internal import Synchronization

/// One request and its answer over one TCP connection, with calls that wait: for a thread that may.
final class HTTPConnection: Sendable {
    /// Why there is no answer.
    enum Failure: Error {
        /// A system call failed.
        case system(SystemCallError)
        /// The other side was silent for too long.
        case timedOut
        /// The answer is larger than is accepted.
        case tooLarge
        /// ``cancel()`` was called.
        case cancelled
    }

    private enum State {
        case idle
        case open(Int32)
        case cancelled
    }

    private let state = Mutex(State.idle)
    private let host: WorkspaceHost
    /// How long to wait for the other side to go on, in milliseconds; whole seconds.
    private let patience: Int32

    /// Creates a connection that is opened by ``exchange(_:pool:limit:)``.
    init(to host: WorkspaceHost, patience: Duration) {
        self.host = host
        self.patience = Int32(clamping: patience.components.seconds * 1000)
    }

    /// Makes a call that waits, and any later one, fail at once. May be called from any thread.
    func cancel() {
        state.withLock { state in
            // The descriptor stays open until the thread that waits on it closes it.
            if case .open(let descriptor) = state { shutdown(descriptor, Int32(SHUT_RDWR)) }
            state = .cancelled
        }
    }

    /// Sends `request` and returns what comes until the other side closes the connection.
    ///
    /// - Parameter limit: The most bytes that are accepted.
    func exchange(_ request: SecretBytes, pool: SecretPool, limit: Int) throws(Failure) -> SecretBytes {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .system(SystemCallError(call: "socket", number: errno)) }
        defer { close(descriptor) }
        let isOpen = state.withLock { state in
            guard case .idle = state else { return false }
            state = .open(descriptor)
            return true
        }
        guard isOpen else { throw .cancelled }
        defer { forget() }
        do throws(Failure) {
            try connect(descriptor)
            try send(request, to: descriptor)
            let answer = try receive(from: descriptor, pool: pool, limit: limit)
            // A connection that was shut down here looks like one that the other side ended.
            guard !isCancelled else { throw .cancelled }
            return answer
        } catch {
            throw isCancelled ? .cancelled : error
        }
    }

    private var isCancelled: Bool {
        state.withLock { state in
            if case .cancelled = state { true } else { false }
        }
    }

    /// Forgets the descriptor before it is closed, so that ``cancel()`` cannot hit another one of the same number.
    private func forget() {
        state.withLock { state in
            if case .open = state { state = .idle }
        }
    }

    private func connect(_ descriptor: Int32) throws(Failure) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = host.port.bigEndian
        address.sin_addr.s_addr = host.address
        let status = withUnsafeBytes(of: &address) { bytes in
            Glibc.connect(descriptor, bytes.assumingMemoryBound(to: sockaddr.self).baseAddress, socklen_t(bytes.count))
        }
        guard status == 0 else { throw .system(SystemCallError(call: "connect", number: errno)) }
    }

    private func send(_ request: SecretBytes, to descriptor: Int32) throws(Failure) {
        var sent = 0
        while sent < request.count {
            try wait(for: Int16(POLLOUT), on: descriptor)
            let count = request.withBytes { bytes in
                bytes.extracting(sent..<bytes.byteCount).withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
            }
            if count >= 0 {
                sent += count
            } else if errno == EPIPE || errno == ECONNRESET {
                // The server refused before it had read everything; its answer may still be there.
                return
            } else if errno != EINTR, errno != EAGAIN {
                throw .system(SystemCallError(call: "send", number: errno))
            }
        }
    }

    private func receive(from descriptor: Int32, pool: SecretPool, limit: Int) throws(Failure) -> SecretBytes {
        var answer = SecretBuffer(in: pool)
        while true {
            try wait(for: Int16(POLLIN), on: descriptor)
            let count = withUnsafeTemporaryAllocation(byteCount: 16 * 1024, alignment: 16) { chunk in
                let count = recv(descriptor, chunk.baseAddress, chunk.count, 0)
                guard count > 0, let start = chunk.baseAddress else { return count }
                answer.append(UnsafeRawBufferPointer(start: start, count: count).bytes)
                explicit_bzero(start, count)
                return count
            }
            if count == 0 { return answer.finish() }
            guard count > 0 || errno == EINTR || errno == EAGAIN else {
                throw .system(SystemCallError(call: "recv", number: errno))
            }
            guard answer.count <= limit else { throw .tooLarge }
        }
    }

    private func wait(for event: Int16, on descriptor: Int32) throws(Failure) {
        var request = pollfd(fd: descriptor, events: event, revents: 0)
        switch poll(&request, 1, patience) {
        case 0: throw .timedOut
        case ..<0 where errno != EINTR: throw .system(SystemCallError(call: "poll", number: errno))
        default: return
        }
    }
}
