import Foundation
import Glibc

/// A program at a terminal of its own, with somebody to read the screen and type.
final class PseudoTerminal {
    // Numbers of ioctl_tty(2) and <spawn.h> that Swift does not see.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430
    private static let newSession: Int16 = 0x80

    private var controller: Int32
    private let process: pid_t
    private var shown = ""
    /// What has been shown so far, but for the note that a run is not isolated where runs cannot be.
    var screen: String { Isolation.removingNote(from: shown) }

    /// Starts the program with the terminal as its controlling terminal.
    ///
    /// - Parameters:
    ///   - streams: The standard streams that are the terminal.
    ///   - input: The file that standard input is, when that is not the terminal.
    init(_ program: HushProcess, streams: Set<Int32> = [0, 1, 2], input: String = "/dev/null") throws {
        controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var number: Int32 = 0
        var isLocked: Int32 = 0
        guard
            controller >= 0,
            ioctl(controller, Self.setLock, &isLocked) == 0, ioctl(controller, Self.getNumber, &number) == 0
        else { throw POSIXError(.EIO) }
        let name = "/dev/pts/\(number)"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // The first terminal that the leader of a session opens becomes its controlling terminal.
        for descriptor in streams.sorted() {
            posix_spawn_file_actions_addopen(&actions, descriptor, name, O_RDWR, 0)
        }
        if !streams.contains(STDIN_FILENO) {
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
        }
        process = try program.spawn(&actions, flags: Self.newSession)
    }

    deinit {
        if controller >= 0 { close(controller) }
    }

    /// Closes the window.
    func hangUp() {
        close(controller)
        controller = -1
    }

    /// Reads the screen until `text` shows; `false` when the program ends before.
    func wait(for text: String) -> Bool {
        while !screen.contains(text) {
            guard readMore() else { return false }
        }
        return true
    }

    func type(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { write(controller, $0.baseAddress, $0.count) }
    }

    func send(_ signal: Int32) {
        kill(process, signal)
    }

    /// Whether what is typed shows.
    var echoes: Bool {
        settings & tcflag_t(ECHO) != 0
    }

    /// Whether the terminal itself sees to lines, and to the keys that send signals.
    var isCooked: Bool {
        settings & tcflag_t(ICANON) != 0 && settings & tcflag_t(ISIG) != 0
    }

    private var settings: tcflag_t {
        var settings = termios()
        tcgetattr(controller, &settings)
        return settings.c_lflag
    }

    /// Changes the size of the window, as dragging its corner does.
    func resize(rows: UInt16, columns: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        _ = ioctl(controller, UInt(TIOCSWINSZ), &size)
    }

    /// Waits until the program is stopped; `false` when it ends instead.
    func waitForStop() -> Bool {
        var status: Int32 = 0
        while waitpid(process, &status, WUNTRACED) < 0, errno == EINTR {}
        return status & 0xFF == 0x7F
    }

    /// Reads the screen to the end and returns the exit status.
    func finish() -> Int32 {
        while readMore() {}
        return HushProcess.wait(for: process)
    }

    private func readMore() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(controller, &bytes, bytes.count)
        guard count > 0 else { return false }
        shown += String(decoding: bytes[..<count], as: UTF8.self)
        return true
    }
}
