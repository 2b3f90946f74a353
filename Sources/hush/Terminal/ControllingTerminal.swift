import Glibc
import SecretMemory

/// The terminal that the process belongs to, which need not be its standard input.
enum ControllingTerminal {
    /// What somebody answered.
    enum Answer {
        /// What was typed, without the end of the line.
        case line(SecretBytes)
        /// Nothing was typed.
        case nothing
        /// There is nobody to ask.
        case noTerminal
    }

    /// Shows `prompt` and reads one line, which does not show.
    ///
    /// - Throws: ``CommandFailure`` when reading fails.
    static func ask(_ prompt: String, in program: Program) throws -> Answer {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return .noTerminal }
        defer { close(terminal) }
        let hidden = HiddenPrompt(
            terminal: terminal,
            output: TextOutput(descriptor: terminal, diesOfBrokenPipe: false),
            echo: program.terminal,
            pool: program.pool
        )
        return try hidden.read(prompt).map { .line($0) } ?? .nothing
    }
}
