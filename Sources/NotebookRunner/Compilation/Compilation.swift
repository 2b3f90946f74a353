internal import Runs

/// The compiler as notebooks use it: one module, one language mode, one isolation for every cell.
///
/// Swift 5 mode: in Swift 6 mode the variables of a notebook belong to the main actor, and a function that uses one, a
/// class that overrides a library's, or a closure that runs elsewhere would be an error in ordinary notebook code.
struct Compilation: Sendable {
    /// Tells these flags from others in the cache of builds.
    static let version = 1
    /// The flags on which it depends what a text means: `/…/` is a regular expression, as in Swift 6 mode.
    private static let syntaxFlags = ["-swift-version", "5", "-enable-bare-slash-regex"]

    private static let diagnosticFlags = ["-diagnostic-style", "llvm"]

    let toolchain: SwiftToolchain
    let dbutils: DBUtilsLocation
    /// Where the compiler keeps the modules that it has read. Private, and kept from run to run: an empty one costs a
    /// second.
    let moduleCache: String
    /// Where the compiler keeps what it writes for itself.
    let temporaryFolder: String
    let deadline: ContinuousClock.Instant?

    /// The flags on which it depends what a program means, and where its modules are. They are the same for checking and
    /// for building, so that the compiler keeps its modules once.
    private var languageFlags: [String] {
        Self.syntaxFlags + [
            "-Onone", "-gline-tables-only", "-module-name", "Notebook", "-I", dbutils.folder,
            "-module-cache-path", moduleCache,
        ]
    }

    /// Parses each of `files` for itself, as files of a library. One process for all of them.
    func parse(_ files: [String]) async throws -> ToolRun.Result {
        let arguments = ["-frontend", "-parse", "-parse-as-library"] + Self.diagnosticFlags + Self.syntaxFlags + files
        return try await run(toolchain.tool("swift-frontend") ?? toolchain.compiler, arguments)
    }

    /// Type-checks the program in the file `main` and prints its syntax tree.
    func dumpSyntax(_ main: String) async throws -> ToolRun.Result {
        let mode = ["-dump-ast", "-Xfrontend", "-dump-ast-format", "-Xfrontend", "json"]
        return try await run(toolchain.compiler, mode + Self.diagnosticFlags + languageFlags + [main])
    }

    /// Checks the program in the file `main` as far as compiling it would.
    func check(_ main: String) async throws -> ToolRun.Result {
        let mode = ["-emit-sil", "-suppress-warnings", "-o", "/dev/null"]
        return try await run(toolchain.compiler, mode + Self.diagnosticFlags + languageFlags + [main])
    }

    /// Compiles and links the program in the file `main`.
    func build(_ main: String, to program: String) async throws -> ToolRun.Result {
        var arguments =
            languageFlags + [
                "-suppress-warnings", "-L", dbutils.folder, "-lDBUtils", "-lm", "-Xlinker", "-rpath", "-Xlinker",
                dbutils.folder,
                // An error that no cell catches goes to DBUtils, and does not trap.
                "-Xlinker", "--wrap=swift_errorInMain",
            ]
        if toolchain.tool("ld.lld") != nil { arguments.append("-use-ld=lld") }
        return try await run(toolchain.compiler, arguments + [main, "-o", program])
    }

    private func run(_ program: String, _ arguments: [String]) async throws -> ToolRun.Result {
        var environment = toolchain.environment
        environment["TMPDIR"] = temporaryFolder
        let result = try await ToolRun.run(
            program,
            arguments,
            environment: environment,
            deadline: deadline
        )
        guard case .exited = result.ending.status else {
            throw NotebookError(.compilerFailure, "The Swift compiler crashed. \(Self.lastLines(of: result.errorText))")
        }
        return result
    }

    /// The end of what the compiler said, where more would not help.
    static func lastLines(of text: String) -> String {
        text.split(separator: "\n").suffix(8).joined(separator: "\n")
    }
}
