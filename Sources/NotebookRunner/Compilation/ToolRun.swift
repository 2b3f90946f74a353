internal import Runs
internal import Synchronization

/// Runs a tool to its end and keeps what it writes.
enum ToolRun {
    struct Result: Sendable {
        var ending: ChildEnding
        var output: [UInt8]
        var error: [UInt8]

        var errorText: String { String(decoding: error, as: UTF8.self) }
    }

    /// What is kept of each output; the rest is dropped.
    static let outputLimit = 512 * 1024 * 1024

    /// Runs the program at the path `program`.
    ///
    /// - Throws: ``NotebookInterruption`` when it outlives `deadline` or the task is cancelled; ``NotebookError`` when
    ///   it cannot be started.
    static func run(
        _ program: String,
        _ arguments: [String],
        environment: ChildEnvironment,
        deadline: ContinuousClock.Instant?
    ) async throws -> Result {
        var command = ChildCommand(.file(program), arguments: [program] + arguments, environment: environment)
        command.timeout = deadline.map { max(.zero, $0 - .now) }
        let result: Result
        do {
            result = try await ChildProcess.run(command) { Collector() }
        } catch {
            throw NotebookError(.compilerFailure, "The Swift compiler cannot be used: \(error).")
        }
        switch result.ending.cause {
        case .program: return result
        case .timeout: throw NotebookInterruption.timeout
        case .cancellation: throw NotebookInterruption.cancellation
        }
    }

    private final class Collector: ChildObserver {
        private var output: [UInt8] = []
        private var error: [UInt8] = []
        let watchesIdleness = false

        func received(_ bytes: RawSpan, from stream: StandardStream) {
            bytes.withUnsafeBytes { bytes in
                switch stream {
                case .standardOutput where output.count < ToolRun.outputLimit: output.append(contentsOf: bytes)
                case .standardError where error.count < ToolRun.outputLimit: error.append(contentsOf: bytes)
                default: break
                }
            }
        }

        func becameIdle() {}

        func received(_ bytes: RawSpan, control: any ChildControl) {}

        func ended(_ ending: ChildEnding) -> Result {
            Result(ending: ending, output: output, error: error)
        }
    }
}

/// Why work on a notebook was ended from outside.
enum NotebookInterruption: Error {
    case timeout
    case cancellation
}
