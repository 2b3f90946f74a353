import CLinux
import Glibc

/// A program started the quick way, so that little else than the program itself is measured.
struct ChildProcess {
    /// The arguments, the program's path first.
    var arguments: [String]
    /// The variables of its environment, as `NAME=value`.
    var environment: [String]

    /// Runs it with standard input, output and error closed to `/dev/null`.
    ///
    /// - Returns: How long it took from the start until its end was seen.
    func time() throws -> Duration {
        let clock = ContinuousClock()
        let begin = clock.now
        let process = try start(input: nil, output: nil)
        try Self.waitForSuccess(of: process, arguments)
        return clock.now - begin
    }

    /// Runs it and returns what it wrote to standard output.
    func output() throws -> String {
        let ends = try Self.pipe()
        let process = try start(input: nil, output: ends.writing)
        close(ends.writing)
        let text = Self.readAll(ends.reading)
        close(ends.reading)
        try Self.waitForSuccess(of: process, arguments)
        return text
    }

    /// Starts it, waits for its first byte of output, runs `body` beside it, and ends its input.
    func running<Result>(_ body: () async throws -> Result) async throws -> Result {
        let input = try Self.pipe()
        let output = try Self.pipe()
        let process = try start(input: input.reading, output: output.writing)
        close(input.reading)
        close(output.writing)
        var byte: UInt8 = 0
        _ = read(output.reading, &byte, 1)
        let result: Result
        do {
            result = try await body()
        } catch {
            kill(process, SIGKILL)
            throw error
        }
        close(input.writing)
        try Self.waitForSuccess(of: process, arguments)
        close(output.reading)
        return result
    }

    private func start(input: Int32?, output: Int32?) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, replacement) in [(STDIN_FILENO, input), (STDOUT_FILENO, output)] {
            if let replacement {
                posix_spawn_file_actions_adddup2(&actions, replacement, descriptor)
            } else {
                posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
            }
        }
        var process: pid_t = 0
        let result = Self.withCStrings(arguments) { arguments in
            Self.withCStrings(environment) { environment in
                posix_spawn(&process, self.arguments[0], &actions, nil, arguments, environment)
            }
        }
        guard result == 0 else { throw ChildProcessFailure("\(arguments[0]) cannot be started (\(result)).") }
        return process
    }

    private static func waitForSuccess(of process: pid_t, _ arguments: [String]) throws {
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0 {
            guard errno == EINTR else { throw ChildProcessFailure("\(arguments[0]) cannot be waited for.") }
        }
        guard status == 0 else {
            throw ChildProcessFailure("\(arguments.joined(separator: " ")) failed with status \(status).")
        }
    }

    private static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe(&ends) == 0 else { throw ChildProcessFailure("No pipe can be made.") }
        return (ends[0], ends[1])
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { text += buffer[..<count] }
        return String(decoding: text, as: UTF8.self)
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// A program did not do what was measured.
struct ChildProcessFailure: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
