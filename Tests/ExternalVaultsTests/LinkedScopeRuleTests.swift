import SecretMemory
import SecretScopes
import Testing

@testable import ExternalVaults

@Suite("A linked scope's rules: names, kept values, shared calls")
struct LinkedScopeRuleTests {
    private let scopeID = ScopeID(high: 1, low: 2)

    private func access() throws -> LinkAccess {
        LinkAccess(
            scope: scopeID,
            scopeName: try #require(ScopeName(rawValue: "app")),
            link: ScopeLink(
                kind: .vault, address: "vault://vault.example.com/secret/app/", options: [:], credential: nil,
                owner: PrincipalID(high: 3, low: 4), usesMachine: true),
            revision: [1], credentialRevision: nil, readCredential: nil, deadline: .now + .seconds(60))
    }

    private func scope(
        _ vault: ScriptedVault, _ options: [String: String] = [:], prefix: String = "", kind: VaultKind = .vault,
        clock: any SteadyClock = SystemSteadyClock(), counts: VaultCounts = VaultCounts()
    ) throws -> LinkedScope {
        let address = try #require(LinkURL("vault://vault.example.com/secret/app/"))
        return LinkedScope(
            revision: [1],
            configuration: LinkConfiguration(kind: kind, address: address, values: options),
            vault: vault,
            prefix: prefix,
            field: options["field"].flatMap { ValueField($0) },
            context: VaultFixture.context(steadyClock: clock),
            counts: counts
        )
    }

    private func name(_ text: String) throws -> SecretName { try #require(SecretName(rawValue: text)) }

    // MARK: Names (section 11)

    @Test func theExactSpellingIsAskedForFirst() async throws {
        let vault = ScriptedVault(["p/Db": "a", "p/db": "b"])
        let scope = try scope(vault, prefix: "p/")
        #expect(VaultFixture.text(try await scope.read(name("db"), access()).value) == "b")
        #expect(vault.calls == ["get p/db"])
    }

    @Test func theOnlySpellingThereIsIsFoundWhateverTheCase() async throws {
        let vault = ScriptedVault(["Db": "a"])
        let scope = try scope(vault)
        let secret = try await scope.read(name("DB"), access())
        #expect(VaultFixture.text(secret.value) == "a")
        #expect(secret.key == "Db")
        #expect(vault.calls == ["get DB", "list ", "get Db"])
    }

    @Test func namesThatDifferInCaseOnlyAreRefusedAndNamed() async throws {
        let scope = try scope(ScriptedVault(["Db": "a", "dB": "b"]))
        let error = await #expect(throws: ScopeError.self) { try await scope.read(name("db"), access()) }
        #expect(error?.code == .invalidParameterValue)
        #expect(error?.message.contains("Db, dB") == true)
        #expect(try await scope.list(access()).count == 1)
    }

    @Test func namesThatAreNoKeysAreLeftOutOfLists() async throws {
        let scope = try scope(ScriptedVault(["p/a": "", "p/b c": "", "q/d": "", "p/e/f": ""]), prefix: "p/")
        #expect(try await scope.list(access()).map(\.key) == ["a", "e/f"])
    }

    @Test func aKeyThatTheVaultCannotHaveIsRefusedBeforeAnyCall() async throws {
        let vault = ScriptedVault([:])
        let error = await #expect(throws: ScopeError.self) {
            try await scope(vault).read(name("a@b"), access())
        }
        #expect(error?.code == .invalidParameterValue)
        #expect(vault.calls == [])
    }

    // MARK: Kept values (section 13)

    @Test func withoutACacheEveryReadAsks() async throws {
        let vault = ScriptedVault(["db": "a"])
        let scope = try scope(vault)
        for _ in 0..<3 { _ = try await scope.read(name("db"), access()) }
        #expect(vault.calls.count == 3)
    }

    @Test func aKeptValueIsServedWithoutAsking() async throws {
        let vault = ScriptedVault(["db": "a"])
        let scope = try scope(vault, ["cache": "1h"])
        for _ in 0..<3 { _ = try await scope.read(name("db"), access()) }
        #expect(vault.calls.count == 1)
    }

    @Test func aValueIsKeptNoLongerThanTheLinkAllows() async throws {
        let clock = SetClock()
        let vault = ScriptedVault(["db": "a"])
        let scope = try scope(vault, ["cache": "30s"], clock: clock)
        _ = try await scope.read(name("db"), access())
        clock.advance(by: .seconds(29))
        _ = try await scope.read(name("db"), access())
        #expect(vault.calls.count == 1)
        clock.advance(by: .seconds(1))
        _ = try await scope.read(name("db"), access())
        #expect(vault.calls.count == 2)
    }

    /// Section 13: for ten seconds at most.
    @Test func thatThereIsNoSuchSecretIsKeptForAMoment() async throws {
        let clock = SetClock()
        let vault = ScriptedVault([:], rules: NameRules(punctuation: "-", longest: 80, isCaseSensitive: false))
        let scope = try scope(vault, ["cache": "1h", "writable": "true"], clock: clock)
        for _ in 1...2 {
            let error = await #expect(throws: ScopeError.self) { try await scope.read(name("db"), access()) }
            #expect(error?.code == .resourceDoesNotExist)
        }
        #expect(vault.calls.count == 1)
        vault.set("db", "a")
        clock.advance(by: .seconds(10))
        #expect(VaultFixture.text(try await scope.read(name("db"), access()).value) == "a")
        // Our own write ends it.
        await #expect(throws: ScopeError.self) { try await scope.read(name("other"), access()) }
        _ = try await scope.put(VaultFixture.secret("b"), as: name("other"), access())
        #expect(VaultFixture.text(try await scope.read(name("other"), access()).value) == "b")
    }

    @Test func withoutACacheAbsenceIsNotKept() async throws {
        let vault = ScriptedVault([:], rules: NameRules(punctuation: "-", longest: 80, isCaseSensitive: false))
        let scope = try scope(vault, ["stale-if-unreachable": "1h"])
        await #expect(throws: ScopeError.self) { try await scope.read(name("db"), access()) }
        vault.set("db", "a")
        #expect(VaultFixture.text(try await scope.read(name("db"), access()).value) == "a")
    }

    @Test func callsAndKeptValuesAreCounted() async throws {
        let clock = SetClock()
        let counts = VaultCounts()
        let vault = ScriptedVault(["db": "a"])
        let scope = try scope(vault, ["cache": "30s", "stale-if-unreachable": "1h"], clock: clock, counts: counts)
        for _ in 1...3 { _ = try await scope.read(name("db"), access()) }
        clock.advance(by: .seconds(30))
        vault.fail(VaultFailure(.unreachable))
        #expect(try await scope.read(name("db"), access()).isStale)
        let figures = counts.figures
        #expect(
            figures.calls == [
                .init(vault: .vault, operation: "get", outcome: "ok"): 1,
                .init(vault: .vault, operation: "get", outcome: "unreachable"): 1,
            ])
        #expect(figures.durations[.vault]?.count == 2)
        #expect(figures.keptValues == [.vault: 2] && figures.staleValues == [.vault: 1])
    }

    @Test(arguments: VaultFailure.Reason.allCases)
    func aStaleValueIsServedOnlyWhenTheVaultCannotBeAsked(reason: VaultFailure.Reason) async throws {
        let vault = ScriptedVault(["db": "a"])
        let scope = try scope(vault, ["stale-if-unreachable": "1h"])
        _ = try await scope.read(name("db"), access())
        vault.fail(VaultFailure(reason))
        let result = Result { () async throws -> LinkedSecret in try await scope.read(name("db"), access()) }
        switch reason {
        case .unreachable, .deadlinePassed, .throttled, .checksumMismatch:
            let secret = try await result()
            #expect(secret.isStale && VaultFixture.text(secret.value) == "a")
        default:
            await #expect(throws: ScopeError.self) { try await result() }
        }
        // Once it was refused it is forgotten.
        vault.fail(VaultFailure(.unreachable))
        let isForgotten = VaultFailure(reason).dropsCachedValue
        if isForgotten {
            await #expect(throws: ScopeError.self) { try await scope.read(name("db"), access()) }
        } else {
            #expect(try await scope.read(name("db"), access()).isStale)
        }
    }

    /// A call that is made later.
    private struct Result: Sendable {
        let body: @Sendable () async throws -> LinkedSecret
        init(_ body: @escaping @Sendable () async throws -> LinkedSecret) { self.body = body }
        func callAsFunction() async throws -> LinkedSecret { try await body() }
    }

    @Test func withoutLeaveNoStaleValueIsServed() async throws {
        let vault = ScriptedVault(["db": "a"])
        let scope = try scope(vault)
        _ = try await scope.read(name("db"), access())
        vault.fail(VaultFailure(.unreachable))
        let error = await #expect(throws: ScopeError.self) { try await scope.read(name("db"), access()) }
        #expect(error?.code == .temporarilyUnavailable)
    }

    @Test func readsOfOneSecretAtATimeMakeOneCall() async throws {
        let vault = ScriptedVault(["db": "a"])
        let scope = try scope(vault)
        vault.hold()
        let access = try access()
        let key = try name("db")
        let values = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<20 { group.addTask { VaultFixture.text(try await scope.read(key, access).value) } }
            // The first call is on its way and the others wait for it, or will see that it is there.
            while vault.calls.isEmpty { await Task.yield() }
            for _ in 0..<100 { await Task.yield() }
            vault.release()
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(values == [String](repeating: "a", count: 20))
        #expect(vault.calls.count < 20)
    }

    @Test func anOwnWriteDropsWhatWasKept() async throws {
        let vault = ScriptedVault(["db": "a"])
        let scope = try scope(vault, ["cache": "1h", "writable": "true"])
        _ = try await scope.read(name("db"), access())
        #expect(try await scope.put(VaultFixture.secret("b"), as: name("DB"), access()) == "2")
        #expect(VaultFixture.text(try await scope.read(name("db"), access()).value) == "b")
        #expect(vault.calls.contains("put db"))
    }

    // MARK: Values (section 12)

    @Test func aValueThatTheVaultCannotHoldIsRefusedBeforeAnyCall() async throws {
        let vault = ScriptedVault([:])
        let scope = try scope(vault, ["writable": "true"])
        let error = await #expect(throws: ScopeError.self) {
            try await scope.put(VaultFixture.secret(String(repeating: "x", count: 101)), as: name("db"), access())
        }
        #expect(error?.code == .invalidParameterValue)
        #expect(!vault.calls.contains { $0.hasPrefix("put") })
    }

    @Test func aFieldOfAJSONValueIsRead() async throws {
        let vault = ScriptedVault(["db": #"{"user":"u","password":"p\u0041","ports":[1,{"x":null}]}"#, "plain": "text"])
        for (field, value) in ["#/password": "pA", "/ports/0": "1", "/ports/1": #"{"x":null}"#] {
            let scope = try scope(vault, ["field": field])
            #expect(VaultFixture.text(try await scope.read(name("db"), access()).value) == value)
        }
        let missing = await #expect(throws: ScopeError.self) {
            try await scope(vault, ["field": "#/nope"]).read(name("db"), access())
        }
        #expect(missing?.code == .resourceDoesNotExist)
        let plain = await #expect(throws: ScopeError.self) {
            try await scope(vault, ["field": "#/password"]).read(name("plain"), access())
        }
        #expect(plain?.code == .malformedRequest)
    }

    @Test func anExpiredValueIsServedWithAWarningOrDenied() async throws {
        let vault = ScriptedVault(["db": "a"], expires: Timestamp(rawValue: 1))
        #expect(try await scope(vault).read(name("db"), access()).isExpired)
        let error = await #expect(throws: ScopeError.self) {
            try await scope(vault, ["expiry": "deny"]).read(name("db"), access())
        }
        #expect(error?.code == .invalidState)
    }
}
