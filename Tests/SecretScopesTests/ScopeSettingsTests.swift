import SecretMemory
import Testing
import Workspace
import WorkspaceFixtures

@testable import SecretScopes

/// The least redaction that a scope asks for.
@Suite struct ScopeSettingsTests {
    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments", holding: ["api-key": "tok_live_1"])
        return fixture
    }

    private func minimum(_ services: any SecretService) async throws -> MinimumRedaction {
        try await services.getSecret(scope: "payments", key: "api-key").minimumRedaction
    }

    @Test func aNewScopeAsksForTheLeast() async throws {
        let fixture = try await fixture()
        #expect(try await minimum(fixture.services()) == .literal)
        #expect(try await fixture.services().listScopes().map(\.minimumRedaction) == [.literal])
    }

    @Test func theVeryNextReadTellsTheNewLevelInEveryProcess() async throws {
        let fixture = try await fixture()
        let here = try fixture.services()
        let there = try await fixture.reopened().secrets()
        // Both have the scope and the value in their caches.
        for services in [here as any SecretService, there] { #expect(try await minimum(services) == .literal) }
        for level in [MinimumRedaction.strict, .encoded, .literal] {
            try await here.setMinimumRedaction(level, of: "PAYMENTS")
            #expect(try await minimum(there) == level)
            #expect(try await minimum(here) == level)
            #expect(try await here.listScopes().map(\.minimumRedaction) == [level])
        }
        // What does not belong to the setting is as before.
        #expect(try await here.getSecret(scope: "payments", key: "api-key").value.text == "tok_live_1")
        #expect(try await here.verify(against: nil) { _, _ in }.problems.isEmpty)
    }

    @Test func itNeedsManageAndIsRecordedEitherWay() async throws {
        let fixture = try await fixture()
        try await fixture.grant(.write, on: "payments", to: "ana@example.com")
        let refusal = await #expect(throws: ScopeError.self) {
            try await fixture.services(as: "ana@example.com").setMinimumRedaction(.literal, of: "payments")
        }
        #expect(refusal?.code == .permissionDenied)
        try await fixture.services().setMinimumRedaction(.strict, of: "payments")
        let missing = await #expect(throws: ScopeError.self) {
            try await fixture.services().setMinimumRedaction(.strict, of: "nowhere")
        }
        #expect(missing?.code == .resourceDoesNotExist)
        let events = try await fixture.events(.setScopeRedaction)
        #expect(events.map(\.statusCode) == [403, 200, 404])
        #expect(events.map { $0.parameters.map(\.value) } == [["literal"], ["strict"], ["strict"]])
        #expect(events.allSatisfy { $0.operation.serviceName == "secrets" && $0.parameters[0].name == "redaction" })
    }

    @Test func aRunsTokenCannotLowerIt() {
        #expect(!OperationSet.readingInRun.contains(.setScopeRedaction))
        #expect(!OperationSet.writingInRun.contains(.setScopeRedaction))
    }

    @Test(arguments: MinimumRedaction.allCases)
    func settingsAreReadAsTheyWereWritten(level: MinimumRedaction) throws {
        var settings = ScopeSettings()
        settings.minimumRedaction = level
        #expect(try ScopeSettings(of: row(settings.bytes)) == settings)
        #expect(settings.bytes.isEmpty == (level == .literal))
    }

    @Test(arguments: [[1], [1, 0], [1, 9], [2, 3], [1, 3, 0]] as [[UInt8]])
    func settingsOfANewerProgramAreRefusedByName(bytes: [UInt8]) {
        let error = #expect(throws: ScopeError.self) { try ScopeSettings(of: row(bytes)) }
        #expect(error?.code == .invalidState && error?.message.contains("scope payments") == true)
    }

    private func row(_ settings: [UInt8]) -> ScopeRow {
        ScopeRow(
            id: ScopeID(high: 1, low: 2),
            name: "payments",
            backend: .native,
            created: Timestamp(rawValue: 0),
            creator: PrincipalID(high: 3, low: 4),
            sealedDataKey: [],
            settings: settings
        )
    }

    @Test func theReasonOfAReadIsRecorded() async throws {
        let fixture = try await fixture()
        let services = try fixture.workspace.services(
            runBy: "tester", origin: RequestOrigin(surface: .commandLine, reason: "redact"))
        _ = try await services.getSecret(scope: "payments", key: "api-key")
        _ = try await fixture.services().getSecret(scope: "payments", key: "api-key")
        let parameters = try await fixture.events(.getSecret).map { $0.parameters.map { "\($0.name)=\($0.value)" } }
        #expect(parameters == [["reason=redact"], []])
    }
}
