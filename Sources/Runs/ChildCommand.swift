internal import CLinux
internal import Glibc

/// A program to start as a child process, and what it finds when it starts.
public struct ChildCommand: Sendable {
    /// The program's file.
    public enum Program: Sendable {
        /// The file at this path; the search path is not consulted.
        case file(String)
        /// A program that nobody can change any more.
        case sealed(SealedProgram)
    }

    /// What the program reads from standard input.
    public enum StandardInput: Sendable {
        /// Nothing.
        case empty
        /// What this process would read.
        case inherited
    }

    /// The program's file.
    public var program: Program
    /// What the program finds as its arguments, its own name first.
    public var arguments: [String]
    /// The environment; nothing else is inherited.
    public var environment: ChildEnvironment
    /// The folder that the program starts in; `nil` for this process's own.
    public var directory: String?
    /// What the program reads from standard input.
    public var standardInput = StandardInput.empty
    /// The terminal that the program's standard output is, and perhaps its other standard streams; `nil` for pipes.
    public var terminal: ChildTerminal?
    /// The namespaces that the program runs in; `nil` for this process's own.
    public var isolation: RunIsolation?
    /// Whether the program gets a session of its own, and not only a process group of its own.
    public var startsSession = true
    /// Whether this process has no other child while this one lives, so that whatever it adopts comes from this one and
    /// is ended with it, however it hides.
    public var isOnlyChild = false
    /// Whether the program gets a socket to its observer as descriptor 3.
    public var hasControlDescriptor = false
    /// Signals for the program; `nil` for none.
    public var signals: ChildSignals?
    /// Stops this process as the shell that started it expects when its child was stopped, and returns when it is to go
    /// on, and the child with it; `nil` leaves the child stopped until somebody else lets it go on.
    public var suspend: (@Sendable () -> Void)?
    /// How long the program may run, from its start; `nil` for as long as it likes.
    public var timeout: Duration?
    /// How long the program has between being asked to end (`SIGTERM`) and being killed.
    public var terminationGrace = Duration.seconds(2)

    /// Creates a command.
    public init(
        _ program: Program,
        arguments: [String],
        environment: ChildEnvironment,
        directory: String? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }
}

/// A program in memory that nobody can change any more: what was checked is what runs.
public final class SealedProgram: Sendable {
    let descriptor: Int32
    /// The name that the program's process shows.
    public let name: String

    /// Copies the program `bytes` and seals the copy.
    ///
    /// - Throws: ``ChildProcessError`` when the system refuses.
    public init(name: String, bytes: RawSpan) throws(ChildProcessError) {
        self.name = name
        self.descriptor = bytes.withUnsafeBytes { clinux_sealed_file(name, $0.baseAddress, $0.count) }
        guard descriptor >= 0 else { throw .systemCall("memfd_create") }
    }

    deinit {
        close(descriptor)
    }
}
