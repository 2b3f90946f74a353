import Foundation
import Testing

/// A workspace made by `hush init`, and calls of the program in it.
final class Home: Sendable {
    let folder: TestFolder
    var path: String { folder.path("home") }
    static let administrator = "root@example.com"

    /// Makes the folder, and the workspace in it unless `isInitialized` is false.
    init(isInitialized: Bool = true) throws {
        folder = try TestFolder()
        guard isInitialized else { return }
        try succeed("init", "--admin", Self.administrator)
    }

    private init(copying other: Home) throws {
        folder = try TestFolder()
        try FileManager.default.copyItem(atPath: other.path, toPath: path)
    }

    /// What the program knows: the workspace, and where the Swift compiler is that built it.
    var environment: [String: String] {
        let search = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return ["HUSH_HOME": path, "PATH": search, "HOME": folder.path]
    }

    func process(_ arguments: [String], _ environment: [String: String] = [:]) -> HushProcess {
        HushProcess(arguments: arguments, environment: self.environment.merging(environment) { $1 })
    }

    @discardableResult
    func hush(
        _ arguments: String...,
        input: HushProcess.Input = .text(""),
        environment: [String: String] = [:]
    ) throws -> Outcome {
        try process(arguments, environment).run(input)
    }

    /// Calls the program, which must not complain, and returns its output.
    @discardableResult
    func succeed(
        _ arguments: String...,
        input: HushProcess.Input = .text(""),
        location: SourceLocation = #_sourceLocation
    ) throws -> String {
        let outcome = try process(arguments).run(input)
        try #require(
            outcome.status == 0 && outcome.errors.isEmpty, "\(arguments): \(outcome)", sourceLocation: location)
        return outcome.output
    }

    /// A workspace with the scope `payments`, its secret `api-key`, and `ana@example.com` and the group `analysts`,
    /// which holds her and may read.
    static func withPayments() throws -> Home {
        try Home(copying: payments.get())
    }

    /// Made once and copied, since seven calls for each test would take longer than the tests.
    private static let payments = Result {
        let home = try Home()
        try home.succeed("users", "create", "ana@example.com")
        try home.succeed("groups", "create", "analysts")
        try home.succeed("groups", "add-member", "analysts", "ana@example.com")
        try home.succeed("secrets", "create-scope", "payments")
        try home.succeed("secrets", "put-secret", "payments", "api-key", input: .text("tok_live_5f2a"))
        try home.succeed("secrets", "put-acl", "payments", "analysts", "READ")
        return home
    }
}
