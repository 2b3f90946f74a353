import Foundation
import Glibc
import Testing

/// `hush serve` as a process, for as long as a test runs.
final class ServerProcess {
    /// Where it listens.
    let url: String
    private let process: pid_t
    private var hasEnded = false
    private let folder: TestFolder

    /// Starts it in a workspace and waits until it listens.
    init(_ home: Home, _ arguments: [String] = [], _ environment: [String: String] = [:]) throws {
        folder = try TestFolder()
        process = try home.process(["serve", "--listen", "127.0.0.1:0"] + arguments, environment)
            .start(output: folder.path("output"), errors: folder.path("errors"))
        while true {
            let log = String(decoding: try folder.bytes(of: "errors"), as: UTF8.self)
            if let line = log.firstMatch(of: /Listening on (\S+)\n/) {
                url = String(line.1)
                return
            }
            try #require(kill(process, 0) == 0, "\(log)")
            sched_yield()
        }
    }

    /// Ends it without any chance to do something before.
    func crash() {
        kill(process, SIGKILL)
        _ = HushProcess.wait(for: process)
        hasEnded = true
    }

    deinit {
        guard !hasEnded else { return }
        kill(process, SIGTERM)
        _ = HushProcess.wait(for: process)
    }
}

/// A workspace behind a server, and a place without one from where it is used.
final class RemoteHome {
    /// The workspace.
    let home: Home
    /// The server on it.
    let server: ServerProcess
    /// Where commands are called: a home without a workspace.
    let away: Home
    /// A token of the administrator.
    let token: String

    init(_ home: Home, _ arguments: [String] = [], _ environment: [String: String] = [:]) throws {
        self.home = home
        server = try ServerProcess(home, arguments, environment)
        away = try Home(isInitialized: false)
        token = try Self.token(in: home)
    }

    /// A new token of a principal, the administrator unless another is named.
    static func token(in home: Home, for principal: String? = nil) throws -> String {
        let arguments = ["tokens", "create"] + (principal.map { ["--as", $0] } ?? [])
        return try home.process(arguments).run().output.trimmingCharacters(in: .newlines)
    }

    /// The variables by which commands find the server.
    var environment: [String: String] { ["HUSH_HOST": server.url, "HUSH_TOKEN": token] }

    /// A call of the program against the server.
    func process(_ arguments: [String], token: String? = nil) -> HushProcess {
        away.process(arguments, environment.merging(token.map { ["HUSH_TOKEN": $0] } ?? [:]) { $1 })
    }

    /// Calls the program against the server.
    func hush(_ arguments: String..., input: HushProcess.Input = .text("")) throws -> Outcome {
        try process(arguments).run(input)
    }
}
