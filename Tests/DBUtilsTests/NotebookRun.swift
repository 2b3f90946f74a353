import Foundation
import Testing

@testable import DBUtils

/// What a program did that was started as a run starts it, with the test at the other end of the control descriptor.
struct NotebookRun {
    enum Ending: Equatable {
        case exited(Int32)
        case signalled(Int32)
    }

    /// A message of the program, and what it had printed when the message came.
    struct Message {
        var frame: ControlFrame
        var output: String
        var errorOutput: String
    }

    private(set) var messages: [Message] = []
    private(set) var output = ""
    private(set) var errorOutput = ""
    private(set) var ending = Ending.exited(-1)

    /// Starts `program` and answers it until it has ended.
    ///
    /// - Parameters:
    ///   - broker: Where it reads secrets.
    ///   - widgets: The parameters of the run; `nil` for a program without a runner.
    init(
        of program: String,
        _ arguments: String...,
        broker: StandInServer? = nil,
        widgets: [String: String]? = [:]
    ) throws {
        let folder = NSTemporaryDirectory() + "dbutils-run-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let outputs = ["\(folder)/stdout", "\(folder)/stderr"]

        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0)
        defer { close(ends[0]) }
        var environment = ["PATH": "/usr/bin:/bin", "SWIFT_BACKTRACE": "enable=no"]
        if widgets != nil { environment["HUSH_CONTROL_DESCRIPTOR"] = "3" }
        for name in ["DATABRICKS_HOST", "DATABRICKS_TOKEN"] { environment[name] = broker?.variable(name) }
        let process = try Self.start(program, arguments, environment, outputs: outputs, control: ends[1])
        close(ends[1])
        // A program that hangs must not hang the tests: it is ended, and the test fails.
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        while let frame = Self.receiveFrame(ends[0]) {
            let (output, errorOutput) = (Self.text(of: outputs[0]), Self.text(of: outputs[1]))
            messages.append(Message(frame: frame, output: output, errorOutput: errorOutput))
            guard let answer = Self.answer(to: frame, widgets: widgets ?? [:]) else { continue }
            _ = send(ends[0], answer.bytes, answer.bytes.count, Int32(MSG_NOSIGNAL))
        }
        if errno == EAGAIN {
            Issue.record("\(program) \(arguments) neither said anything nor ended within a minute")
            kill(process, SIGKILL)
        }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        ending = status & 0x7F == 0 ? .exited(status >> 8 & 0xFF) : .signalled(status & 0x7F)
        (output, errorOutput) = (Self.text(of: outputs[0]), Self.text(of: outputs[1]))
    }

    private static func start(
        _ program: String,
        _ arguments: [String],
        _ environment: [String: String],
        outputs: [String],
        control: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for (descriptor, path) in outputs.enumerated() {
            posix_spawn_file_actions_addopen(&actions, Int32(descriptor + 1), path, O_WRONLY | O_CREAT, 0o600)
        }
        posix_spawn_file_actions_adddup2(&actions, control, 3)
        let vectors = [[program] + arguments, environment.map { "\($0)=\($1)" }].map { texts in
            texts.map { strdup($0) } + [nil]
        }
        defer { vectors.joined().forEach { free($0) } }
        var process = pid_t()
        let result = posix_spawn(&process, program, &actions, nil, vectors[0], vectors[1])
        try #require(result == 0, "\(program): \(String(cString: strerror(result)))")
        return process
    }

    private static func receiveFrame(_ descriptor: Int32) -> ControlFrame? {
        guard let header = receive(ControlFrame.headerLength, from: descriptor) else { return nil }
        let length = header[1...].reduce(0) { $0 << 8 | Int($1) }
        guard let kind = ControlFrame.Kind(rawValue: header[0]), let payload = receive(length, from: descriptor) else {
            Issue.record("a frame is damaged: \(header)")
            return nil
        }
        var frame = ControlFrame(kind)
        frame.payload = payload
        return frame
    }

    private static func receive(_ count: Int, from descriptor: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        errno = 0
        guard recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count else { return nil }
        return bytes
    }

    private static func answer(to frame: ControlFrame, widgets: [String: String]) -> ControlFrame? {
        switch frame.kind {
        case .crashed:
            return nil
        case .widget:
            var payload = ControlPayload(frame.payload)
            guard let value = widgets[payload.text() ?? ""] else {
                var answer = ControlFrame(.unknown)
                answer.append(widgets.count)
                widgets.keys.forEach { answer.append($0) }
                return answer
            }
            var answer = ControlFrame(.value)
            answer.append(value)
            return answer
        default:
            return ControlFrame(.taken)
        }
    }

    private static func text(of path: String) -> String {
        String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
}
