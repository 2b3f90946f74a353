import Foundation

/// A Python program that stands in for a vault (from `Tests/Doubles`, or moto), with the packages of
/// `Tests/requirements.txt`. It writes one line when it is ready, a JSON object with at least `port`, and ends with its
/// standard input.
package final class VaultServer: Sendable {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// What the program said of itself.
    package let announcement: [String: String]
    private let process: ToolProcess

    /// Where the server listens.
    package var port: Int { Int(announcement["port"] ?? "") ?? 0 }

    /// Starts a script of `Tests/Doubles`.
    package init(_ script: String, _ arguments: [String] = []) async throws {
        let path = PythonProgram.tests.appendingPathComponent("Doubles/\(script)").path
        (announcement, process) = try await offPool {
            let process = try ToolProcess(PythonProgram.interpreter(), ["-I", path] + arguments)
            var line: [UInt8] = []
            while !line.contains(UInt8(ascii: "\n")) {
                let piece = process.readSome()
                guard !piece.isEmpty else {
                    throw Failed(description: "\(script) ended before it was ready; see above")
                }
                line += piece
            }
            let object = try JSONSerialization.jsonObject(with: Data(line.prefix { $0 != UInt8(ascii: "\n") }))
            let words = (object as? [String: Any] ?? [:]).mapValues { "\($0)" }
            return (words, process)
        }
    }

    deinit {
        process.kill()
    }

    /// Runs a script of `Tests/Doubles` to its end, such as one in which the official client talks to a double.
    package static func run(_ script: String, _ arguments: [String]) async throws -> String {
        try await PythonProgram.run("Doubles/\(script)", arguments)
    }
}
