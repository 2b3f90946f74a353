import CLinux
import DurabilityHistory
import Foundation
import SecretScopes

/// A worker in a process of its own, and the lines that it writes.
final class WorkerProcess {
    /// The program beside the tests that run, or in the package's folder.
    static let executable: String = {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let folders = [
            (tests as NSString).deletingLastPathComponent,
            ((#filePath as NSString).deletingLastPathComponent as NSString).appendingPathComponent(
                "../../.build/debug"),
        ]
        return folders.map { $0 + "/durability-worker" }.first { FileManager.default.isExecutableFile(atPath: $0) }
            ?? "durability-worker"
    }()

    struct CannotStart: Error {}

    let name: String
    private let process: pid_t
    /// The writing end of the worker's input, whose end ends the worker.
    private let input: Int32
    /// The reading end of the worker's output, which does not block.
    let output: Int32
    private var unfinished: [UInt8] = []
    private(set) var hasEnded = false

    /// Starts a worker.
    init(name: String, arguments: [String]) throws {
        self.name = name
        var inputs: [Int32] = [-1, -1]
        var outputs: [Int32] = [-1, -1]
        guard clinux_pipe(&inputs) == 0, clinux_pipe(&outputs) == 0 else { throw CannotStart() }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputs[0], STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, outputs[1], STDOUT_FILENO)
        var process: pid_t = 0
        let texts = ([Self.executable] + arguments).map { strdup($0) }
        let environment = [strdup("SWIFT_BACKTRACE=enable=no")]
        defer { for text in texts + environment { free(text) } }
        let result = posix_spawn(&process, Self.executable, &actions, nil, texts + [nil], environment + [nil])
        close(inputs[0])
        close(outputs[1])
        self.process = process
        self.input = inputs[1]
        self.output = outputs[0]
        guard result == 0, fcntl(output, F_SETFL, O_NONBLOCK) == 0 else { throw CannotStart() }
    }

    deinit {
        if !hasEnded { end(with: SIGKILL) }
        close(input)
        close(output)
    }

    func send(_ signal: Int32) {
        kill(process, signal)
    }

    /// Ends the process and waits for its end.
    private func end(with signal: Int32) {
        kill(process, signal)
        while waitpid(process, nil, 0) < 0 && errno == EINTR {}
        hasEnded = true
    }

    /// Kills the process and returns the lines that it had written.
    func killed() -> [HistoryLine] {
        end(with: SIGKILL)
        return lines()
    }

    /// The lines that have come in since the last call.
    func lines() -> [HistoryLine] {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            unfinished += buffer[..<count]
        }
        guard let end = unfinished.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        let text = String(decoding: unfinished[...end], as: UTF8.self)
        unfinished.removeSubrange(...end)
        return text.split(separator: "\n").compactMap { HistoryLine($0) }
    }

    /// Waits until one of the workers has written something, or so many milliseconds have passed.
    static func wait(for workers: [WorkerProcess], milliseconds: Int32) {
        var descriptors = workers.map { pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0) }
        poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    }

    /// Runs a worker to its end and returns what it wrote.
    static func output(of arguments: [String]) throws -> String {
        let worker = try WorkerProcess(name: "", arguments: arguments)
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            wait(for: [worker], milliseconds: -1)
            let count = read(worker.output, &buffer, buffer.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { break }
            text += buffer[..<count]
        }
        while waitpid(worker.process, nil, 0) < 0 && errno == EINTR {}
        worker.hasEnded = true
        return String(decoding: text, as: UTF8.self)
    }
}
