import ArgumentParser
import Glibc
import ScopeManifests
import SecretMemory
import SecretScopes

/// What is printed for an error, and what the program exits with.
struct FailureReport {
    private enum Stream {
        case output
        case errors
    }

    private let text: String
    private let stream: Stream
    private let status: Int32

    /// The report of a command that failed.
    init(_ error: any Error, arguments: [String]) {
        let isSecretsCommand = CommandLineArguments.areForSecrets(arguments)
        switch error {
        case is CancellationError:
            text = ""
        case let error as ManifestError:
            text = error.problems.map { Self.line($0.description) }.joined(separator: "\n")
        default:
            text = Self.line(Self.message(for: error))
        }
        stream = .errors
        status = ExitStatus.of(error, isSecretsCommand: isSecretsCommand)
    }

    /// The report of arguments that were not understood, or that ask for help or the version.
    init(parsing error: any Error, arguments: [String]) {
        guard HushCommand.exitCode(for: error) != .success else {
            text = HushCommand.fullMessage(for: error, columns: nil)
            stream = .output
            status = ExitStatus.success
            return
        }
        stream = .errors
        guard CommandLineArguments.areForSecrets(arguments) else {
            text = HushCommand.fullMessage(for: error, columns: nil)
            status = ExitStatus.usage
            return
        }
        let message = HushCommand.message(for: error)
        text = Self.line(DatabricksUsage.message(for: message, command: "\(Product.name) secrets"))
        status = ExitStatus.failure
    }

    /// Prints it and returns the exit status.
    func print(with program: Program) -> Int32 {
        switch stream {
        case .errors:
            if !text.isEmpty { program.errors.writeMessage(text) }
            return status
        case .output:
            do {
                try program.output.write(text.hasSuffix("\n") ? text : text + "\n")
                return status
            } catch is BrokenPipe {
                TerminationSignals.die(of: SIGPIPE)
            } catch {
                return FailureReport(error, arguments: []).print(with: program)
            }
        }
    }

    private static func line(_ message: String) -> String {
        "Error: " + message
    }

    private static func message(for error: any Error) -> String {
        switch error {
        case let error as CommandFailure: error.message
        case let error as UsageFailure: error.message
        case let error as ScopeError: error.message
        case let error as KeyProviderError: error.message
        case let error as TransferFailure: error.description
        case let error as ManifestApplyError: error.description
        case let error as SystemCallError: "The system call failed (\(error))."
        default: String(describing: error)
        }
    }
}
