import Foundation
import GRDB
import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

@Suite("Opening a workspace that is not as it should be")
struct OpeningTests {
    private func openingError(_ fixture: TemporaryWorkspace, keyFile: String? = nil) async -> (any Error)? {
        do {
            let pool = SecretPool()
            _ = try await Workspace.open(
                fixture.folder,
                keyProvider: KeyFileProvider(path: keyFile ?? fixture.keyFile, pool: pool),
                pool: pool
            )
            return nil
        } catch {
            return error
        }
    }

    @Test func aNewerFormatIsRefusedByName() async throws {
        let fixture = try await TemporaryWorkspace()
        let queue = try DatabaseQueue(path: Workspace.storePath(in: fixture.folder))
        try await queue.write { try $0.execute(sql: "PRAGMA user_version = 99") }
        let error = await openingError(fixture)
        #expect((error as? ScopeError)?.code == .invalidState)
        #expect("\(try #require(error))".contains("format 99"))
    }

    /// Makes the store of `fixture`, or the file at `path`, one of format 1, which did not know of last uses.
    private func makeOlder(_ path: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.write { try $0.execute(sql: "DROP TABLE credential_use; PRAGMA user_version = 1") }
        try queue.close()
    }

    @Test func anOlderFormatIsBroughtToThisOne() async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("first value", scope: "payments", key: "first")
        let token = try await services.createToken(
            CreateTokenRequest(kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
        try await makeOlder(Workspace.storePath(in: fixture.folder))

        let opened = try await fixture.reopened()
        let again = try opened.services(runBy: "tester", origin: RequestOrigin(surface: .library))
        #expect(try await again.verify(against: nil) { _, _ in }.problems == [])
        #expect(try await again.getSecret(scope: "payments", key: "first").value.text == "first value")
        let bearer = try await opened.gateway(accepting: [.personalAccessToken])
            .services(forToken: token.value, origin: RequestOrigin(surface: .rest))
        _ = try await bearer.listScopes()
        #expect(try await again.listTokens(of: .caller).first?.lastUse != .never)
        let queue = try DatabaseQueue(path: Workspace.storePath(in: fixture.folder))
        #expect(try await queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 2)
    }

    @Test func aBackupOfAnOlderFormatIsRestored() async throws {
        let fixture = try await TemporaryWorkspace()
        let backup = fixture.folder + "/backup"
        let origin = RequestOrigin(surface: .library)
        _ = try await fixture.workspace.backUp(to: backup, runBy: "tester", origin: origin)
        try await makeOlder(backup)
        let folder = fixture.folder + "/restored"
        let pool = SecretPool()
        let provider = KeyFileProvider(path: fixture.keyFile, pool: pool)
        _ = try await Workspace.restore(
            from: backup, to: folder, keyProvider: provider, runBy: "tester", origin: origin, pool: pool)
        let restored = try await Workspace.open(folder, keyProvider: provider, pool: pool)
            .services(runBy: "tester", origin: origin)
        #expect(try await restored.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func aKeyFileOfAnotherWorkspaceIsRefusedByName() async throws {
        let fixture = try await TemporaryWorkspace()
        let other = try await TemporaryWorkspace()
        let error = await openingError(fixture, keyFile: other.keyFile)
        #expect("\(try #require(error))".contains("belongs to another workspace"))
    }

    @Test(arguments: [0o644, 0o660, 0o602])
    func aLooseKeyFileIsRefused(_ mode: Int) async throws {
        let fixture = try await TemporaryWorkspace()
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: fixture.keyFile)
        let error = await openingError(fixture)
        #expect("\(try #require(error))".contains("chmod 600"))
    }

    @Test(arguments: ["", "hush key file v1\n", "hush key file v1\nworkspace: 00\nkey: AAAA\n", "x"])
    func aDamagedKeyFileIsRefused(_ text: String) async throws {
        let fixture = try await TemporaryWorkspace()
        let handle = try #require(FileHandle(forWritingAtPath: fixture.keyFile))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(text.utf8))
        let error = await openingError(fixture)
        #expect("\(try #require(error))".contains("is not a Hush key file"))
    }

    @Test func aMissingStoreIsNamed() async throws {
        let pool = SecretPool()
        let error = await #expect(throws: ScopeError.self) {
            try await Workspace.open(
                "/nonexistent/hush", keyProvider: KeyFileProvider(path: "/nonexistent/key", pool: pool), pool: pool)
        }
        #expect(error?.code == .resourceDoesNotExist)
        #expect(error?.message.contains("hush init") == true)
    }

    @Test(arguments: [0, 1, 100, 5000, 20_000])
    func aTruncatedStoreIsRefusedAndNamed(_ length: Int) async throws {
        let fixture = try await TemporaryWorkspace()
        // A copy that nobody has open, without the write-ahead log, which would repair it.
        let folder = fixture.folder + "/copy"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        let path = Workspace.storePath(in: folder)
        let queue = try DatabaseQueue(path: Workspace.storePath(in: fixture.folder))
        try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA wal_checkpoint(FULL)") }
        try queue.close()
        let whole = try Data(contentsOf: URL(fileURLWithPath: Workspace.storePath(in: fixture.folder)))
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        let pool = SecretPool()
        let scopeError = try await #require(throws: ScopeError.self) {
            try await Workspace.open(
                folder, keyProvider: KeyFileProvider(path: fixture.keyFile, pool: pool), pool: pool)
        }
        #expect([.dataLoss, .temporarilyUnavailable].contains(scopeError.code), "\(scopeError)")
        #expect(scopeError.message.contains(path) || scopeError.message.contains("store"), "\(scopeError)")
    }

    @Test func aWrongPassphraseIsRefusedAndTheRightOneOpens() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pool = SecretPool()
        func provider(_ text: String) -> PassphraseProvider {
            PassphraseProvider(passphrase: SecretBytes(copying: Array(text.utf8).span.bytes, in: pool), logCost: 10)
        }
        let created = try await Workspace.create(
            in: folder, keyProvider: provider("correct horse"), administrator: "root", runBy: "tester", pool: pool)
        let opened = try await Workspace.open(folder, keyProvider: provider("correct horse"), pool: pool)
        #expect(opened.id == created.id)
        await #expect(throws: KeyProviderError("The passphrase is wrong. Try again.")) {
            try await Workspace.open(folder, keyProvider: provider("battery staple"), pool: pool)
        }
        let error = await #expect(throws: KeyProviderError.self) {
            try await Workspace.open(folder, keyProvider: KeyFileProvider(path: "x", pool: pool), pool: pool)
        }
        #expect(error?.message.contains("passphrase") == true)
    }

    @Test func aSecondWorkspaceInTheSameFolderIsRefused() async throws {
        let fixture = try await TemporaryWorkspace()
        let pool = SecretPool()
        let error = await #expect(throws: ScopeError.self) {
            try await Workspace.create(
                in: fixture.folder,
                keyProvider: KeyFileProvider(path: fixture.folder + "/other.key", pool: pool),
                administrator: "root",
                runBy: "tester",
                pool: pool
            )
        }
        #expect(error?.code == .resourceAlreadyExists)
        #expect(try await fixture.reopened().id == fixture.workspace.id)
    }

    @Test func aFailedAttemptLeavesNothing() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pool = SecretPool()
        await #expect(throws: KeyProviderError.self) {
            try await Workspace.create(
                in: folder,
                keyProvider: KeyFileProvider(path: "/nonexistent/folder/root.key", pool: pool),
                administrator: "root",
                runBy: "tester",
                pool: pool
            )
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
        _ = try await Workspace.create(
            in: folder,
            keyProvider: KeyFileProvider(path: folder + "/root.key", pool: pool),
            administrator: "root",
            runBy: "tester",
            pool: pool
        )
    }

    @Test func filesAreForTheOwnerOnly() async throws {
        let fixture = try await TemporaryWorkspace()
        for file in try FileManager.default.contentsOfDirectory(atPath: fixture.folder) {
            let attributes = try FileManager.default.attributesOfItem(atPath: fixture.folder + "/" + file)
            #expect((attributes[.posixPermissions] as? Int) == 0o600, "\(file)")
        }
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.folder)
        #expect((attributes[.posixPermissions] as? Int) == 0o700)
    }
}
