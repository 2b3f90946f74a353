internal import CLinux
internal import Glibc
internal import Processes
internal import SecretMemory

/// One run of a program that answers for a vault: one input, one output, one end.
struct ProgramRun {
    /// The most bytes that a program may write.
    static let largestOutput = 256 * 1024
    /// How long a program has between being asked to end and being killed.
    private static let grace = Duration.seconds(2)

    /// How it ended.
    enum End: Equatable {
        case exited(Int32)
        case killed
    }

    let output: SecretBytes
    let end: End

    /// Runs a program to its end, on the calling thread.
    ///
    /// It finds itself in a session of its own, in the directory `/`, with no descriptor but its input, its output and
    /// `/dev/null` for errors: what programs write there may hold anything.
    ///
    /// - Parameters:
    ///   - file: The program.
    ///   - arguments: What it finds as its arguments, its own name first.
    ///   - environment: Its environment, `NAME=VALUE`.
    ///   - input: What it reads.
    ///   - deadline: When it is ended.
    /// - Throws: ``VaultFailure`` with `unreachable` when it cannot be started, `deadlinePassed` when it was ended,
    ///   `notUnderstood` when it wrote too much.
    init(
        _ file: ProgramFile, arguments: [String], environment: [String], input: SecretBytes,
        deadline: ContinuousClock.Instant, pool: SecretPool
    ) throws(VaultFailure) {
        do {
            let process = try Self.start(file, arguments: arguments, environment: environment, deadline: deadline)
            (output, end) = try process.serve(input: input, until: deadline, grace: Self.grace, pool: pool)
        } catch let failure as VaultFailure {
            throw failure
        } catch {
            throw VaultFailure(.unreachable, detail: "the program cannot be run: \(error)")
        }
    }

    /// Starts it, again when its file is open for writing, as it is for a moment after it was installed, or while a child of
    /// another thread, on the way to its own program, still has what was open in this process.
    private static func start(
        _ file: ProgramFile, arguments: [String], environment: [String], deadline: ContinuousClock.Instant
    ) throws -> StartedProgram {
        let patience = min(deadline, .now + .seconds(1))
        while true {
            do {
                return try StartedProgram(file, arguments: arguments, environment: environment)
            } catch let error as SystemCallError where error.number == ETXTBSY && ContinuousClock.now < patience {
                poll(nil, 0, 5)
            }
        }
    }
}

/// A program that was just started.
private struct StartedProgram: ~Copyable {
    private let process: pid_t
    /// Becomes readable when the program ends.
    private let ending: OwnedDescriptor
    private let output: OwnedDescriptor
    private let input: ClosableDescriptor

    init(_ file: ProgramFile, arguments: [String], environment: [String]) throws {
        // Writing to a program that has closed its input raises a signal, for this thread alone; it ends with it.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw SystemCallError(call: "pipe2", number: errno) }
        let theirs = OwnedDescriptor(ends[0])
        let ours = ClosableDescriptor(ends[1])
        // What is written to it never waits.
        guard fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0 else { throw SystemCallError(call: "fcntl", number: errno) }
        let output = try Pipe()
        let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nothing >= 0 else { throw SystemCallError(call: "open", number: errno) }
        let errors = OwnedDescriptor(nothing)
        var child = clinux_child()
        child.program = file.descriptor?.number ?? -1
        child.input = theirs.number
        child.output = output.writing.number
        child.error = errors.number
        child.control = -1
        child.new_session = true
        child.terminal = -1
        child.user_namespace = -1
        child.mount_namespace = -1
        let result = ProgramStart.withTexts(environment) { environment in
            Result { () throws(SystemCallError) in
                try ProgramStart.start(
                    &child, path: file.path, arguments: arguments, directory: "/", environment: environment)
            }
        }
        let process = try withExtendedLifetime((theirs, output, errors, file)) { try result.get() }
        let descriptor = clinux_process_descriptor(process)
        guard descriptor >= 0 else {
            let error = SystemCallError(call: "pidfd_open", number: errno)
            kill(-process, SIGKILL)
            Self.reap(process)
            throw error
        }
        self.process = process
        self.ending = OwnedDescriptor(descriptor)
        self.output = output.reading
        self.input = ours
    }

    /// Passes the input on and takes the output until the program has ended, or is ended.
    consuming func serve(
        input bytes: SecretBytes, until deadline: ContinuousClock.Instant, grace: Duration, pool: SecretPool
    ) throws -> (SecretBytes, ProgramRun.End) {
        let (process, ending) = (process, ending)
        var conversation = Conversation(input: input, bytes: bytes, output: output, pool: pool)
        var killAt = deadline + grace
        var wasAskedToEnd = false
        var isEnding = false
        while !isEnding {
            let now = ContinuousClock.now
            if conversation.isTooMuch, !wasAskedToEnd { killAt = now }
            if !wasAskedToEnd, now >= deadline {
                wasAskedToEnd = true
                kill(-process, SIGTERM)
            }
            if now >= killAt { kill(-process, SIGKILL) }
            isEnding = conversation.wait(for: ending, until: wasAskedToEnd ? killAt : deadline)
        }
        // Whatever it started and left behind goes with it, before its number can be another one's.
        kill(-process, SIGKILL)
        let status = Self.reap(process)
        conversation.takeWhatIsLeft()
        if conversation.isTooMuch {
            throw VaultFailure(.notUnderstood, detail: "the program wrote more than \(ProgramRun.largestOutput) bytes")
        }
        if wasAskedToEnd {
            throw VaultFailure(.deadlinePassed, detail: "the program took too long and was ended")
        }
        // The macros of <sys/wait.h>, which Swift does not import. One that somebody else reaped has no status.
        let end = status.map { $0 & 0x7F == 0 ? ProgramRun.End.exited(($0 >> 8) & 0xFF) : .killed } ?? .killed
        return (conversation.finish(), end)
    }

    @discardableResult
    private static func reap(_ process: pid_t) -> Int32? {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return status
    }
}

/// What goes to a program and comes from it.
private struct Conversation: ~Copyable {
    private var input: ClosableDescriptor
    private let bytes: SecretBytes
    private var written = 0
    private var output: OwnedDescriptor?
    private var received: SecretBuffer
    private(set) var isTooMuch = false

    init(input: consuming ClosableDescriptor, bytes: SecretBytes, output: OwnedDescriptor, pool: SecretPool) {
        self.input = input
        self.bytes = bytes
        self.output = output
        self.received = SecretBuffer(in: pool)
    }

    /// Waits until something can be passed on or taken, and does that. Returns whether `ending` is readable.
    mutating func wait(for ending: OwnedDescriptor, until deadline: ContinuousClock.Instant) -> Bool {
        send()
        var requests = [
            pollfd(fd: ending.number, events: Int16(POLLIN), revents: 0),
            // A negative descriptor is left out.
            pollfd(fd: output?.number ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: input.number, events: Int16(POLLOUT), revents: 0),
        ]
        let rest = max(.zero, deadline - .now).components
        let milliseconds = min(rest.seconds * 1000 + rest.attoseconds / 1_000_000_000_000_000 + 1, 60_000)
        guard poll(&requests, nfds_t(requests.count), Int32(milliseconds)) > 0 else { return false }
        if requests[1].revents != 0 { receive() }
        return requests[0].revents != 0
    }

    /// Passes on what there is room for, and closes the input behind the last byte.
    private mutating func send() {
        guard input.number >= 0 else { return }
        let number = input.number
        let isDone = bytes.withUnsafeBytes { bytes in
            while written < bytes.count {
                let count = write(number, bytes.baseAddress.map { $0 + written }, bytes.count - written)
                if count < 0, errno == EINTR { continue }
                // A program may answer without having read everything.
                guard count >= 0 else { return errno != EAGAIN }
                written += count
            }
            return true
        }
        if isDone { input.close() }
    }

    private mutating func receive() {
        guard let descriptor = output else { return }
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        defer {
            chunk.withUnsafeMutableBytes { bytes in _ = bytes.baseAddress.map { explicit_bzero($0, bytes.count) } }
        }
        let count = read(descriptor.number, &chunk, chunk.count)
        if count == 0 { output = nil }
        guard count > 0 else { return }
        if received.count + count > ProgramRun.largestOutput {
            isTooMuch = true
            output = nil
        } else {
            received.append(chunk.span.bytes.extracting(0..<count))
        }
    }

    /// Takes what the program wrote before it ended.
    mutating func takeWhatIsLeft() {
        var count = -1
        while output != nil, count != received.count {
            count = received.count
            receive()
        }
    }

    consuming func finish() -> SecretBytes {
        received.finish()
    }
}

/// A descriptor that is closed at a certain moment: the program waits for the end of its input.
private struct ClosableDescriptor: ~Copyable {
    /// The descriptor's number; -1 when it is closed.
    private(set) var number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    deinit {
        if number >= 0 { Glibc.close(number) }
    }

    mutating func close() {
        if number >= 0 { Glibc.close(number) }
        number = -1
    }
}
