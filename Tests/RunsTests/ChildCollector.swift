import Runs

/// Collects what a child writes and sends, answers what it sends with `answer`, and sends `idle` when it is silent.
final class ChildCollector: ChildObserver {
    struct Result: Sendable {
        var output: [UInt8] = []
        var error: [UInt8] = []
        var control: [UInt8] = []
        /// The length of the standard output when the first control bytes came, before and after draining.
        var outputAtControl: (before: Int, after: Int)?
        var idleCount = 0
        var ending: ChildEnding

        var text: String { String(decoding: output, as: UTF8.self) }
        var errorText: String { String(decoding: error, as: UTF8.self) }
        var controlText: String { String(decoding: control, as: UTF8.self) }
    }

    private var result = Result(ending: ChildEnding(status: .exited(-1), cause: .program))
    private let answer: [UInt8]
    private let onOutput: @Sendable () -> Void
    private weak var control: (any ChildControl)?
    let watchesIdleness: Bool

    init(answer: [UInt8] = [], watchesIdleness: Bool = false, onOutput: @escaping @Sendable () -> Void = {}) {
        self.answer = answer
        self.watchesIdleness = watchesIdleness
        self.onOutput = onOutput
    }

    func received(_ bytes: RawSpan, from stream: StandardStream) {
        onOutput()
        bytes.withUnsafeBytes { bytes in
            switch stream {
            case .standardOutput: result.output.append(contentsOf: bytes)
            case .standardError: result.error.append(contentsOf: bytes)
            }
        }
    }

    func becameIdle() {
        result.idleCount += 1
        control?.send(Array("idle\n".utf8))
    }

    func received(_ bytes: RawSpan, control: any ChildControl) {
        self.control = control
        bytes.withUnsafeBytes { result.control.append(contentsOf: $0) }
        let before = result.output.count
        control.drainOutput()
        if result.outputAtControl == nil { result.outputAtControl = (before, result.output.count) }
        control.send(answer)
    }

    func ended(_ ending: ChildEnding) -> Result {
        result.ending = ending
        return result
    }
}

/// Runs a shell script and returns what it wrote and how it ended.
func runShell(
    _ script: String,
    environment: ChildEnvironment = ChildEnvironment(["PATH": "/usr/bin:/bin"]),
    answer: [UInt8] = [],
    watchesIdleness: Bool = false,
    _ configure: (inout ChildCommand) -> Void = { _ in }
) async throws -> ChildCollector.Result {
    var command = ChildCommand(.file("/bin/sh"), arguments: ["sh", "-c", script], environment: environment)
    command.terminationGrace = .milliseconds(200)
    configure(&command)
    return try await ChildProcess.run(command) { ChildCollector(answer: answer, watchesIdleness: watchesIdleness) }
}

/// Runs a shell script, and cancels the task that does when the script has written something.
func runShellUntilItWrites(_ script: String, grace: Duration) async throws -> ChildCollector.Result {
    let (output, continuation) = AsyncStream<Void>.makeStream()
    let task = Task {
        var command = ChildCommand(
            .file("/bin/sh"),
            arguments: ["sh", "-c", script],
            environment: ChildEnvironment(["PATH": "/usr/bin:/bin"])
        )
        command.terminationGrace = grace
        return try await ChildProcess.run(command) { ChildCollector(onOutput: { continuation.yield() }) }
    }
    for await _ in output { break }
    task.cancel()
    return try await task.value
}
