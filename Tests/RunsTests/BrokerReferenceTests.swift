import Redaction
import Runs
import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

@Suite struct BrokerReferenceTests {
    @Test(arguments: [
        ("{{secrets/a/b}}", ["a|b"]),
        ("{{secrets/a/b/c}}", ["a|b/c", "a/b|c"]),
        ("{{secrets/A.b@c-d_e/F}}", ["A.b@c-d_e|F"]),
        ("{{secrets//b}}", []), ("{{secrets/a/}}", []), ("{{secrets/a}}", []), ("{{secrets/}}", []),
        ("{{secrets/a b/c}}", []), ("{{secrets/a/{{secrets/b/c}}}}", []),
    ])
    func aReferenceIsReadInEveryWayThatTheGrammarAllows(text: String, candidates: [String]) throws {
        let reference = try #require(SecretReference(text))
        #expect(reference.candidates.map { "\($0.scope)|\($0.key)" } == candidates)
        #expect(reference.description == text)
    }

    @Test(arguments: [
        "", "plain", "{{secrets/a/b}", "{secrets/a/b}}", " {{secrets/a/b}}", "{{secrets/a/b}} ", "x{{secrets/a/b}}",
        "{{secret/a/b}}", "{{ secrets/a/b }}", "{{SECRETS/a/b}}", "{{secrets/}", "{{secrets}}",
    ])
    func everythingElseIsAPlainValue(text: String) {
        #expect(SecretReference(text) == nil)
    }

    @Test(arguments: [
        ("{{secret/a/b}}", "{{secrets/a/b}}"), ("{{ secrets/a/b }}", "{{secrets/a/b}}"),
        ("{{SECRETS/a/b}}", "{{secrets/a/b}}"), (" {{secrets/a/b}}", "{{secrets/a/b}}"),
        ("{{secrets/a/b}", "{{secrets/a/b}}"), ("{secrets/a/b}", "{{secrets/a/b}}"),
        ("${secret/a/b}", "{{secrets/a/b}}"), ("{{scope/a/b/c}}", "{{secrets/a/b/c}}"),
        ("x{{secrets/a/b}}y{{secrets/c/d}}", "{{secrets/a/b}}"),
    ])
    func misspeltReferenceIsKnownForWhatWasMeant(text: String, meant: String) {
        #expect(SecretReference.intended(by: text) == meant)
    }

    @Test(arguments: [
        "", "plain", "{{secrets/a/b}}", "{{ user.name }}", "{{.Values.key}}", "{{a/b}}", "{a/b/c}", "${HOME}/x/y",
        "secrets/a/b", "{{//}}", "{{secrets//b}}x", "{\"secrets\": {\"a\": 1}}", "{}", "}{", "https://h/a/b",
    ])
    func plainValueIsNotTakenForAReference(text: String) {
        #expect(SecretReference.intended(by: text) == nil)
    }

    private func resolver(_ fixture: BrokerFixture, as principal: String? = nil) throws -> SecretReferenceResolver {
        SecretReferenceResolver(secrets: try fixture.fixture.services(as: principal))
    }

    @Test func aReferenceIsResolvedAndPlainValuesAreLeftOut() async throws {
        let fixture = try await BrokerFixture()
        let values = try await resolver(fixture).resolve(
            ["KEY": "{{secrets/PAYMENTS/API-key}}", "PLAIN": "{{secret/payments/api-key}}", "EMPTY": ""])
        #expect(values.mapValues(\.text) == ["KEY": BrokerFixture.value])
    }

    @Test func onlyAnExistingScopeIsMeant() async throws {
        let fixture = try await BrokerFixture()
        let services = try fixture.fixture.services()
        try await services.createScope(CreateScopeRequest(scope: "team/a"))
        try await fixture.fixture.put("one", scope: "team/a", key: "k/l")
        let found = try await resolver(fixture).resolve(["X": "{{secrets/Team/A/k/l}}"])
        #expect(found["X"]?.text == "one")
    }

    @Test func aReferenceThatFitsTwoScopesIsRefusedAndNamesThem() async throws {
        let fixture = try await BrokerFixture()
        let services = try fixture.fixture.services()
        for scope in ["team", "team/a"] { try await services.createScope(CreateScopeRequest(scope: scope)) }
        try await fixture.fixture.put("one", scope: "team/a", key: "k")
        let error = try await #require(throws: ScopeError.self) {
            try await resolver(fixture).resolve(["X": "{{secrets/team/a/k}}"])
        }
        #expect(error.code == .invalidParameterValue)
        #expect(error.message.hasPrefix("X: The reference {{secrets/team/a/k}} is ambiguous"))
        #expect(error.message.contains("scope team and key a/k, or scope team/a and key k"))
    }

    @Test func aReferenceThatCannotBeResolvedNamesScopeAndKey() async throws {
        let fixture = try await BrokerFixture()
        func error(_ text: String, as principal: String? = nil) async throws -> ScopeError {
            try await #require(throws: ScopeError.self) {
                try await resolver(fixture, as: principal).resolve(["X": text])
            }
        }
        let missing = try await error("{{secrets/payments/nothing}}")
        #expect(missing.code == .resourceDoesNotExist)
        #expect(missing.message.contains("X: ") && missing.message.contains("scope payments and key nothing"))
        let denied = try await error("{{secrets/payments/api-key}}", as: BrokerFixture.stranger)
        #expect(denied.code == .permissionDenied)
        #expect(denied.message.contains("scope payments and key api-key"))
        #expect(!denied.message.contains(BrokerFixture.value))
        let nowhere = try await error("{{secrets/x/y/z}}")
        #expect(nowhere.code == .resourceDoesNotExist)
        #expect(nowhere.message.contains("x or x/y"))
        #expect(try await error("{{secrets/payments}}").code == .invalidParameterValue)
    }

    @Test func aRunsEnvironmentHasItsReferencesResolvedAndRedacted() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter().run(RunOptions(surface: .command)) { run in
            let environment = try await run.childEnvironment(
                inheriting: [
                    "PATH": "/usr/bin:/bin", "HUSH_HOME": "{{secrets/payments/missing}}", "OLD": "{{secrets/no/ne}}",
                ],
                adding: ["OLD": "plain", "KEY": "{{secrets/payments/api-key}}"]
            )
            #expect(environment["OLD"] == "plain")
            #expect(environment["DATABRICKS_HOST"] == run.host)
            #expect(!environment.names.contains("HUSH_HOME"))
            let script = #"printf '%s|%s|%s' "$KEY" "$DATABRICKS_TOKEN" "$DATABRICKS_AUTH_TYPE""#
            let output = try await runShell(script, environment: environment).text
            #expect(output == "\(BrokerFixture.value)|\(run.token.text)|pat")
            #expect(run.redactor.redact(output) == "[REDACTED]|[REDACTED]|pat")
            let event = try #require(try await fixture.events(.getSecret).last)
            #expect(event.origin.session == run.id)
            #expect(event.channel.surface == .command)
        }
    }

    @Test func anEnvironmentWithABrokenReferenceIsRefused() async throws {
        let fixture = try await BrokerFixture()
        try await fixture.starter().run(RunOptions(surface: .command)) { run in
            let error = try await #require(throws: ScopeError.self) {
                try await run.childEnvironment(inheriting: [:], adding: ["KEY": "{{secrets/payments/missing}}"])
            }
            #expect(error.message.hasPrefix("KEY: "))
        }
    }
}
