import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// The rows of the checklist that are about putting, listing, reading and deleting secrets, through the engine.
@Suite struct SecretRowTests {
    private func fixture() async throws -> TemporaryWorkspace {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments")
        return fixture
    }

    private func put(
        _ key: String = "k",
        scope: String = "payments",
        string: String? = nil,
        bytes: String? = nil,
        in fixture: TemporaryWorkspace
    ) async throws {
        try await fixture.services().putSecret(
            PutSecretRequest(
                scope: scope,
                key: key,
                stringValue: string.map { fixture.secret($0) },
                bytesValue: bytes.map { fixture.secret($0) }
            ))
    }

    private func value(of key: String = "k", in fixture: TemporaryWorkspace) async throws -> [UInt8] {
        try await fixture.services().getSecret(scope: "payments", key: key).value.withBytes { bytes in
            bytes.withUnsafeBytes { [UInt8]($0) }
        }
    }

    @Test("Row 20: a text is stored as its UTF-8 bytes", arguments: ["tok_live_1", "pässwörd", "😀\u{301}"])
    func text(_ text: String) async throws {
        let fixture = try await fixture()
        try await put(string: text, in: fixture)
        #expect(try await value(in: fixture) == Array(text.utf8))
    }

    @Test(
        "Row 21: line ends and white space are kept byte for byte",
        arguments: ["a\nb\n", "\r\na\r\n", " a ", "\t", "\n", "\0a\0"]
    )
    func textWithLineEnds(_ text: String) async throws {
        let fixture = try await fixture()
        try await put(string: text, in: fixture)
        #expect(try await value(in: fixture) == Array(text.utf8))
    }

    @Test("Row 22: bytes come back as they were sent")
    func bytes() async throws {
        let fixture = try await fixture()
        try await put(bytes: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh/+/w==", in: fixture)
        #expect(try await value(in: fixture) == Array(0...31) + [0xFE, 0xFF])
        try await put("empty", bytes: "", in: fixture)
        #expect(try await value(of: "empty", in: fixture) == [])
    }

    @Test(
        "Row 23: bytes that are not base64 are refused", arguments: ["z", "ab=", "a b=", "????", "YQ=", "YQ", "_-8="])
    func badBase64(_ text: String) async throws {
        let fixture = try await fixture()
        let error = await expectRefusal(.invalidParameterValue) { try await put(bytes: text, in: fixture) }
        #expect(error?.message.contains(text) == false)
        #expect(try await fixture.services().listSecrets(scope: "payments").isEmpty)
    }

    @Test("Row 24: both kinds of value at once are refused")
    func both() async throws {
        let fixture = try await fixture()
        await expectRefusal(.malformedRequest) { try await put(string: "a", bytes: "YQ==", in: fixture) }
        #expect(try await fixture.services().listSecrets(scope: "payments").isEmpty)
    }

    @Test("Row 25: no value at all is refused")
    func neither() async throws {
        let fixture = try await fixture()
        await expectRefusal(.invalidParameterValue) { try await put(in: fixture) }
        #expect(try await fixture.services().listSecrets(scope: "payments").isEmpty)
    }

    @Test("Row 26: an empty text is stored")
    func emptyText() async throws {
        let fixture = try await fixture()
        try await put(string: "", in: fixture)
        #expect(try await value(in: fixture) == [])
    }

    @Test("Row 27: a second put replaces the value and has a later time, under the first name")
    func overwritten() async throws {
        let fixture = try await fixture()
        try await put("Api-Key", string: "tok_live_1", in: fixture)
        let first = try await fixture.services().listSecrets(scope: "payments")
        try await put("API-KEY", string: "tok_live_2", in: fixture)
        let second = try await fixture.services().listSecrets(scope: "payments")
        #expect(first.map(\.key) == ["Api-Key"] && second.map(\.key) == ["Api-Key"])
        #expect(first[0].lastUpdated < second[0].lastUpdated)
        #expect(try await value(of: "api-key", in: fixture) == Array("tok_live_2".utf8))
    }

    @Test("Row 28: a put into a scope that is not there is refused")
    func missingScope() async throws {
        let fixture = try await fixture()
        await #expect(throws: ScopeError(.resourceDoesNotExist, "Scope nope does not exist!")) {
            try await put(scope: "nope", string: "a", in: fixture)
        }
    }

    @Test("Row 29: a value has at most 131,072 bytes")
    func largestValue() async throws {
        let fixture = try await fixture()
        let largest = String(repeating: "é", count: 65_536)
        try await put(string: largest, in: fixture)
        await expectRefusal(.invalidParameterValue) { try await put(string: largest + "x", in: fixture) }
        #expect(try await value(in: fixture) == Array(largest.utf8))
        // The limit is one of the bytes, not of their base64: 131,070 bytes end without padding.
        let encoded = String(repeating: "AAAA", count: 43_690)
        try await put("bytes", bytes: encoded + "AAA=", in: fixture)
        #expect(try await value(of: "bytes", in: fixture).count == 131_072)
        await expectRefusal(.invalidParameterValue) { try await put("bytes", bytes: encoded + "AAAA", in: fixture) }
        #expect(try await value(of: "bytes", in: fixture).count == 131_072)
    }

    @Test("Row 30: a scope has at most 1,000 secrets")
    func mostSecrets() async throws {
        let fixture = try await fullScope()
        await expectRefusal(.resourceLimitExceeded) { try await put("one-more", string: "a", in: fixture) }
        // The limit is one of each scope.
        try await fixture.makeScope("other", holding: ["one-more": "a"])
        try await fixture.services().deleteSecret(scope: "payments", key: "key-500")
        try await put("one-more", string: "a", in: fixture)
        await expectRefusal(.resourceLimitExceeded) { try await put("key-500", string: "a", in: fixture) }
        #expect(try await fixture.services().listSecrets(scope: "payments").count == 1000)
    }

    @Test("Row 32: at the limit a value can still be replaced, in any case of its name")
    func overwrittenAtTheLimit() async throws {
        let fixture = try await fullScope()
        try await put("KEY-500", string: "tok_live_2", in: fixture)
        #expect(try await value(of: "key-500", in: fixture) == Array("tok_live_2".utf8))
        #expect(try await fixture.services().listSecrets(scope: "payments").count == 1000)
    }

    private func fullScope() async throws -> TemporaryWorkspace {
        let fixture = try await fixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...1000 { group.addTask { try await put("key-\(number)", string: "a", in: fixture) } }
            try await group.waitForAll()
        }
        return fixture
    }

    @Test("Row 33: a secret is found whatever the case of its name", arguments: ["api-key", "API-KEY", "Api-Key"])
    func keyCase(key: String) async throws {
        let fixture = try await fixture()
        try await put("Api-Key", string: "tok_live_1", in: fixture)
        let secret = try await fixture.services().getSecret(scope: "Payments", key: key)
        #expect(secret.key == "Api-Key" && secret.value.text == "tok_live_1" && secret.version == 1)
    }

    @Test("Row 35: a list shows names and times, and the value of a listed secret nowhere")
    func listed() async throws {
        let fixture = try await fixture()
        for key in ["zebra", "Alpha", "middle"] { try await put(key, string: "tok_live_\(key)", in: fixture) }
        let secrets = try await fixture.services().listSecrets(scope: "payments")
        #expect(secrets.map(\.key) == ["Alpha", "middle", "zebra"])
        #expect(secrets.allSatisfy { $0.lastUpdated.rawValue > 1_600_000_000_000 })
        #expect(!"\(secrets)".contains("tok_live"))
    }

    @Test("Row 36: listing a scope that is not there is refused")
    func listOfMissingScope() async throws {
        let fixture = try await fixture()
        await #expect(throws: ScopeError(.resourceDoesNotExist, "Scope nope does not exist!")) {
            try await fixture.services().listSecrets(scope: "nope")
        }
    }

    @Test("Row 37: reading a secret that is not there is refused in the known words")
    func missingKey() async throws {
        let fixture = try await fixture()
        let refusal = ScopeError(.resourceDoesNotExist, "Secret does not exist with scope: payments and key: nope")
        await #expect(throws: refusal) { try await fixture.services().getSecret(scope: "payments", key: "nope") }
    }

    @Test("Row 38: reading from a scope that is not there is refused in the same words")
    func keyOfMissingScope() async throws {
        let fixture = try await fixture()
        let refusal = ScopeError(.resourceDoesNotExist, "Secret does not exist with scope: nope and key: nope")
        await #expect(throws: refusal) { try await fixture.services().getSecret(scope: "nope", key: "nope") }
    }

    @Test("Row 39: the bearer of a personal access token reads")
    func personalAccessToken() async throws {
        let fixture = try await fixture()
        try await put(string: "tok_live_1", in: fixture)
        try await fixture.grant(.read, on: "payments", to: "ana@example.com")
        let token = try await fixture.services(as: "ana@example.com").createToken(
            CreateTokenRequest(kind: .personalAccessToken, operations: .all, lifetime: nil, comment: ""))
        let ana = try await fixture.workspace.gateway(accepting: [.personalAccessToken]).services(
            forToken: token.value, origin: RequestOrigin(surface: .rest))
        #expect(try await ana.getSecret(scope: "payments", key: "k").value.text == "tok_live_1")
        #expect(try await fixture.events(.getSecret).map(\.actor.name) == ["ana@example.com"])
    }

    @Test("Row 40: a deleted secret is gone, and one made again begins anew")
    func deleted() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        for number in 1...3 { try await put("Api-Key", string: "tok_live_\(number)", in: fixture) }
        try await put("other", string: "a", in: fixture)
        try await services.deleteSecret(scope: "PAYMENTS", key: "API-KEY")
        #expect(try await services.listSecrets(scope: "payments").map(\.key) == ["other"])
        await expectRefusal(.resourceDoesNotExist) { try await services.getSecret(scope: "payments", key: "api-key") }
        try await put("api-key", string: "tok_live_4", in: fixture)
        let secret = try await services.getSecret(scope: "payments", key: "Api-Key")
        #expect(secret.key == "api-key" && secret.version == 1 && secret.value.text == "tok_live_4")
    }

    @Test("Row 41: deleting a secret that is not there is refused")
    func deletedTwice() async throws {
        let fixture = try await fixture()
        let services = try fixture.services()
        await expectRefusal(.resourceDoesNotExist) { try await services.deleteSecret(scope: "payments", key: "nope") }
        await #expect(throws: ScopeError(.resourceDoesNotExist, "Scope nope does not exist!")) {
            try await services.deleteSecret(scope: "nope", key: "nope")
        }
    }
}
