import Foundation
import Glibc
import RepeatableRandomness
import Testing

/// A process that applies manifests is killed at any moment.
@Suite struct InterruptedApplyTests {
    private static let secrets = 200

    private func manifest(_ scope: String, in home: Home) throws -> String {
        let secrets = (0..<Self.secrets).map { "key-\($0): generate:8" }.joined(separator: ", ")
        return try home.folder.write(
            "users: [user-of-\(scope)]\nscopes: {\(scope): {acl: {user-of-\(scope): READ}, secrets: {\(secrets)}}}",
            to: "\(scope).yaml")
    }

    /// How many secrets and principals an apply left, of all that it makes.
    private func remains(of scope: String, in home: Home) throws -> (secrets: Int, users: Int) {
        let list = try home.hush("secrets", "list-secrets", scope)
        let users = try home.succeed("users", "list")
        return (
            list.status == 0 ? list.output.matches(of: /key-\d+/).count : 0, users.contains("user-of-\(scope)") ? 1 : 0
        )
    }

    @Test func aKilledApplyLeavesNothingOrAll() throws {
        let home = try Home()
        var random = SeededGenerator()
        let start = ContinuousClock.now
        #expect(try home.hush("apply", manifest("whole", in: home), "--yes").status == 0)
        let duration = ContinuousClock.now - start
        let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        var whole = 0
        for round in 0..<25 {
            let scope = "round-\(round)"
            let output = home.folder.path("output-\(round)")
            let process = try home.process(["apply", manifest(scope, in: home), "--yes"])
                .start(output: output, errors: home.folder.path("errors-\(round)"))
            usleep(UInt32(Int64.random(in: 0...microseconds * 5 / 4, using: &random)))
            kill(process, SIGKILL)
            _ = HushProcess.wait(for: process)
            let remains = try remains(of: scope, in: home)
            let isAll = remains == (Self.secrets, 1)
            if isAll { whole += 1 }
            #expect(isAll || remains == (0, 0), "round \(round), seed \(random.seed): \(remains)")
            // It is safe to run again.
            if round.isMultiple(of: 5) {
                #expect(try home.hush("apply", manifest(scope, in: home), "--yes").status == 0)
                #expect(try self.remains(of: scope, in: home) == (Self.secrets, 1))
            }
        }
        #expect(try home.hush("verify").status == 0)
        print("killed applies: \(whole) of 25 were whole, seed \(random.seed)")
    }

    /// Now the server is killed. What it acknowledged is there.
    @Test func aKilledServerLeavesNothingOrAll() throws {
        let home = try Home()
        let away = try Home(isInitialized: false)
        let token = try RemoteHome.token(in: home)
        var random = SeededGenerator()
        func apply(_ scope: String, to server: ServerProcess) throws -> HushProcess {
            away.process(
                ["apply", try manifest(scope, in: home), "--yes"], ["HUSH_HOST": server.url, "HUSH_TOKEN": token])
        }
        let first = try ServerProcess(home)
        let start = ContinuousClock.now
        #expect(try apply("whole", to: first).run().status == 0)
        let duration = ContinuousClock.now - start
        first.crash()
        let microseconds = duration.components.seconds * 1_000_000 + duration.components.attoseconds / 1_000_000_000_000
        var whole = 0
        for round in 0..<10 {
            let scope = "round-\(round)"
            let server = try ServerProcess(home)
            let folder = try TestFolder()
            let process = try apply(scope, to: server)
                .start(output: folder.path("output"), errors: folder.path("errors"))
            usleep(UInt32(Int64.random(in: 0...microseconds * 5 / 4, using: &random)))
            server.crash()
            let isAcknowledged = HushProcess.wait(for: process) == 0
            let remains = try remains(of: scope, in: home)
            let isAll = remains == (Self.secrets, 1)
            if isAll { whole += 1 }
            #expect(
                isAll || (remains == (0, 0) && !isAcknowledged), "round \(round), seed \(random.seed): \(remains)")
        }
        #expect(try home.hush("verify").status == 0)
        print("killed servers: \(whole) of 10 applies were whole, seed \(random.seed)")
    }
}
