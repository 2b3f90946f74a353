import Glibc
import SecretMemory
import Synchronization

/// Changes a terminal's settings for a while, and puts them back whatever happens: when what they are for is done, when
/// it fails, and when a signal ends the process. Turns the echo off while somebody types a secret, and everything off
/// while a command has a terminal of its own to which what is typed is passed on.
final class TerminalGuard: Sendable {
    private struct Saved {
        var descriptor: Int32
        var settings: termios
    }

    private let saved = Mutex<Saved?>(nil)

    /// Does `body` while what is typed at the terminal `descriptor` does not show.
    ///
    /// - Throws: ``CommandFailure`` when the terminal refuses, else what `body` throws.
    func withoutEcho<Result>(on descriptor: Int32, _ body: () throws -> Result) throws -> Result {
        guard var settings = save(descriptor) else { throw refusal }
        defer { restore() }
        settings.c_lflag &= ~tcflag_t(ECHO)
        // The line's end still shows, so that what is printed next begins on a line of its own.
        settings.c_lflag |= tcflag_t(ECHONL | ICANON)
        guard tcsetattr(descriptor, TCSAFLUSH, &settings) == 0 else { throw refusal }
        return try body()
    }

    /// Makes the terminal `descriptor` pass on what is typed and what is shown as it is, until ``restore()``. A terminal
    /// that refuses stays as it is.
    func makeRaw(_ descriptor: Int32) {
        guard var settings = save(descriptor) else { return }
        cfmakeraw(&settings)
        tcsetattr(descriptor, TCSADRAIN, &settings)
    }

    /// The terminal's settings, which ``restore()`` puts back.
    private func save(_ descriptor: Int32) -> termios? {
        var settings = termios()
        guard tcgetattr(descriptor, &settings) == 0 else { return nil }
        saved.withLock { $0 = Saved(descriptor: descriptor, settings: settings) }
        return settings
    }

    /// Puts the terminal back into the state that it was found in. Does nothing when nothing was changed.
    func restore() {
        saved.withLock { saved in
            guard var found = saved else { return }
            // What was typed ahead is left to whoever reads next.
            tcsetattr(found.descriptor, TCSADRAIN, &found.settings)
            saved = nil
        }
    }

    private var refusal: CommandFailure {
        CommandFailure("The terminal cannot hide what is typed. Use standard input that is not a terminal.")
    }
}

/// Reads one line that somebody types, without showing it.
struct HiddenPrompt {
    /// The longest line.
    static let longestLine = 131_072

    /// The terminal to read from.
    let terminal: Int32
    /// Where the prompt is shown.
    let output: TextOutput
    /// Hides what is typed.
    let echo: TerminalGuard
    /// Where the line is kept.
    let pool: SecretPool

    /// Shows `prompt` and reads a line, which is returned without its end; `nil` when the terminal was closed instead,
    /// or nothing was typed.
    func read(_ prompt: String) throws -> SecretBytes? {
        try echo.withoutEcho(on: terminal) {
            try output.write(prompt + ": ")
            guard let line = try SecretLine.read(from: terminal, limit: Self.longestLine, in: pool), line.count > 0
            else {
                return nil
            }
            return line
        }
    }
}

/// Reads one line, byte by byte, so that what follows stays for others to read.
enum SecretLine {
    /// The line without its end; `nil` at the end of the input.
    ///
    /// - Throws: ``CommandFailure`` when reading fails or the line is longer than `limit`.
    static func read(from descriptor: Int32, limit: Int, in pool: SecretPool) throws -> SecretBytes? {
        var line = SecretBuffer(in: pool)
        while true {
            var byte: UInt8 = 0
            let count = Glibc.read(descriptor, &byte, 1)
            switch count {
            case 1 where byte == UInt8(ascii: "\n"):
                return line.finish()
            case 1:
                guard line.count < limit else { throw CommandFailure("The line is longer than \(limit) bytes.") }
                line.append(byte)
            case 0:
                return line.count > 0 ? line.finish() : nil
            default:
                guard errno == EINTR else {
                    throw CommandFailure(
                        "The file descriptor \(descriptor) cannot be read (\(String(cString: strerror(errno)))).")
                }
            }
        }
    }
}
