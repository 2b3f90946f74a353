import Foundation
import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

@Suite("Changing what unlocks a workspace")
struct KeyChangeTests {
    private let origin = RequestOrigin(surface: .library)
    private let pool = SecretPool()

    private func passphrase(_ text: String) -> PassphraseProvider {
        PassphraseProvider(passphrase: SecretBytes(copying: Array(text.utf8).span.bytes, in: pool), logCost: 10)
    }

    @Test func theNewPassphraseOpensAndTheOldKeyDoesNot() async throws {
        let fixture = try await filled()
        let before = try wrappedRootKey(of: fixture)
        try await fixture.workspace.changeKeyProvider(
            to: passphrase("correct horse"), runBy: "tester", origin: origin)

        let opened = try await Workspace.open(fixture.folder, keyProvider: passphrase("correct horse"), pool: pool)
        #expect(try await opened.secrets().getSecret(scope: "payments", key: "first").value.text == "first value")
        for wrong in [KeyFileProvider(path: fixture.keyFile, pool: pool), passphrase("battery staple")]
            as [any KeyProvider]
        {
            await #expect(throws: KeyProviderError.self) {
                try await Workspace.open(fixture.folder, keyProvider: wrong, pool: pool)
            }
        }
        for file in ["hush.db", "hush.db-wal"] {
            let bytes = (try? Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/" + file))) ?? Data()
            #expect(bytes.range(of: before) == nil, "the old form of the root key stands in \(file)")
        }
    }

    @Test func itStandsInTheRecordWhichStaysIntact() async throws {
        let fixture = try await filled()
        for text in ["correct horse", "battery staple"] {
            try await fixture.workspace.changeKeyProvider(to: passphrase(text), runBy: "tester", origin: origin)
        }
        let services = try fixture.services()
        var query = AuditQuery()
        query.operation = .changeRootKeyWrapping
        let events = try await services.events(query)
        #expect(events.map { $0.parameters.map(\.value) } == [["passphrase"], ["passphrase"]])
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func aRootKeyThatIsPutBackIsNamed() async throws {
        let fixture = try await filled()
        let copy = fixture.folder + "/copy.db"
        try StoreFile(of: fixture).copyRows(to: copy)
        try await fixture.workspace.changeKeyProvider(to: passphrase("correct horse"), runBy: "tester", origin: origin)
        try StoreFile(of: fixture).putBack(from: copy, "REPLACE INTO workspace SELECT * FROM copy.workspace")
        let problems = try await fixture.services().verify(against: nil) { _, _ in }.problems
        #expect(problems.contains { $0.hasPrefix("the workspace row is an older one") }, "\(problems)")
    }

    @Test func aPassphraseThatIsTooShortChangesNothing() async throws {
        let fixture = try await filled()
        await #expect(throws: KeyProviderError.self) {
            try await fixture.workspace.changeKeyProvider(to: passphrase("short"), runBy: "tester", origin: origin)
        }
        _ = try await fixture.reopened()
    }

    @Test func aBackupOpensWithWhatItOpenedWithThen() async throws {
        let fixture = try await filled()
        _ = try await fixture.workspace.backUp(to: fixture.folder + "/backup", runBy: "tester", origin: origin)
        try await fixture.workspace.changeKeyProvider(to: passphrase("correct horse"), runBy: "tester", origin: origin)
        let report = try await Workspace.restore(
            from: fixture.folder + "/backup",
            to: fixture.folder + "/restored",
            keyProvider: KeyFileProvider(path: fixture.keyFile, pool: pool),
            runBy: "tester",
            origin: origin,
            pool: pool
        )
        #expect(report.keyProvider == KeyFileProvider.kind)
    }

    private func filled() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("first value", scope: "payments", key: "first")
        return fixture
    }

    private func wrappedRootKey(of fixture: TemporaryWorkspace) throws -> Data {
        let key = try StoreFile(of: fixture).bytes("SELECT sealed_root_key FROM workspace")
        let database = try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/hush.db"))
        let log = try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/hush.db-wal"))
        #expect(database.range(of: key) != nil || log.range(of: key) != nil, "the search finds what is there")
        return key
    }
}
