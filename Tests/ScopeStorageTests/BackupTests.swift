import Foundation
import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

@Suite("Backups")
struct BackupTests {
    private let origin = RequestOrigin(surface: .library)

    @Test func aRestoredBackupHoldsEverythingAndGoesOnWithTheRecord() async throws {
        let fixture = try await filled()
        let report = try await backUp(fixture)
        #expect(report.keyProvider == KeyFileProvider.kind)
        try await fixture.put("later value", scope: "payments", key: "first")

        let restored = try await restore(fixture)
        let services = try restored.services(runBy: "tester", origin: origin)
        let secret = try await services.getSecret(scope: "payments", key: "first")
        #expect(secret.value.text == "first value" && secret.version == 1)
        #expect(
            try await services.listACLs(scope: "payments").map(\.principal) == [
                "ana@example.com", TemporaryWorkspace.administrator,
            ])
        let events = try await services.events(AuditQuery())
        #expect(events.map(\.sequence) == Array(1...Int64(events.count)))
        #expect(events.count(where: { $0.operation == .createBackup }) == 1)
        #expect(events[Int(report.events)].operation == .restoreBackup)
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
        #expect(
            try files(in: restored.folder) == [
                "hush.current.lock", "hush.db", "hush.db-shm", "hush.db-wal", "hush.next.lock",
            ])
    }

    /// The record that goes on after a restore is another one than the one that the checkpoint was made of.
    @Test func aCheckpointTellsThatABackupWasPutInPlace() async throws {
        let fixture = try await filled()
        try await _ = backUp(fixture)
        try await fixture.put("later value", scope: "payments", key: "first")
        let checkpoint = try await fixture.services().createCheckpoint()
        let services = try await restore(fixture).services(runBy: "tester", origin: origin)
        let problems = try await services.verify(against: checkpoint) { _, _ in }.problems
        #expect(problems.contains { $0.contains("is not the one that the checkpoint was made of") }, "\(problems)")
    }

    @Test func writersGoOnMeanwhile() async throws {
        let fixture = try await filled()
        let writers = Task {
            var count = 0
            while !Task.isCancelled {
                count += 1
                try await fixture.put("value \(count)", scope: "payments", key: "busy")
            }
            return count
        }
        var reports: [BackupReport] = []
        for number in 0..<5 { reports.append(try await backUp(fixture, to: "backup-\(number)")) }
        writers.cancel()
        #expect(try await writers.value > 0)
        #expect(reports.map(\.events) == reports.map(\.events).sorted())
        _ = try await restore(fixture, from: "backup-4")
    }

    @Test func noValueStandsInIt() async throws {
        let fixture = try await filled()
        _ = try await backUp(fixture)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/backup"))
        #expect(bytes.range(of: Data("first value".utf8)) == nil)
        #expect(bytes.range(of: Data("api-key-of-first".utf8)) != nil, "the search finds what is there")
        let mode = try FileManager.default.attributesOfItem(atPath: fixture.folder + "/backup")[.posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test func aFileThatIsThereIsNeverReplaced() async throws {
        let fixture = try await filled()
        let path = fixture.folder + "/backup"
        for name in ["backup", "backup.partial"] {
            let file = fixture.folder + "/" + name
            try Data("mine".utf8).write(to: URL(fileURLWithPath: file))
            let error = await #expect(throws: ScopeError.self) { try await backUp(fixture) }
            #expect(error?.code == .resourceAlreadyExists)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "mine")
            try FileManager.default.removeItem(atPath: file)
        }
        _ = try await backUp(fixture)
        let error = await #expect(throws: ScopeError.self) {
            try await Workspace.restore(
                from: path,
                to: fixture.folder,
                keyProvider: KeyFileProvider(path: fixture.keyFile, pool: fixture.pool),
                runBy: "tester",
                origin: origin,
                pool: fixture.pool
            )
        }
        #expect(error?.code == .resourceAlreadyExists)
        #expect(try await fixture.services().getSecret(scope: "payments", key: "first").value.text == "first value")
    }

    @Test func aBackupThatCannotBeMadeLeavesNothing() async throws {
        let fixture = try await filled()
        let before = try files(in: fixture.folder)
        let error = await #expect(throws: ScopeError.self) { try await backUp(fixture, to: "missing/backup") }
        #expect(error?.code == .resourceDoesNotExist || error?.code == .temporarilyUnavailable)
        #expect(try files(in: fixture.folder) == before)
    }

    @Test func aBackupOfAnAlteredStoreIsRefusedAndNamesWhatIsWrong() async throws {
        let fixture = try await filled()
        try StoreFile(of: fixture).alter("UPDATE version SET sealed = flip(sealed)")
        let error = await #expect(throws: ScopeError.self) { try await backUp(fixture) }
        #expect(
            error?.code == .dataLoss && error?.message.contains("version 1") == true, "\(String(describing: error))")
        #expect(try files(in: fixture.folder).filter { $0.hasPrefix("backup") } == [])
    }

    @Test(arguments: [
        "UPDATE version SET sealed = flip(sealed)", "DELETE FROM acl", "UPDATE event SET body = flip(body)",
        "UPDATE head SET events = events - 1",
    ])
    func anAlteredBackupIsNotRestored(sql: String) async throws {
        let fixture = try await filled()
        _ = try await backUp(fixture)
        try StoreFile(path: fixture.folder + "/backup").alter(sql)
        try await refuses(fixture, .dataLoss)
    }

    @Test(arguments: [0, 100, 4096, 50_000])
    func aTruncatedBackupIsNotRestored(length: Int) async throws {
        let fixture = try await filled()
        _ = try await backUp(fixture)
        let file = URL(fileURLWithPath: fixture.folder + "/backup")
        try Data(contentsOf: file).prefix(length).write(to: file)
        try await refuses(fixture, .dataLoss)
    }

    @Test func whatIsNoBackupIsNamed() async throws {
        let fixture = try await filled()
        try await refuses(fixture, .resourceDoesNotExist)
        try Data(repeating: 0x41, count: 5000).write(to: URL(fileURLWithPath: fixture.folder + "/backup"))
        try await refuses(fixture, .dataLoss)
    }

    @Test func theKeyOfAnotherWorkspaceOpensNoBackup() async throws {
        let (fixture, other) = (try await filled(), try await TemporaryWorkspace())
        _ = try await backUp(fixture)
        let error = await #expect(throws: KeyProviderError.self) {
            try await restore(fixture, keyFile: other.keyFile)
        }
        #expect(error?.message.contains("belongs to another workspace") == true)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder + "/restored"))
    }

    // MARK: Steps

    private func filled() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("first value", scope: "payments", key: "first")
        try await fixture.put("first value", scope: "payments", key: "api-key-of-first")
        try await fixture.grant(.read, on: "payments", to: "ana@example.com")
        return fixture
    }

    private func backUp(_ fixture: TemporaryWorkspace, to name: String = "backup") async throws -> BackupReport {
        try await fixture.workspace.backUp(to: fixture.folder + "/" + name, runBy: "tester", origin: origin)
    }

    private func restore(
        _ fixture: TemporaryWorkspace, from name: String = "backup", keyFile: String? = nil
    ) async throws -> Workspace {
        let pool = SecretPool()
        let provider = KeyFileProvider(path: keyFile ?? fixture.keyFile, pool: pool)
        let folder = fixture.folder + "/restored"
        _ = try await Workspace.restore(
            from: fixture.folder + "/" + name,
            to: folder,
            keyProvider: provider,
            runBy: "tester",
            origin: origin,
            pool: pool
        )
        return try await Workspace.open(folder, keyProvider: provider, pool: pool)
    }

    private func refuses(_ fixture: TemporaryWorkspace, _ code: ScopeError.Code) async throws {
        let error = await #expect(throws: ScopeError.self) { try await restore(fixture) }
        #expect(error?.code == code, "\(String(describing: error))")
        #expect(!FileManager.default.fileExists(atPath: fixture.folder + "/restored"))
    }

    private func files(in folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }
}
