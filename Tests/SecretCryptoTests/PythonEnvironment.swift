import Foundation
import Testing

/// The interpreter with the packages of `Tests/requirements.txt`, and what it is used for.
enum PythonEnvironment {
    struct Missing: Error, CustomStringConvertible {
        let description = "there is no .venv/bin/python3 with the test packages: run `make test`, which sets up .venv"
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    private static let testFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    private static var interpreter: URL {
        get throws {
            let root = testFolder.deletingLastPathComponent().deletingLastPathComponent()
            let python = root.appendingPathComponent(".venv/bin/python3")
            guard FileManager.default.isExecutableFile(atPath: python.path) else { throw Missing() }
            return python
        }
    }

    /// Runs a script of this folder with `lines` on its standard input; returns the lines of its standard output.
    static func run(script: String, lines: [String]) throws -> [String] {
        let path = testFolder.appendingPathComponent(script).path
        let output = try run([path], input: lines.map { $0 + "\n" }.joined())
        return output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    /// The folder of published test vectors in the package `cryptography_vectors`.
    static func vectorFolder() throws -> URL {
        let code = "import cryptography_vectors, os; print(os.path.dirname(cryptography_vectors.__file__))"
        let output = try run(["-c", code], input: "")
        return URL(fileURLWithPath: output.trimmingCharacters(in: .newlines))
    }

    private static func run(_ arguments: [String], input: String) throws -> String {
        let process = Process()
        process.executableURL = try interpreter
        process.arguments = ["-I"] + arguments
        let standardInput = Pipe()
        let standardOutput = Pipe()
        process.standardInput = standardInput
        process.standardOutput = standardOutput
        try process.run()
        // The scripts read all of their input before they write. One that ends early must not end this process too.
        signal(SIGPIPE, SIG_IGN)
        try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try? standardInput.fileHandleForWriting.close()
        let output = try standardOutput.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(
                description: "python3 ended with status \(process.terminationStatus); its own message is above. If a "
                    + "package is missing, run `make test`, which sets up .venv"
            )
        }
        return String(decoding: output, as: UTF8.self)
    }
}
