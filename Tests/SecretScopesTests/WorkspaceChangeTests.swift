import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// Changes that are made together.
@Suite struct WorkspaceChangeTests {
    private func refusal(_ body: () async throws -> Void) async -> ScopeError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? ScopeError
        }
    }

    @Test func eachChangeMeetsWhatItExpects() async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        _ = try await services.createPrincipal(kind: .user, name: "ana@example.com")
        _ = try await services.createPrincipal(kind: .servicePrincipal, name: "nightly")
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        try await fixture.put("one", scope: "payments", key: "api-key")
        try await services.putACL(scope: "payments", principal: "ana@example.com", permission: "READ")
        let request = ScopeContentsRequest(scope: "payments", listsACL: false, listsSecrets: true)
        let old = try #require(try await services.contents(of: [request]).first?.secrets?.first?.version)
        try await fixture.put("two", scope: "payments", key: "api-key")
        let value = fixture.secret("three")
        let wrong: [(WorkspaceChange, String)] = [
            (.createPrincipal(kind: .user, name: "ana@example.com"), "There is a user ana@example.com already."),
            (
                .createPrincipal(kind: .servicePrincipal, name: "Nightly"),
                "The service principal Nightly appeared"
            ),
            (.createScope("payments", grantsManage: true), "Scope payments already exists!"),
            (
                .setMinimumRedaction(.strict, scope: "payments", previous: .encoded),
                "The redaction of scope payments was changed"
            ),
            (
                .putACL(
                    scope: "payments", principal: .named("ana@example.com"), permission: .manage, previous: nil),
                "The permission of ana@example.com on scope payments appeared"
            ),
            (
                .deleteACL(scope: "payments", principal: "ana@example.com", previous: .write),
                "The permission of ana@example.com on scope payments was changed"
            ),
            (
                .putSecret(scope: "payments", key: "api-key", value: value, previous: nil),
                "The secret api-key in scope payments appeared"
            ),
            (
                .putSecret(scope: "payments", key: "api-key", value: value, previous: old),
                "The secret api-key in scope payments was changed"
            ),
            (
                .putSecret(scope: "payments", key: "none", value: value, previous: old),
                "The secret none in scope payments was removed"
            ),
            (
                .deleteSecret(scope: "payments", key: "api-key", previous: old),
                "The secret api-key in scope payments was changed"
            ),
            (.putACL(scope: "payments", principal: .created(by: 7), permission: .read, previous: nil), ""),
        ]
        for (change, words) in wrong {
            // A change that is right stands before it, and is taken back with it.
            let refusal = await refusal {
                _ = try await services.apply([.createScope("new", grantsManage: true), change])
            }
            #expect(refusal?.message.hasPrefix("Change 2 of 2: \(words)") == true, "\(refusal?.message ?? "none")")
        }
        #expect(try await services.listScopes().map(\.name) == ["payments"])
        #expect(try await services.getSecret(scope: "payments", key: "api-key").value.text == "two")
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    /// What other callers do in the same transaction is not taken back with it.
    @Test func othersInTheSameTransactionAreLeftAlone() async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    if number.isMultiple(of: 3) {
                        _ = try? await services.apply([
                            .createScope("s-\(number)", grantsManage: true),
                            .createScope("payments", grantsManage: true),
                        ])
                    } else {
                        try await fixture.put("v", scope: "payments", key: "key-\(number)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await services.listScopes().map(\.name) == ["payments"])
        #expect(try await services.listSecrets(scope: "payments").count == 40)
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }

    @Test func aScopeCanBeMadeForOthersAlone() async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        let applied = try await services.apply([
            .createPrincipal(kind: .servicePrincipal, name: "nightly"), .createScope("reports", grantsManage: false),
            .putACL(scope: "reports", principal: .created(by: 0), permission: .manage, previous: nil),
        ])
        let name = try #require(applied.principals[0])
        #expect(
            try await services.listACLs(scope: "reports") == [ACLItem(principal: name, permission: .manage)])
        // Who is no administrator would lose it at once.
        _ = try await services.createPrincipal(kind: .user, name: "ana@example.com")
        let ana = try fixture.services(as: "ana@example.com")
        let refusal = await refusal { _ = try await ana.apply([.createScope("mine", grantsManage: false)]) }
        #expect(refusal?.code == .permissionDenied)
        _ = try await ana.apply([.createScope("mine", grantsManage: true)])
        var query = AuditQuery()
        query.apply = applied.id
        #expect(
            try await services.events(query).map(\.operation) == [
                .applyChanges, .createPrincipal, .createScope, .putACL,
            ])
    }

    @Test(arguments: [1, 20])
    func aComparisonTellsWhatIsThereAndStandsInTheRecord(secrets: Int) async throws {
        let fixture = try await TemporaryWorkspace()
        let services = try fixture.services()
        try await services.createScope(CreateScopeRequest(scope: "payments"))
        for number in 0..<secrets { try await fixture.put("v-\(number)", scope: "payments", key: "key-\(number)") }
        try await fixture.grant(.write, on: "payments", to: "ana@example.com")
        let ana = try fixture.services(as: "ana@example.com")
        var values = (0..<secrets).map { (key: "KEY-\($0)", value: fixture.secret("v-\($0)")) }
        values[0].value = fixture.secret("v-")
        values.append(("none", fixture.secret("")))
        let matches = try await ana.compare([ScopeComparisonRequest(scope: "Payments", values: values)])[0]
        #expect(matches.count == secrets + 1 && matches.last == .absent)
        if case .different = matches[0] {} else { Issue.record("\(matches[0])") }
        for match in matches[1..<secrets] {
            if case .same = match {} else { Issue.record("\(match)") }
        }
        let events = try await services.events(AuditQuery()).filter { $0.operation == .compareSecrets }
        #expect(events.map(\.actor.name) == ["ana@example.com"])
        #expect(events[0].parameters.contains(.init("equal", String(secrets - 1))))
        let readers = try await services.readers(scope: "payments", key: "key-0")
        #expect(readers.map(\.principal) == ["ana@example.com"] && readers[0].key.isEmpty)
        // Without READ it is refused, and recorded.
        _ = try await services.createPrincipal(kind: .user, name: "bob@example.com")
        let bob = try fixture.services(as: "bob@example.com")
        let refusal = await refusal {
            _ = try await bob.compare([ScopeComparisonRequest(scope: "payments", values: [])])
        }
        #expect(refusal?.code == .permissionDenied)
        #expect(try await services.events(AuditQuery()).last { $0.operation == .compareSecrets }?.statusCode == 403)
        #expect(try await services.verify(against: nil) { _, _ in }.problems == [])
    }
}
