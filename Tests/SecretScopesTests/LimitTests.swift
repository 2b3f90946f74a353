import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// The numbers that the engine keeps to, beside those of the checklist's rows.
@Suite struct LimitTests {
    /// Does `work` for numbers from 1 to `count` at the same time, and counts how often it was refused with `code`.
    private func refusals(
        _ code: ScopeError.Code, among count: Int, _ work: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 1...count {
                group.addTask {
                    do {
                        try await work(number)
                        return false
                    } catch let error as ScopeError where error.code == code {
                        return true
                    }
                }
            }
            return try await group.reduce(0) { $1 ? $0 + 1 : $0 }
        }
    }

    @Test func manyPutsAtTheSameTimeFillAScopeExactly() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments")
        let other = try await fixture.reopened().secrets()
        let mine: any SecretService = try fixture.services()
        let refused = try await refusals(.resourceLimitExceeded, among: 1050) { number in
            let value = SecretBytes(copying: Array("a".utf8).span.bytes, in: fixture.pool)
            try await (number.isMultiple(of: 2) ? mine : other).putSecret(
                PutSecretRequest(scope: "payments", key: "key-\(number)", stringValue: value))
        }
        #expect(refused == 50)
        #expect(try await mine.listSecrets(scope: "payments").count == 1000)
    }

    @Test func manyCreationsAtTheSameTimeFillAWorkspaceExactly() async throws {
        let fixture = try await TemporaryWorkspace()
        let refused = try await refusals(.resourceLimitExceeded, among: 1050) { number in
            try await fixture.makeScope("scope-\(number)")
        }
        #expect(refused == 50)
        #expect(try await fixture.services().listScopes().count == 1000)
    }

    @Test func aKeyHasAtMost128Characters() async throws {
        let fixture = try await TemporaryWorkspace()
        let longest = String(repeating: "x", count: 128)
        try await fixture.makeScope(longest, holding: [longest: "tok_live_1"])
        #expect(try await fixture.services().getSecret(scope: longest, key: longest).value.text == "tok_live_1")
        await expectRefusal(.invalidParameterValue) {
            try await fixture.put("tok_live_1", scope: longest, key: longest + "x")
        }
    }

    @Test func aPrincipalsNameHasAtMost255Characters() async throws {
        let fixture = try await TemporaryWorkspace()
        let longest = String(repeating: "x", count: 255)
        try await fixture.makeUsers(longest)
        try await fixture.makeScope("payments", holding: ["k": "tok_live_1"])
        try await fixture.allow(longest, .read, on: "payments")
        #expect(try await fixture.services(as: longest).getSecret(scope: "payments", key: "k").version == 1)
        await expectRefusal(.invalidParameterValue) { try await fixture.makeUsers(longest + "x") }
    }

    /// A value that is refused changes nothing of the one that is there.
    @Test func aValueThatIsTooLongReplacesNothing() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments", holding: ["k": "tok_live_1"])
        let before = try await fixture.services().listSecrets(scope: "payments")
        await expectRefusal(.invalidParameterValue) {
            try await fixture.put(String(repeating: "x", count: 131_073), scope: "payments", key: "k")
        }
        #expect(try await fixture.services().listSecrets(scope: "payments") == before)
        #expect(try await fixture.services().getSecret(scope: "payments", key: "k").value.text == "tok_live_1")
    }
}
