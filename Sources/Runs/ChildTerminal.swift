internal import CLinux
internal import Glibc
internal import Processes

/// That a child gets a terminal of its own in place of the one that this process was started at.
public struct ChildTerminal: Sendable {
    /// The outer terminal, whose settings and size the child's begins with.
    public var outer: Int32
    /// Whether the child reads from its terminal what is typed at the outer one, which then controls its session:
    /// Control-C and job control work. Otherwise only its output goes there.
    public var takesInput: Bool
    /// Whether the child's standard error is the terminal too, and not only its standard output.
    public var takesError: Bool
    /// The outer terminal's settings at the time when this was made, before anybody changed them to pass on what is
    /// typed.
    let settings: termios?

    /// Describes a terminal.
    public init(outer: Int32, takesInput: Bool, takesError: Bool) {
        self.outer = outer
        self.takesInput = takesInput
        self.takesError = takesError
        var settings = termios()
        self.settings = tcgetattr(outer, &settings) == 0 ? settings : nil
    }
}

/// A child's terminal, seen from outside: passes on what is typed, and the size of the window.
final class TerminalLink {
    /// Reads what the child writes.
    let controller: OwnedDescriptor
    /// The child's end. Kept open, so that the terminal does not hang up when the child closes it for a while.
    private(set) var terminal: OwnedDescriptor?
    private let description: ChildTerminal
    private var untyped: [UInt8] = []
    private var isInputOpen: Bool

    init(_ description: ChildTerminal) throws(ChildProcessError) {
        var ends: [Int32] = [-1, -1]
        guard clinux_pseudo_terminal(&ends) == 0 else { throw .systemCall("posix_openpt") }
        self.controller = OwnedDescriptor(ends[0])
        let terminal = OwnedDescriptor(ends[1])
        self.terminal = terminal
        self.description = description
        self.isInputOpen = description.takesInput
        guard fcntl(controller.number, F_SETFL, O_NONBLOCK) == 0 else { throw .systemCall("fcntl") }
        if var settings = description.settings {
            // The outer terminal still ends the lines itself when nobody types here.
            if !description.takesInput { settings.c_oflag &= ~tcflag_t(OPOST) }
            tcsetattr(terminal.number, TCSANOW, &settings)
        }
        copyWindowSize()
    }

    func copyWindowSize() {
        guard let terminal else { return }
        _ = clinux_copy_window_size(description.outer, terminal.number)
    }

    /// The child has ended: what is read to the end now is all there is.
    func closeTerminal() {
        terminal = nil
    }

    // MARK: What is typed

    /// The outer terminal, while more of what is typed there can be taken.
    var input: Int32? {
        isInputOpen && untyped.isEmpty ? description.outer : nil
    }

    /// Whether something that was typed waits for the child's terminal to take it.
    var hasInput: Bool { !untyped.isEmpty }

    /// Takes what was typed at the outer terminal.
    ///
    /// - Parameters:
    ///   - leader: The child.
    ///   - stop: Stops the child.
    /// - Returns: `false` when the outer terminal has hung up.
    func takeInput(leader: pid_t, stop: () -> Void) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = read(description.outer, &bytes, bytes.count)
        if count < 0, errno == EINTR || errno == EAGAIN { return true }
        guard count > 0 else {
            isInputOpen = false
            return false
        }
        untyped = Array(bytes.prefix(count))
        if let position = positionOfStop(leader: leader) {
            untyped.remove(at: position)
            stop()
        }
        passOn()
        return true
    }

    /// Passes on what waits.
    func passOn() {
        guard !untyped.isEmpty else { return }
        let count = write(controller.number, untyped, untyped.count)
        if count > 0 {
            untyped.removeFirst(count)
        } else if errno != EAGAIN, errno != EINTR {
            untyped = []
        }
    }

    /// Where the character stands that is to stop the child, if the terminal cannot do it itself.
    ///
    /// The kernel does not let a terminal stop a process group that has no parent in its session, and the child's has
    /// none. A child that handles the signal, or has put others into the foreground, sees to it itself.
    private func positionOfStop(leader: pid_t) -> Int? {
        var settings = termios()
        guard
            tcgetattr(controller.number, &settings) == 0, settings.c_lflag & tcflag_t(ISIG) != 0,
            tcgetpgrp(controller.number) == leader, !SignalMask.handlesOrIgnores(SIGTSTP, process: leader)
        else { return nil }
        let character = withUnsafeBytes(of: settings.c_cc) { $0[Int(VSUSP)] }
        return character == 0 ? nil : untyped.firstIndex(of: character)
    }
}

/// What a process does with signals, as the kernel tells it.
private enum SignalMask {
    static func handlesOrIgnores(_ signal: Int32, process: pid_t) -> Bool {
        guard let status = ProcessFiles.contents(of: "/proc/\(process)/status") else { return true }
        return String(decoding: status, as: UTF8.self).split(separator: "\n").contains { line in
            guard line.hasPrefix("SigIgn:") || line.hasPrefix("SigCgt:") else { return false }
            let mask = UInt64(line.dropFirst(7).drop { $0 == "\t" || $0 == " " }, radix: 16) ?? 0
            return mask & (1 << UInt64(signal - 1)) != 0
        }
    }
}
