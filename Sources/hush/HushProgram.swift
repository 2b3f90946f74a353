import ArgumentParser
import Glibc
import Runs
import SecretMemory

/// The program: prepares the process, finds the command that the arguments ask for, runs it, and says how it went.
@main
enum HushProgram {
    static func main() {
        let streams = ProcessHardening.apply()
        let arguments = Array(CommandLine.arguments.dropFirst())
        ArgumentVector.erase(valuesOf: CommandLineArguments.secretOptions)
        let program = Program(
            environment: ProcessEnvironment(),
            output: TextOutput(descriptor: STDOUT_FILENO, diesOfBrokenPipe: streams.diesOfBrokenPipe),
            errors: TextOutput(descriptor: STDERR_FILENO, diesOfBrokenPipe: false),
            input: streams.hasInput ? STDIN_FILENO : nil,
            terminal: TerminalGuard(),
            forwarding: SignalForwarding(),
            pool: SecretPool()
        )
        // Not the parser's own, which every command would have beside the `--version N` that some of them take.
        if arguments == ["--version"] {
            exit(FailureReport(parsing: CleanExit.message(Product.version), arguments: arguments).print(with: program))
        }
        if let reading = SecretReading(plainly: arguments) {
            perform({ try await reading.run(in: program) }, arguments: arguments, in: program)
        }
        let command: any ParsableCommand
        do {
            try CommandLineArguments.checkLetters(arguments)
            command = try HushCommand.parseAsRoot(CommandLineArguments.normalized(arguments))
        } catch let failure as UsageFailure {
            exit(FailureReport(failure, arguments: arguments).print(with: program))
        } catch {
            exit(FailureReport(parsing: error, arguments: arguments).print(with: program))
        }
        guard let command = command as? any ProgramCommand else {
            exit(showHelp(of: command, with: program))
        }
        perform(
            { try await command.run(in: program) },
            arguments: arguments,
            in: program,
            isForwarding: command is any ForwardingCommand,
            isCancellable: command is any CancellableCommand
        )
    }

    /// Runs `work` in a task of its own, while this thread waits for signals, and ends the process as it ended.
    private static func perform(
        _ work: @escaping @Sendable () async throws -> Void,
        arguments: [String],
        in program: Program,
        isForwarding: Bool = false,
        isCancellable: Bool = false
    ) -> Never {
        let signals = TerminationSignals(and: isForwarding ? SignalForwarding.furtherNumbers : [])
        let task = Task.detached {
            let status = await run(work, arguments: arguments, in: program)
            signals.commandDidEnd()
            exit(status)
        }
        signals.wait(restoring: program.terminal) { number in
            program.forwarding.take(number) || number == SIGHUP && program.hangups.deliver()
        } cancel: {
            guard isCancellable else { return false }
            task.cancel()
            return true
        }
    }

    private static func run(
        _ work: @Sendable () async throws -> Void, arguments: [String], in program: Program
    ) async -> Int32 {
        do {
            try await work()
            return ExitStatus.success
        } catch is BrokenPipe {
            TerminationSignals.die(of: SIGPIPE)
        } catch let ending as PassedOnEnding {
            switch ending.status {
            case .exited(let code): return code
            case .signaled(let number): TerminationSignals.die(of: number)
            }
        } catch {
            return FailureReport(error, arguments: arguments).print(with: program)
        }
    }

    /// Groups of commands, and `help`, do nothing but throw what they would print.
    private static func showHelp(of command: any ParsableCommand, with program: Program) -> Int32 {
        var command = command
        do {
            try command.run()
            return ExitStatus.success
        } catch {
            return FailureReport(parsing: error, arguments: []).print(with: program)
        }
    }
}
