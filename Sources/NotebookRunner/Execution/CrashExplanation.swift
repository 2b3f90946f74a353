internal import Glibc
internal import Runs

/// Puts into words why a signal ended a notebook's program.
enum CrashExplanation {
    /// What Swift itself says when it traps, in the last of the lines `errorOutput` that does.
    struct FatalError: Equatable {
        var message: String
        /// The cell and its line, when the compiler knew them.
        var place: (cell: Int, line: Int)?

        static func == (left: FatalError, right: FatalError) -> Bool {
            left.message == right.message && left.place?.cell == right.place?.cell
                && left.place?.line == right.place?.line
        }
    }

    private static let words = ["Fatal error", "Precondition failed", "Assertion failed"]

    static func fatalError(in errorOutput: String, of notebook: String) -> FatalError? {
        for line in errorOutput.split(separator: "\n").reversed() {
            for word in words {
                // `Notebook/orders.swift#cell3:2: Fatal error: Index out of range`
                guard let range = line.firstRange(of: ": \(word)") else { continue }
                let place = cellPlace(line[..<range.lowerBound], of: notebook)
                return FatalError(message: String(line[range.lowerBound...].dropFirst(2)), place: place)
            }
        }
        return nil
    }

    /// The cell and the line in `…orders.swift#cell3:2`, or `…orders.swift#cell3:2:7`.
    static func cellPlace(_ text: Substring, of notebook: String) -> (cell: Int, line: Int)? {
        let mark = GeneratedProgram.fileName(notebook, cell: 0).dropLast()
        guard let range = text.ranges(of: mark).last else { return nil }
        let numbers = text[range.upperBound...].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count >= 2, let cell = numbers[0], let line = numbers[1] else { return nil }
        return (cell, line)
    }

    /// The name of `signal`, and what it usually means.
    static func words(for signal: Int32) -> (name: String, meaning: String) {
        switch signal {
        case SIGILL, SIGTRAP:
            ("Trap", "the program trapped, as on an arithmetic overflow (\(signal == SIGILL ? "SIGILL" : "SIGTRAP"))")
        case SIGSEGV: ("SIGSEGV", "the program used memory that it does not have, as after too deep a recursion")
        case SIGBUS: ("SIGBUS", "the program used memory that it does not have")
        case SIGFPE: ("SIGFPE", "the program did impossible arithmetic")
        case SIGABRT: ("SIGABRT", "the program aborted itself")
        case SIGKILL: ("SIGKILL", "the program was killed, perhaps because memory ran out")
        case SIGTERM: ("SIGTERM", "the program was asked to end")
        default: ("Signal", "the program was ended by signal \(signal)")
        }
    }
}
