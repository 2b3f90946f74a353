import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// The rows of the checklist of Databricks' behaviour that are about scopes, through the engine.
@Suite struct ScopeRowTests {
    private func create(
        _ scope: String, as principal: String? = nil, in fixture: TemporaryWorkspace
    ) async throws {
        try await fixture.services(as: principal).createScope(CreateScopeRequest(scope: scope))
    }

    @Test("Row 1: a new scope is listed as DATABRICKS")
    func created() async throws {
        let fixture = try await TemporaryWorkspace()
        try await create("payments", in: fixture)
        let scopes = try await fixture.services().listScopes()
        #expect(scopes == [SecretScope(name: "payments", backend: .native)])
        #expect(scopes.map(\.backend.wireName) == ["DATABRICKS"])
    }

    @Test("Row 2: a name that is taken is refused")
    func createdTwice() async throws {
        let fixture = try await TemporaryWorkspace()
        try await create("payments", in: fixture)
        await #expect(throws: ScopeError(.resourceAlreadyExists, "Scope payments already exists!")) {
            try await create("payments", in: fixture)
        }
    }

    @Test("Row 3: a name that is taken is refused in any case", arguments: ["PAYMENTS", "Payments", "paymentS"])
    func createdTwiceInAnotherCase(name: String) async throws {
        let fixture = try await TemporaryWorkspace()
        try await create("payments", in: fixture)
        await #expect(throws: ScopeError(.resourceAlreadyExists, "Scope \(name) already exists!")) {
            try await create(name, in: fixture)
        }
        #expect(try await fixture.services().listScopes().map(\.name) == ["payments"])
    }

    @Test("Row 4: the creator gets MANAGE, and nobody else anything")
    func creatorManages() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeUsers("ana@example.com")
        try await create("payments", as: "ana@example.com", in: fixture)
        let items = try await fixture.services(as: "ana@example.com").listACLs(scope: "payments")
        #expect(items == [ACLItem(principal: "ana@example.com", permission: .manage)])
    }

    @Test("Row 5: with users as initial principal everybody manages, and the creator has no grant of its own")
    func everybodyManages() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeUsers("ana@example.com", "bob@example.com")
        for (scope, name) in [("first", "users"), ("second", "USERS")] {
            try await fixture.services(as: "ana@example.com").createScope(
                CreateScopeRequest(scope: scope, initialManagePrincipal: name))
            let items = try await fixture.services(as: "bob@example.com").listACLs(scope: scope)
            #expect(items == [ACLItem(principal: "users", permission: .manage)])
        }
    }

    @Test(
        "Row 6: any other initial principal is refused",
        arguments: ["admins", "ana@example.com", TemporaryWorkspace.administrator, "", "user", "u\u{17F}ers", "users "]
    )
    func otherInitialPrincipal(name: String) async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeUsers("ana@example.com")
        await expectRefusal(.invalidParameterValue) {
            try await fixture.services().createScope(
                CreateScopeRequest(scope: "payments", initialManagePrincipal: name))
        }
        #expect(try await fixture.services().listScopes().isEmpty)
    }

    @Test("Row 7: a name has at most 128 characters")
    func longestName() async throws {
        let fixture = try await TemporaryWorkspace()
        let longest = String(repeating: "x", count: 128)
        try await create(longest, in: fixture)
        await expectRefusal(.invalidParameterValue) { try await create(longest + "x", in: fixture) }
        #expect(try await fixture.services().listScopes().map(\.name) == [longest])
    }

    @Test("Row 8: every character of the grammar may stand anywhere in a name")
    func grammar() async throws {
        let fixture = try await TemporaryWorkspace()
        let names = [
            "-dash", "myapplication/branch", "team.a", "under_score", "you@example.com", "/", ".", "@", "_", "9",
        ]
        for name in names { try await create(name, in: fixture) }
        let listed = try await fixture.services().listScopes().map(\.name)
        #expect(Set(listed) == Set(names))
    }

    @Test(
        "Row 9: a name outside the grammar is refused", arguments: ["", " ", "a b", " a", "a ", "a+b", "a:b", "a\\b"])
    func outsideTheGrammar(name: String) async throws {
        let fixture = try await TemporaryWorkspace()
        await expectRefusal(.invalidParameterValue) { try await create(name, in: fixture) }
    }

    @Test("Row 10: the backend is DATABRICKS unless something else is asked for", arguments: [nil, "", "DATABRICKS"])
    func backend(name: String?) async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.services().createScope(CreateScopeRequest(scope: "payments", backendType: name))
        #expect(try await fixture.services().listScopes().map(\.backend) == [.native])
        for unknown in ["databricks", "VAULT"] {
            await expectRefusal(.invalidParameterValue) {
                try await fixture.services().createScope(CreateScopeRequest(scope: "other", backendType: unknown))
            }
        }
    }

    @Test("Row 11: a vault without its address is refused, even for a native scope", arguments: [nil, "DATABRICKS"])
    func vaultWithoutAddress(backend: String?) async throws {
        let fixture = try await TemporaryWorkspace()
        func refusal(_ resource: String?, _ name: String?) async -> String? {
            await expectRefusal(.invalidParameterValue) {
                try await fixture.services().createScope(
                    CreateScopeRequest(
                        scope: "payments",
                        backendType: backend,
                        azureKeyVault: .init(resourceID: resource, dnsName: name)
                    ))
            }?.message
        }
        let both = "Missing required fields: backend_azure_keyvault.resource_id, backend_azure_keyvault.dns_name"
        #expect(await refusal(nil, nil) == both)
        #expect(await refusal("", "") == both)
        #expect(await refusal("id", nil) == "Missing required fields: backend_azure_keyvault.dns_name")
        #expect(await refusal(nil, "name") == "Missing required fields: backend_azure_keyvault.resource_id")
    }

    @Test("Row 13: a name keeps the case it was made with, whatever case it is called by")
    func caseIsKept() async throws {
        let fixture = try await TemporaryWorkspace()
        try await create("PayMents/EU", in: fixture)
        try await fixture.put("tok_live_1", scope: "payments/eu", key: "api-key")
        #expect(try await fixture.services().listScopes().map(\.name) == ["PayMents/EU"])
        #expect(try await fixture.services().listSecrets(scope: "PAYMENTS/EU").count == 1)
    }

    @Test("Row 14: a deleted scope is gone with its secrets and its ACL")
    func deleted() async throws {
        let fixture = try await TemporaryWorkspace()
        let root = try fixture.services()
        try await fixture.makeScope("payments", holding: ["api-key": "tok_live_1"])
        try await fixture.grant(.manage, on: "payments", to: "ana@example.com")
        try await root.deleteScope("PAYMENTS")
        #expect(try await root.listScopes().isEmpty)
        let missing = ScopeError(.resourceDoesNotExist, "Secret does not exist with scope: payments and key: api-key")
        await #expect(throws: missing) { try await root.getSecret(scope: "payments", key: "api-key") }
        for principal in [nil, "ana@example.com"] {
            await #expect(throws: ScopeError(.resourceDoesNotExist, "Scope payments does not exist!")) {
                try await fixture.services(as: principal).listACLs(scope: "payments")
            }
        }
    }

    @Test("Row 15: deleting a scope that is not there is refused")
    func deletedTwice() async throws {
        let fixture = try await TemporaryWorkspace()
        await #expect(throws: ScopeError(.resourceDoesNotExist, "Scope nope does not exist!")) {
            try await fixture.services().deleteScope("nope")
        }
    }

    @Test("Row 16: a scope that is made again is empty and has its new creator's grant alone")
    func madeAgain() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeScope("payments", holding: ["api-key": "tok_live_1"])
        try await fixture.grant(.manage, on: "payments", to: "ana@example.com")
        try await fixture.services().deleteScope("payments")
        try await fixture.makeUsers("bob@example.com")
        try await create("payments", as: "bob@example.com", in: fixture)
        let bob = try fixture.services(as: "bob@example.com")
        #expect(try await bob.listSecrets(scope: "payments").isEmpty)
        #expect(
            try await bob.listACLs(scope: "payments") == [
                ACLItem(principal: "bob@example.com", permission: .manage)
            ])
        await #expect(throws: ScopeError.denied("ana@example.com", .read, on: "payments")) {
            try await fixture.services(as: "ana@example.com").listSecrets(scope: "payments")
        }
    }

    @Test("Row 17: a workspace without scopes lists none")
    func noScopes() async throws {
        let fixture = try await TemporaryWorkspace()
        #expect(try await fixture.services().listScopes() == [])
    }

    @Test("Row 18: whoever has no grant at all still sees all names, in order")
    func namesAreNotSecret() async throws {
        let fixture = try await TemporaryWorkspace()
        try await fixture.makeUsers("eve@example.com")
        for name in ["zebra", "Alpha", "middle"] { try await create(name, in: fixture) }
        let names = try await fixture.services(as: "eve@example.com").listScopes().map(\.name)
        #expect(names == ["Alpha", "middle", "zebra"])
    }

    @Test("Row 31: a workspace has at most 1,000 scopes")
    func mostScopes() async throws {
        let fixture = try await TemporaryWorkspace()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...1000 { group.addTask { try await create("scope-\(number)", in: fixture) } }
            try await group.waitForAll()
        }
        let services = try fixture.services()
        #expect(try await services.listScopes().count == 1000)
        await expectRefusal(.resourceLimitExceeded) { try await create("one-more", in: fixture) }
        // A name that is taken is named as such also at the limit.
        await expectRefusal(.resourceAlreadyExists) { try await create("scope-1000", in: fixture) }
        try await services.deleteScope("scope-500")
        try await create("one-more", in: fixture)
        await expectRefusal(.resourceLimitExceeded) { try await create("scope-500", in: fixture) }
        #expect(try await services.listScopes().count == 1000)
    }
}
