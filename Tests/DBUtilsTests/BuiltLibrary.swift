import Foundation
import Testing

/// DBUtils as notebooks get it: what `scripts/build-dbutils.sh` makes, in a temporary folder that goes with the suite.
struct BuiltLibrary: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// The library of the suite that is running, when it has the trait ``Testing/Trait/builtLibrary``.
    @TaskLocal static var current: BuiltLibrary?

    /// Holds `lib`, with what the script made, and the programs compiled against it.
    let folder: String
    var libraryFolder: String { "\(folder)/lib" }
    var interface: String { "\(libraryFolder)/DBUtils.swiftinterface" }
    /// The program of ``NotebookProgram``.
    var program: String { "\(folder)/notebook" }

    /// The top of the repository. Links in the path are followed, since the tests may be reached through one.
    static let repository = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path()

    fileprivate init() throws {
        self.folder = NSTemporaryDirectory() + "dbutils-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    }

    fileprivate func build() throws {
        try Self.run("\(Self.repository)/scripts/build-dbutils.sh", [libraryFolder])
        try compile(NotebookProgram.text, to: "notebook")
    }

    fileprivate func remove() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Compiles `source` as a notebook is compiled, and returns the program's path.
    @discardableResult
    func compile(_ source: String, to name: String) throws -> String {
        let folder = "\(folder)/\(name).source"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        // Only in a file of this name may statements stand by themselves.
        try source.write(toFile: "\(folder)/main.swift", atomically: true, encoding: .utf8)
        let program = "\(self.folder)/\(name)"
        let arguments = [
            "swiftc", "-swift-version", "5", "-Onone", "-I", libraryFolder, "-L", libraryFolder, "-lDBUtils",
            "-module-cache-path", "\(self.folder)/modules", "-Xlinker", "-rpath", "-Xlinker", libraryFolder,
            "-Xlinker", "--wrap=swift_errorInMain", "\(folder)/main.swift", "-o", program,
        ]
        try Self.run("/usr/bin/env", arguments)
        return program
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let command = ([program] + arguments).joined(separator: " ")
            throw Failure(description: "\(command)\n\(String(decoding: output, as: UTF8.self))")
        }
    }
}

/// Builds the library once for all tests of a suite.
struct BuiltLibraryTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        let library = try BuiltLibrary()
        defer { library.remove() }
        try library.build()
        try await BuiltLibrary.$current.withValue(library, operation: function)
    }
}

extension Trait where Self == BuiltLibraryTrait {
    /// Builds the library for the suite: ``BuiltLibrary/current``.
    static var builtLibrary: Self { Self() }
}
