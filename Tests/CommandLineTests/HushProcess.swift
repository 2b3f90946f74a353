import Foundation
import Glibc

/// How one call of the program ended.
struct Outcome: Equatable, CustomStringConvertible {
    /// The exit status; 128 and the signal's number when a signal ended it.
    var status: Int32
    var output: String
    var errors: String

    init(_ status: Int32, output: String = "", errors: String = "") {
        self.status = status
        self.output = output
        self.errors = errors
    }

    var description: String { "status \(status)\noutput: \(output)\nerrors: \(errors)" }
}

/// Calls the built program, as a shell would.
struct HushProcess {
    enum Input {
        case text(String)
        case file(String)
        /// No descriptor at all, as `<&-` gives.
        case closed
    }

    /// The program beside the tests that run, or in the package's folder.
    static let executable: String = {
        let beside = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folders = [
            (beside as NSString).deletingLastPathComponent,
            ((#filePath as NSString).deletingLastPathComponent as NSString)
                .appendingPathComponent("../../.build/debug"),
        ]
        return folders.map { $0 + "/hush" }.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "hush"
    }()

    var arguments: [String]
    var environment: [String: String]
    /// What is started, when it is not the program itself.
    var program = Self.executable
    /// A program to start it with, such as `setpriv`, and that one's arguments.
    var wrapper: [String] = []
    /// Whether the note that a run is not isolated is left out where runs cannot be.
    var removesNote = true

    /// Calls it and waits for its end. Its output goes through files, so that nothing waits for a reader.
    func run(_ input: Input = .text("")) throws -> Outcome {
        let folder = try TestFolder()
        let process = try start(input, output: folder.path("output"), errors: folder.path("errors"))
        let status = Self.wait(for: process)
        let errors = try folder.bytes(of: "errors")
        return Outcome(
            status,
            output: String(decoding: try folder.bytes(of: "output"), as: UTF8.self),
            errors: removesNote
                ? Isolation.removingNote(from: String(decoding: errors, as: UTF8.self))
                : String(decoding: errors, as: UTF8.self)
        )
    }

    /// Runs a script of the shell in the same environment, with the program's path in `$HUSH`.
    func runShell(_ script: String) throws -> Outcome {
        var shell = self
        shell.environment["HUSH"] = Self.executable
        shell.arguments = ["-c", script]
        shell.program = "/bin/bash"
        return try shell.run()
    }

    /// Starts it and returns its process id.
    func start(_ input: Input = .text(""), output: String, errors: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var folder: TestFolder?
        switch input {
        case .closed:
            posix_spawn_file_actions_addclose(&actions, STDIN_FILENO)
        case .file(let path):
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDONLY, 0)
        case .text(let text):
            let temporary = try TestFolder()
            folder = temporary
            let path = try temporary.write(text, to: "input")
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, path, O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors, O_WRONLY | O_CREAT, 0o600)
        defer { withExtendedLifetime(folder) {} }
        return try spawn(&actions)
    }

    /// Starts it with no signal blocked or ignored, whatever the thread that runs the test has blocked.
    ///
    /// - Parameter flags: Further flags of posix_spawnattr_setflags(3).
    func spawn(_ actions: inout posix_spawn_file_actions_t, flags: Int16 = 0) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, flags | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigdefault(&attributes, &all)

        let words = wrapper + [program] + arguments
        var argumentPointers = words.map { strdup($0) } + [nil]
        var environmentPointers = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argumentPointers + environmentPointers).forEach { free($0) } }
        var process: pid_t = 0
        let number = posix_spawnp(&process, words[0], &actions, &attributes, &argumentPointers, &environmentPointers)
        guard number == 0 else { throw POSIXError(POSIXErrorCode(rawValue: number) ?? .EINVAL) }
        return process
    }

    static func wait(for process: pid_t) -> Int32 {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }
}

/// A call that goes on while its output is read.
final class RunningProcess {
    let process: pid_t
    private(set) var output = ""
    private let folder: TestFolder
    private let reader: Int32

    init(_ program: HushProcess) throws {
        folder = try TestFolder()
        let pipe = folder.path("pipe")
        guard mkfifo(pipe, 0o600) == 0 else { throw POSIXError(.EIO) }
        // Without waiting for the other end, which is open when the start is done.
        reader = open(pipe, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        process = try program.start(output: pipe, errors: folder.path("errors"))
        _ = fcntl(reader, F_SETFL, 0)
    }

    deinit {
        close(reader)
    }

    /// Reads until `isEnough` of the output; `false` when the program ends before.
    func read(until isEnough: (String) -> Bool) -> Bool {
        while !isEnough(output) {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = Glibc.read(reader, &bytes, bytes.count)
            guard count > 0 else { return false }
            output += String(decoding: bytes[..<count], as: UTF8.self)
        }
        return true
    }

    /// Sends a signal and returns the exit status.
    func end(by signal: Int32) -> Int32 {
        kill(process, signal)
        return HushProcess.wait(for: process)
    }
}
