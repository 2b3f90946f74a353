internal import Glibc
internal import Processes
internal import SecretMemory

/// Why a child process could not be started.
public struct ChildProcessError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What failed.
    public enum Reason: Sendable, Hashable {
        /// A system call, with its name and the value of `errno`.
        case systemCall(String, Int32)
        /// The environment variable of this name cannot be passed on: its name holds `=` or nothing, or its value a
        /// byte 0.
        case unusableVariable(String)
    }

    /// What failed.
    public let reason: Reason
    /// The program that was to be started; empty when it was not that far yet.
    public var program = ""

    init(_ failure: SystemCallError) {
        self.init(reason: .systemCall(failure.call, failure.number))
    }

    private init(reason: Reason) {
        self.reason = reason
    }

    static func systemCall(_ name: String, _ number: Int32 = errno) -> ChildProcessError {
        ChildProcessError(reason: .systemCall(name, number))
    }

    static func unusableVariable(_ name: String) -> ChildProcessError {
        ChildProcessError(reason: .unusableVariable(name))
    }

    /// There is no program of this name.
    static func notFound(_ program: String) -> ChildProcessError {
        var error = systemCall("execve", ENOENT)
        error.program = program
        return error
    }

    /// There is a file of this name, but it is no program.
    static func notExecutable(_ program: String) -> ChildProcessError {
        var error = systemCall("execve", EACCES)
        error.program = program
        return error
    }

    /// The value of `errno` when the program itself could not be executed, as shells need it for their exit codes 126
    /// and 127.
    public var executionError: Int32? {
        guard case .systemCall("execve", let number) = reason else { return nil }
        return number
    }

    /// What failed, with the program's path and the system's own words; never a value.
    public var description: String {
        let start = program.isEmpty ? "cannot start a program" : "cannot start \(program)"
        switch reason {
        case .systemCall(let name, let number):
            return "\(start): \(name): \(String(cString: strerror(number)))"
        case .unusableVariable(let name):
            return "\(start): the variable \(name) cannot be passed in an environment"
        }
    }
}

extension Pipe {
    /// A pipe, or the error of a child that cannot be started without it.
    static func forChild() throws(ChildProcessError) -> Pipe {
        do {
            return try Pipe()
        } catch {
            throw ChildProcessError(error)
        }
    }
}
