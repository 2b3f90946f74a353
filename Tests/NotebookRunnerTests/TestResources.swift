import Foundation
import Testing

@testable import NotebookRunner

/// A folder for what tests share and throw away.
enum SharedFolder {
    private static let root: String = {
        let path = NSTemporaryDirectory() + "hush-notebooks-\(ProcessInfo.processInfo.processIdentifier)"
        try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        atexit { SharedFolder.remove() }
        return path
    }()

    private static func remove() {
        try? FileManager.default.removeItem(atPath: root)
    }

    /// The path of a folder with this name, which is not made.
    static func path(_ name: String) throws -> String {
        "\(root)/\(name)"
    }

    /// The path of a new, empty folder.
    static func unique() throws -> String {
        let path = "\(root)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// `DBUtils`, built once with the script that builds it for users.
enum BuiltDBUtils {
    private static let build = Task<DBUtilsLocation, any Error>.detached {
        let folder = try SharedFolder.path("dbutils")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Laboratory.rootFolder + "/scripts/build-dbutils.sh")
        process.arguments = [folder]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0, "scripts/build-dbutils.sh failed")
        return try DBUtilsLocation(folder: folder)
    }

    static func location() async throws -> DBUtilsLocation {
        try await build.value
    }
}

/// Lets two notebooks be compiled at a time; tests are not limited otherwise.
actor CompilerSlots {
    static let shared = CompilerSlots()

    private var free = 2
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func use<R: Sendable>(_ body: @Sendable () async throws -> R) async rethrows -> R {
        await take()
        defer { giveBack() }
        return try await body()
    }

    private func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    private func giveBack() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}

/// The interpreter with the packages of `Tests/requirements.txt`.
enum PythonEnvironment {
    /// Runs `code` with `arguments`, and returns its exit code and what it wrote.
    static func run(_ code: String, _ arguments: String...) throws -> (status: Int32, output: String) {
        let interpreter = Laboratory.rootFolder + "/.venv/bin/python3"
        try #require(
            FileManager.default.isExecutableFile(atPath: interpreter),
            "there is no .venv/bin/python3 with the test packages: run `make test`, which sets up .venv"
        )
        let process = Process()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = ["-I", "-c", code] + arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
