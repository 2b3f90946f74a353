package import Foundation

/// Python with the packages of `Tests/requirements.txt`.
package enum PythonProgram {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// The folder `Tests`.
    package static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

    /// The interpreter's path.
    package static func interpreter() throws -> String {
        let path = tests.deletingLastPathComponent().appendingPathComponent(".venv/bin/python3").path
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Failed(
                description: "there is no .venv/bin/python3 with the test packages: run `make test`, which sets it up")
        }
        return path
    }

    /// Runs a script, by its path below `Tests`, to its end and returns what it wrote.
    package static func run(_ script: String, _ arguments: [String]) async throws -> String {
        let path = tests.appendingPathComponent(script).path
        return try await offPool {
            let (output, status) = try ToolProcess(interpreter(), ["-I", path] + arguments).finish()
            guard status == 0 else {
                throw Failed(description: "\(script) ended with status \(status >> 8); see above")
            }
            return String(decoding: output, as: UTF8.self)
        }
    }
}
