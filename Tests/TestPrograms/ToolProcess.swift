import Foundation
import Glibc

/// A program that a test starts and talks to through pipes.
///
/// Not Foundation's own: to find the highest open descriptor that copies whole directory entries of `/proc/self/fd`, and
/// now and then reads past the memory that they lie in, which ends the process.
package final class ToolProcess: Sendable {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    private static let starting = NSLock()

    private let process: pid_t
    private let input: Int32
    private let output: Int32

    /// Starts `program`, which is looked for on the path, with its standard error where this process has it unless
    /// `isQuiet`.
    package init(_ program: String, _ arguments: [String], environment: [String: String] = [:], isQuiet: Bool = false)
        throws
    {
        // One start at a time: no program inherits the pipes of another one before they are closed at exec(2).
        Self.starting.lock()
        defer { Self.starting.unlock() }
        var ends: [Int32] = [-1, -1, -1, -1]
        guard
            ends[0...1].withUnsafeMutableBufferPointer({ pipe($0.baseAddress) }) == 0,
            ends[2...3].withUnsafeMutableBufferPointer({ pipe($0.baseAddress) }) == 0
        else { throw Failed(description: "pipe: \(String(cString: strerror(errno)))") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer {
            close(ends[0])
            close(ends[3])
        }
        input = ends[1]
        output = ends[2]
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, ends[3], STDOUT_FILENO)
        // Sockets of this process are inherited otherwise: they would stay open as long as the program runs.
        Self.closeAll(from: 3, &actions)
        if isQuiet { posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0) }
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var argumentPointers = ([program] + arguments).map { strdup($0) } + [nil]
        var environmentPointers = all.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argumentPointers + environmentPointers).forEach { free($0) } }
        var process: pid_t = 0
        let number = posix_spawnp(&process, program, &actions, nil, &argumentPointers, &environmentPointers)
        self.process = process
        guard number == 0 else {
            close(input)
            close(output)
            throw Failed(description: "\(program) cannot be started: \(String(cString: strerror(number)))")
        }
    }

    /// `posix_spawn_file_actions_addclosefrom_np` of the C library, which Swift does not see.
    private static func closeAll(from first: Int32, _ actions: inout posix_spawn_file_actions_t) {
        typealias Function = @convention(c) (UnsafeMutablePointer<posix_spawn_file_actions_t>, Int32) -> Int32
        guard let symbol = dlsym(nil, "posix_spawn_file_actions_addclosefrom_np") else { return }
        _ = unsafeBitCast(symbol, to: Function.self)(&actions, first)
    }

    /// What it writes next, at most one buffer of it; nothing at its end.
    package func readSome() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(output, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            return Array(bytes.prefix(max(0, count)))
        }
    }

    /// Kills it and waits for its end.
    package func kill() {
        Glibc.kill(process, SIGKILL)
        _ = finish()
    }

    /// Ends its input, reads what it still writes, and waits for its end.
    ///
    /// - Returns: What it wrote, and its status as waitpid(2) gives it.
    package func finish() -> (output: [UInt8], status: Int32) {
        close(input)
        var all: [UInt8] = []
        while true {
            let bytes = readSome()
            if bytes.isEmpty { break }
            all += bytes
        }
        close(output)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return (all, status)
    }
}
