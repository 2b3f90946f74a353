import Foundation
import TestPrograms

/// Runs scripts of this folder with the packages of `Tests/requirements.txt`.
enum PythonScript {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs `script` with `arguments` and returns its standard output.
    static func run(_ script: String, arguments: [String]) async throws -> String {
        try await offPool {
            let (output, status) = try start(script, arguments).finish()
            try check(status, of: script)
            return String(decoding: output, as: UTF8.self)
        }
    }

    /// Runs `script`, calls `body` with the first line that it writes while it waits for the end of its standard input,
    /// and lets it end.
    static func run(
        _ script: String,
        arguments: [String],
        _ body: @escaping @Sendable (String) throws -> Void
    ) async throws {
        try await offPool {
            let process = try start(script, arguments)
            let line = process.readSome()
            let result = Result {
                try body(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines))
            }
            let (_, status) = process.finish()
            try check(status, of: script)
            try result.get()
        }
    }

    private static func start(_ script: String, _ arguments: [String]) throws -> ToolProcess {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
        let python = root.appendingPathComponent(".venv/bin/python3")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw Failed(
                description: "there is no .venv/bin/python3 with the test packages: run `make test`, which sets it up")
        }
        return try ToolProcess(python.path, ["-I", folder.appendingPathComponent(script).path] + arguments)
    }

    private static func check(_ status: Int32, of script: String) throws {
        guard status == 0 else {
            throw Failed(description: "\(script) ended with status \(status >> 8); see above")
        }
    }
}
