internal import CLinux
internal import Glibc

/// Starts one child and serves its pipes, its control descriptor, its time-out and its end, all on one thread.
final class ChildEventLoop<Observer: ChildObserver> {
    private enum Phase {
        case running
        /// Asked to end; to be killed at this time.
        case terminating(killAt: ContinuousClock.Instant)
        case killed
    }

    private let observer: Observer
    private let wakeUp: WakeUp
    private let descendants: ChildDescendants
    private let processDescriptor: OwnedDescriptor
    private let terminationGrace: Duration
    private let buffer: UnsafeMutableRawBufferPointer
    private var outputs: [(stream: StandardStream, descriptor: OwnedDescriptor)]
    private var control: OwnedDescriptor?
    private var unsent: [UInt8] = []
    private var deadline: ContinuousClock.Instant?
    private var phase = Phase.running
    private var cause = ChildEnding.Cause.program
    private var hasOutputSinceIdle = false

    init(_ command: ChildCommand, wakeUp: WakeUp, observer: Observer) throws(ChildProcessError) {
        let start = ContinuousClock.now
        let spawned = try SpawnedChild(command)
        self.observer = observer
        self.wakeUp = wakeUp
        self.descendants = ChildDescendants(
            leader: spawned.process,
            ownsSession: command.startsSession,
            marker: spawned.marker
        )
        self.processDescriptor = spawned.processDescriptor
        self.terminationGrace = command.terminationGrace
        self.outputs = [(.standardOutput, spawned.output), (.standardError, spawned.error)]
        self.control = spawned.control
        self.deadline = command.timeout.map { start + $0 }
        self.buffer = .allocate(byteCount: 64 * 1024, alignment: 16)
    }

    deinit {
        if let base = buffer.baseAddress { explicit_bzero(base, buffer.count) }
        buffer.deallocate()
    }

    /// Serves the child until it has ended.
    func run() -> Observer.Result {
        while true {
            let ready = wait()
            for output in outputs where ready.contains(output.descriptor.number) {
                receive(from: output, upTo: buffer.count)
            }
            if let control, ready.contains(control.number) { serve(control) }
            if ready.contains(processDescriptor.number) { break }
            if ready.contains(wakeUp.descriptor), cause == .program { terminate(.cancellation) }
            checkTimes(isQuiet: ready.isEmpty)
        }
        // Whatever the child still said before it died comes first, then nobody is left to write.
        if let control { serve(control) }
        let status = descendants.end(grace: terminationGrace)
        drainOutput()
        return observer.ended(ChildEnding(status: status, cause: cause))
    }

    // MARK: Waiting

    /// The descriptors that have something for us.
    private func wait() -> Set<Int32> {
        var entries = outputs.map { pollfd(fd: $0.descriptor.number, events: Int16(POLLIN), revents: 0) }
        if let control {
            let events = unsent.isEmpty ? POLLIN : POLLIN | POLLOUT
            entries.append(pollfd(fd: control.number, events: Int16(events), revents: 0))
        }
        entries.append(pollfd(fd: processDescriptor.number, events: Int16(POLLIN), revents: 0))
        if cause == .program { entries.append(pollfd(fd: wakeUp.descriptor, events: Int16(POLLIN), revents: 0)) }
        guard poll(&entries, nfds_t(entries.count), pollTimeout()) > 0 else { return [] }
        return Set(entries.filter { $0.revents != 0 }.map(\.fd))
    }

    /// How many milliseconds to wait at most; -1 is for ever.
    private func pollTimeout() -> Int32 {
        var timeout: Duration?
        if let end = nextTime { timeout = max(.zero, end - .now) }
        if observer.watchesIdleness, hasOutputSinceIdle { timeout = min(timeout ?? .idle, .idle) }
        guard let timeout else { return -1 }
        let (seconds, attoseconds) = timeout.components
        // Rounded up, so that waiting does not end just before its time.
        return Int32(
            clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue
                + attoseconds / 1_000_000_000_000_000 + 1)
    }

    private var nextTime: ContinuousClock.Instant? {
        switch phase {
        case .running: deadline
        case .terminating(let killAt): killAt
        case .killed: nil
        }
    }

    private func checkTimes(isQuiet: Bool) {
        if isQuiet, hasOutputSinceIdle, observer.watchesIdleness {
            hasOutputSinceIdle = false
            observer.becameIdle()
        }
        guard let nextTime, nextTime <= .now else { return }
        switch phase {
        case .running:
            terminate(.timeout)
        case .terminating:
            descendants.signal(SIGKILL)
            phase = .killed
        case .killed:
            break
        }
    }

    private func terminate(_ cause: ChildEnding.Cause) {
        self.cause = cause
        descendants.signal(SIGTERM)
        // A process that is stopped acts upon its end only when it goes on.
        descendants.signal(SIGCONT)
        phase = .terminating(killAt: .now + terminationGrace)
    }

    // MARK: Output

    /// Receives up to `limit` bytes of one output; forgets the output at its end.
    @discardableResult
    private func receive(from output: (stream: StandardStream, descriptor: OwnedDescriptor), upTo limit: Int) -> Int {
        let count = read(output.descriptor.number, buffer.baseAddress, min(limit, buffer.count))
        if count > 0 {
            hasOutputSinceIdle = true
            observer.received(
                RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])), from: output.stream)
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            outputs.removeAll { $0.stream == output.stream }
        }
        return max(count, 0)
    }

    // MARK: Control

    private func serve(_ control: OwnedDescriptor) {
        sendRest()
        while self.control != nil {
            let count = recv(control.number, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 {
                // A copy: the observer may receive output meanwhile, which comes through the same buffer.
                let bytes = [UInt8](UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                observer.received(bytes.span.bytes, control: self)
            } else if count < 0, errno == EINTR {
                continue
            } else if count < 0, errno == EAGAIN {
                return
            } else {
                self.control = nil
            }
        }
    }

    private func sendRest() {
        guard let control, !unsent.isEmpty else { return }
        let count = unsent.withUnsafeBytes {
            Glibc.send(control.number, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        if count > 0 {
            unsent.removeFirst(count)
        } else if count < 0, errno != EAGAIN, errno != EINTR {
            self.control = nil
        }
    }
}

extension ChildEventLoop: ChildControl {
    func drainOutput() {
        for output in outputs {
            // What waits now, and no more: a child may go on writing for ever.
            var left = Int(clinux_pending_byte_count(output.descriptor.number))
            while left > 0 {
                let count = receive(from: output, upTo: left)
                guard count > 0 else { break }
                left -= count
            }
        }
    }

    func send(_ bytes: [UInt8]) {
        unsent += bytes
        sendRest()
    }

    func close() {
        control = nil
        unsent = []
    }
}

extension Duration {
    /// After so much silence an output is idle.
    fileprivate static let idle = Duration.milliseconds(20)
}
