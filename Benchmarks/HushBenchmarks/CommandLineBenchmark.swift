import Foundation

/// One-shot commands, beside the same executable doing nothing.
struct CommandLineBenchmark {
    let executable: String

    func measure() throws -> [Measurement] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-bench-\(UUID().uuidString)")
            .path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try run(["init"], in: folder)
        try run(["secrets", "create-scope", "payments"], in: folder)
        try run(["secrets", "put-secret", "payments", "api-key", "--string-value", "tok_live_benchmark"], in: folder)
        return [
            try measure("hush --version", ["--version"], in: folder),
            try measure("hush secrets get-secret", ["secrets", "get-secret", "payments", "api-key"], in: folder),
        ]
    }

    private func measure(_ what: String, _ arguments: [String], in folder: String) throws -> Measurement {
        var best = Duration.seconds(1_000_000)
        for _ in 0..<40 {
            best = try min(best, ContinuousClock().measure { try run(arguments, in: folder) })
        }
        return Measurement(what: what, rate: 1 / (best / .seconds(1)))
    }

    private func run(_ arguments: [String], in folder: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ["HUSH_HOME": folder, "HOME": folder, "PATH": "/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw CocoaError(.executableLoad, userInfo: [NSLocalizedDescriptionKey: arguments.joined(separator: " ")])
        }
    }
}
