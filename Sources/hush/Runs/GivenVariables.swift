import Glibc
import Runs

/// The variables that a command line gives to a run's command.
struct GivenVariables {
    /// The largest file of variables, in bytes.
    private static let largestFile = 1024 * 1024

    /// `NAME=VALUE` texts.
    let assignments: [String]
    /// The paths of files of them.
    let files: [String]

    /// All variables by name. Later files come before earlier ones, and the command line before all files.
    ///
    /// - Throws: ``UsageFailure`` or ``CommandFailure`` that names what is wrong; never a value.
    func read() throws -> [String: String] {
        var variables: [String: String] = [:]
        for path in files { variables.merge(try read(path)) { $1 } }
        for assignment in assignments {
            guard
                let equals = assignment.firstIndex(of: "="),
                EnvironmentFile.isName(String(assignment[..<equals]))
            else {
                throw UsageFailure("--env wants NAME=VALUE. Write for example --env REGION=eu")
            }
            variables[String(assignment[..<equals])] = String(assignment[assignment.index(after: equals)...])
        }
        return variables
    }

    private func read(_ path: String) throws -> [String: String] {
        guard let text = String(validating: try contents(of: path), as: UTF8.self) else {
            throw CommandFailure("The file \(path) is not UTF-8 text.")
        }
        do {
            return try EnvironmentFile.variables(in: text)
        } catch {
            throw CommandFailure("The file \(path) is wrong in line \(error.line): \(error.reason). Write NAME=VALUE.")
        }
    }

    private func contents(of path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path) }
        defer { close(descriptor) }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path) }
            guard count > 0 else { return contents }
            contents += chunk[..<count]
            guard contents.count <= Self.largestFile else {
                throw CommandFailure("The file \(path) is larger than \(Self.largestFile) bytes.")
            }
        }
    }

    private func unreadable(_ path: String) -> CommandFailure {
        CommandFailure("The file \(path) cannot be read (\(String(cString: strerror(errno)))).")
    }
}
