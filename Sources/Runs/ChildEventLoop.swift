internal import CLinux
internal import Glibc
internal import Processes

/// Starts one child and serves its outputs, its terminal, its control descriptor, its signals, its time-out and its end,
/// all on one thread.
final class ChildEventLoop<Observer: ChildObserver> {
    private enum Phase {
        case running
        /// Asked to end; to be killed at this time.
        case terminating(killAt: ContinuousClock.Instant)
        case killed
    }

    typealias Output = (stream: StandardStream, descriptor: OwnedDescriptor)

    let observer: Observer
    private let wakeUp: WakeUp
    let signals: ChildSignals?
    private let suspend: (@Sendable () -> Void)?
    private let descendants: ChildDescendants
    private let processDescriptor: OwnedDescriptor
    private let terminationGrace: Duration
    private(set) var terminal: TerminalLink?
    private let buffer: UnsafeMutableRawBufferPointer
    var outputs: [Output]
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
        self.signals = command.signals
        self.suspend = command.suspend
        self.descendants = ChildDescendants(
            leader: spawned.process,
            ownsSession: command.startsSession,
            marker: spawned.marker,
            areAllOrphans: command.isOnlyChild
        )
        self.processDescriptor = spawned.processDescriptor
        self.terminationGrace = command.terminationGrace
        self.terminal = spawned.terminal
        self.outputs = spawned.outputs
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
            serveOutputs(ready)
            if let terminal { serve(terminal, ready) }
            if let control, ready.contains(control.number) { serve(control) }
            if let signals, ready.contains(signals.descriptor) { signals.take().forEach(take) }
            if ready.contains(processDescriptor.number) { break }
            if ready.contains(wakeUp.descriptor), cause == .program { terminate(.cancellation) }
            checkTimes(isQuiet: ready.isEmpty)
        }
        // Whatever the child still said before it died comes first, then nobody is left to write.
        if let control { serve(control) }
        let status = descendants.end(grace: terminationGrace)
        let interruption = drainToTheEnd()
        return observer.ended(
            ChildEnding(status: interruption.map { .signaled($0) } ?? status, cause: cause))
    }

    // MARK: Waiting

    /// The descriptors that have something for us, or take something from us.
    private func wait() -> Set<Int32> {
        var entries: [pollfd] = []
        func watch(_ descriptor: Int32, _ events: Int32) {
            entries.append(pollfd(fd: descriptor, events: Int16(events), revents: 0))
        }
        for stream in StandardStream.allCases {
            // What was received must be written before more is.
            if let queue = pendingQueue(of: stream) {
                watch(queue.descriptor, POLLOUT)
            } else if let output = output(of: stream) {
                watch(output.descriptor.number, POLLIN)
            }
        }
        if let terminal {
            if let input = terminal.input { watch(input, POLLIN) }
            if terminal.hasInput { watch(terminal.controller.number, POLLOUT) }
        }
        if let control { watch(control.number, unsent.isEmpty ? POLLIN : POLLIN | POLLOUT) }
        if let signals { watch(signals.descriptor, POLLIN) }
        watch(processDescriptor.number, POLLIN)
        if cause == .program { watch(wakeUp.descriptor, POLLIN) }
        guard poll(&entries, nfds_t(entries.count), pollTimeout()) > 0 else { return [] }
        return Set(entries.filter { $0.revents != 0 }.map(\.fd))
    }

    private func output(of stream: StandardStream) -> Output? {
        outputs.first { $0.stream == stream }
    }

    func pendingQueue(of stream: StandardStream) -> OutputQueue? {
        guard let queue = observer.destination(of: stream), !queue.isEmpty else { return nil }
        return queue
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

    private func serveOutputs(_ ready: Set<Int32>) {
        for stream in StandardStream.allCases {
            if let queue = pendingQueue(of: stream) {
                guard ready.contains(queue.descriptor) else { continue }
                queue.flush()
                closeIfFailed(stream)
            } else if let output = output(of: stream), ready.contains(output.descriptor.number) {
                receive(from: output, upTo: buffer.count)
            }
        }
    }

    /// Receives up to `limit` bytes of one output; forgets the output at its end.
    @discardableResult
    func receive(from output: Output, upTo limit: Int) -> Int {
        let count = read(output.descriptor.number, buffer.baseAddress, min(limit, buffer.count))
        if count > 0 {
            hasOutputSinceIdle = true
            observer.received(
                RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<count])), from: output.stream)
            observer.destination(of: output.stream)?.flush()
            closeIfFailed(output.stream)
        } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
            forget(output.stream)
        }
        return max(count, 0)
    }

    /// Nothing more is received from the stream.
    func forget(_ stream: StandardStream) {
        guard output(of: stream) != nil else { return }
        outputs.removeAll { $0.stream == stream }
        observer.outputEnded(of: stream)
    }

    /// Nobody reads the stream any more: the child finds that out at its next write, as without us, and when the stream is
    /// its terminal by the hang-up too.
    private func closeIfFailed(_ stream: StandardStream) {
        guard observer.destination(of: stream)?.failure != nil, let output = output(of: stream) else { return }
        if output.descriptor === terminal?.controller { terminal = nil }
        forget(stream)
    }

    // MARK: Terminal and signals

    private func serve(_ terminal: TerminalLink, _ ready: Set<Int32>) {
        if terminal.hasInput, ready.contains(terminal.controller.number) { terminal.passOn() }
        guard let input = terminal.input, ready.contains(input) else { return }
        let isOpen = terminal.takeInput(leader: descendants.leader) { descendants.signal(SIGSTOP) }
        if !isOpen { descendants.signal(SIGHUP) }
    }

    private func take(_ signal: Int32) {
        switch signal {
        case SIGWINCH:
            terminal?.copyWindowSize()
        case SIGTSTP:
            // The kernel stops no process group by this signal that has no parent in its session.
            descendants.signal(SIGSTOP)
        case SIGCHLD:
            guard clinux_take_stop(descendants.leader) != 0, let suspend else { return }
            suspend()
            terminal?.copyWindowSize()
            descendants.signal(SIGCONT)
        default:
            descendants.signal(signal)
        }
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
