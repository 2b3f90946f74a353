internal import Glibc
public import Redaction

/// One command to execute in a run, with everything that it writes on its way through the run's redactor.
///
/// ```swift
/// let ending = try await starter.run(RunOptions(surface: .command)) { run in
///     let environment = try await run.childEnvironment(inheriting: variables)
///     return try await CommandExecution(["python3", "job.py"], environment: environment).run(redactor: run.redactor)
/// }
/// ```
public struct CommandExecution: Sendable {
    /// What came of it.
    public struct Result: Sendable {
        /// How the command ended.
        public var ending: ChildEnding
        /// What was redacted in its standard output, or in its terminal; empty unless that was asked for.
        public var outputReport = RedactionReport()
        /// What was redacted in its standard error.
        public var errorReport = RedactionReport()
    }

    /// The command and its arguments, not empty. A command without a slash is looked for in the environment's `PATH`.
    public var words: [String]
    /// The command's environment.
    public var environment: ChildEnvironment
    /// Whether the command reads this process's standard input, without a copy in between, or nothing.
    public var standardInput = ChildCommand.StandardInput.inherited
    /// Where the redacted standard output goes.
    public var output = STDOUT_FILENO
    /// Where the redacted standard error goes.
    public var error = STDERR_FILENO
    /// The terminal that the command gets in place of the one that its output goes to; `nil` for none.
    public var terminal: ChildTerminal?
    /// The namespaces that the command runs in; `nil` for this process's own.
    public var isolation: RunIsolation?
    /// Signals for the command.
    public var signals: ChildSignals?
    /// Stops this process when the command was stopped; see ``ChildCommand/suspend``.
    public var suspend: (@Sendable () -> Void)?
    /// How long the command may run; `nil` for as long as it likes.
    public var timeout: Duration?
    /// Whether to report what was redacted, which takes a look at every byte.
    public var isReporting = false

    /// Creates an execution of the command `words`.
    public init(_ words: [String], environment: ChildEnvironment) {
        self.words = words
        self.environment = environment
    }

    /// Executes the command and waits for its end, and for that of everything that it started.
    ///
    /// - Throws: ``ChildProcessError`` when it could not be started.
    public func run(redactor: Redactor) async throws(ChildProcessError) -> Result {
        guard let name = words.first else { throw .notFound("") }
        let path = try ProgramSearch(environment: environment).path(of: name)
        do {
            return try await run(.file(path), words, redactor)
        } catch let error where error.executionError == ENOEXEC {
            // A script without a first line that names its interpreter, which every shell runs all the same.
            return try await run(.file("/bin/sh"), ["sh", path] + words.dropFirst(), redactor)
        }
    }

    private func run(
        _ program: ChildCommand.Program,
        _ arguments: [String],
        _ redactor: Redactor
    ) async throws(ChildProcessError) -> Result {
        var command = ChildCommand(program, arguments: arguments, environment: environment)
        command.standardInput = standardInput
        command.terminal = terminal
        command.isolation = isolation
        command.isOnlyChild = true
        command.signals = signals
        command.suspend = suspend
        command.timeout = timeout
        return try await ChildProcess.run(command) { [output, error, isReporting] in
            CommandOutput(redactor: redactor, output: output, error: error, isReporting: isReporting)
        }
    }
}

/// Redacts what a command writes, and writes it where it goes.
private final class CommandOutput: ChildObserver {
    private final class Stream {
        private var redaction: RedactionStream
        let queue: OutputQueue
        private let isTerminal: Bool

        var report: RedactionReport { redaction.report ?? RedactionReport() }

        init(_ redactor: Redactor, _ descriptor: Int32, isReporting: Bool) {
            self.redaction = redactor.makeStream(reporting: isReporting)
            self.queue = OutputQueue(descriptor: descriptor)
            self.isTerminal = isatty(descriptor) == 1
        }

        func feed(_ bytes: RawSpan) {
            redaction.feed(bytes) { queue.append($0) }
        }

        func releaseIdle() {
            redaction.releaseIdle(onTerminal: isTerminal) { queue.append($0) }
            queue.flush()
        }

        func finish() {
            redaction.finish { queue.append($0) }
        }
    }

    private let output: Stream
    private let error: Stream
    let watchesIdleness = true

    init(redactor: Redactor, output: Int32, error: Int32, isReporting: Bool) {
        self.output = Stream(redactor, output, isReporting: isReporting)
        self.error = Stream(redactor, error, isReporting: isReporting)
    }

    private func stream(_ stream: StandardStream) -> Stream {
        switch stream {
        case .standardOutput: output
        case .standardError: error
        }
    }

    func received(_ bytes: RawSpan, from stream: StandardStream) {
        self.stream(stream).feed(bytes)
    }

    func destination(of stream: StandardStream) -> OutputQueue? {
        self.stream(stream).queue
    }

    func becameIdle() {
        output.releaseIdle()
        error.releaseIdle()
    }

    func received(_ bytes: RawSpan, control: any ChildControl) {}

    func outputEnded(of stream: StandardStream) {
        self.stream(stream).finish()
    }

    func ended(_ ending: ChildEnding) -> CommandExecution.Result {
        CommandExecution.Result(ending: ending, outputReport: output.report, errorReport: error.report)
    }
}
