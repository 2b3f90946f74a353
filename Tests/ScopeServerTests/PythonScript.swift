import Foundation

/// Runs scripts of this folder with the packages of `Tests/requirements.txt`.
enum PythonScript {
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs `script` with `arguments` and returns its standard output.
    static func run(
        _ script: String, arguments: [String], environment: [String: String] = [:]
    ) async throws -> String {
        try await offPool {
            try run(script, arguments: arguments, environment: environment) { try $0.readToEnd() ?? Data() }
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
            _ = try run(script, arguments: arguments) { output in
                let line = output.availableData
                try body(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines))
                return line
            }
        }
    }

    private static func run(
        _ script: String,
        arguments: [String],
        environment: [String: String] = [:],
        reading read: (FileHandle) throws -> Data
    ) throws -> String {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = folder.deletingLastPathComponent().deletingLastPathComponent()
        let python = root.appendingPathComponent(".venv/bin/python3")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            throw Failed(
                description: "there is no .venv/bin/python3 with the test packages: run `make test`, which sets it up")
        }
        let process = Process()
        process.executableURL = python
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.arguments = ["-I", folder.appendingPathComponent(script).path] + arguments
        let input = Pipe()
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let text = try read(output.fileHandleForReading)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(description: "\(script) ended with status \(process.terminationStatus); see above")
        }
        return String(decoding: text, as: UTF8.self)
    }
}
