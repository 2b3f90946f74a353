internal import Glibc
internal import Runs

/// A Swift compiler, and the environment that it is run in.
public struct SwiftToolchain: Sendable {
    /// The path of `swiftc`.
    public let compiler: String
    /// Tells one compiler from another: the path, size and date of its files.
    let identity: String
    let environment: ChildEnvironment
    /// The folder of the toolchain's tools.
    private let tools: String

    /// Uses the compiler at the path `compiler`.
    ///
    /// - Parameters:
    ///   - compiler: The path of `swiftc`.
    ///   - environment: The environment of this process; what could be a credential is not passed on.
    /// - Throws: ``NotebookError`` when there is no program at that path.
    public init(compiler: String, environment: [String: String]) throws(NotebookError) {
        guard access(compiler, X_OK) == 0, let file = realpath(compiler, nil) else {
            throw NotebookError(
                .missingCompiler,
                "There is no Swift compiler at \(compiler). Install a Swift 6.3 toolchain from "
                    + "https://www.swift.org/install; until then only notebooks that ran before can be run."
            )
        }
        defer { free(file) }
        let path = String(cString: file)
        let folder = path.split(separator: "/").dropLast().map { "/\($0)" }.joined()
        self.compiler = compiler
        self.tools = folder
        self.identity = [path, "\(folder)/swift-frontend"].map(Self.identity).joined(separator: "\n")
        var variables = ChildEnvironment.scrubbed(environment)
        variables["SWIFT_BACKTRACE"] = "enable=no"
        self.environment = ChildEnvironment(variables)
    }

    /// Looks for `swiftc` along the `PATH` of `environment`.
    ///
    /// - Throws: ``NotebookError`` when it is not there.
    public static func find(in environment: [String: String]) throws(NotebookError) -> SwiftToolchain {
        for folder in (environment["PATH"] ?? "").split(separator: ":") where access("\(folder)/swiftc", X_OK) == 0 {
            return try SwiftToolchain(compiler: "\(folder)/swiftc", environment: environment)
        }
        throw NotebookError(
            .missingCompiler,
            "There is no swiftc on the PATH. Install a Swift 6.3 toolchain from https://www.swift.org/install; until "
                + "then only notebooks that ran before can be run."
        )
    }

    /// The path of one of the toolchain's other tools, if it has it.
    func tool(_ name: String) -> String? {
        let path = "\(tools)/\(name)"
        return access(path, X_OK) == 0 ? path : nil
    }

    private static func identity(of path: String) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else { return path }
        return "\(path) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    }
}
