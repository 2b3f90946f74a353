import DatabricksAPI
import Foundation
import ScopeServer
import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// The client that implements the services over the wire, against the whole server.
@Suite(.timeLimit(.minutes(5))) struct RemoteClientTests {
    private func client(_ server: TestServer, token: String? = nil) throws -> DatabricksClient {
        try DatabricksClient(
            host: WorkspaceHost("http://127.0.0.1:\(server.port)"),
            credential: .token(server.fixture.secret(token ?? server.administrator)),
            pool: server.fixture.pool
        )
    }

    @Test func secretsAndPermissionsAreReached() async throws {
        try await TestServer.serve { server async throws in
            let client = try client(server)
            try await client.createScope(CreateScopeRequest(scope: "payments"))
            try await client.putSecret(
                PutSecretRequest(scope: "payments", key: "a/b", stringValue: server.fixture.secret("line\nüñí\"")))
            #expect(try await client.getSecret(scope: "payments", key: "a/b").value.text == "line\nüñí\"")
            #expect(try await client.getSecret(scope: "payments", key: "a/b").minimumRedaction == .literal)
            try await server.fixture.services().setMinimumRedaction(.strict, of: "payments")
            #expect(try await client.getSecret(scope: "payments", key: "a/b").minimumRedaction == .strict)
            #expect(try await client.listScopes() == [SecretScope(name: "payments", backend: .native)])
            #expect(try await client.listSecrets(scope: "payments").map(\.key) == ["a/b"])
            try await client.putACL(scope: "payments", principal: "users", permission: "READ")
            #expect(
                try await client.getACL(scope: "payments", principal: "users")
                    == ACLItem(principal: "users", permission: .read))
            #expect(try await client.listACLs(scope: "payments").count == 2)
            try await client.deleteACL(scope: "payments", principal: "users")
            try await client.deleteSecret(scope: "payments", key: "a/b")
            let error = try await #require(throws: ScopeError.self) {
                _ = try await client.getSecret(scope: "payments", key: "a/b")
            }
            #expect(
                error
                    == ScopeError(
                        .resourceDoesNotExist, "Secret does not exist with scope: payments and key: a/b"))
            try await client.deleteScope("payments")
            #expect(try await client.listScopes().isEmpty)
        }
    }

    @Test func changesAndComparisonsAreReached() async throws {
        try await TestServer.serve { server async throws in
            let client = try client(server).claiming { RequestClaims(apply: "apply-1") }
            let value = server.fixture.secret("tok\u{0}\u{FF}")
            let applied = try await client.apply([
                .createPrincipal(kind: .group, name: "analysts"),
                .createPrincipal(kind: .servicePrincipal, name: "nightly"),
                .addGroupMember(.created(by: 1), group: "analysts"), .createScope("payments", grantsManage: false),
                .setMinimumRedaction(.strict, scope: "payments", previous: .literal),
                .putACL(scope: "payments", principal: .created(by: 1), permission: .write, previous: nil),
                .putACL(scope: "payments", principal: .named("analysts"), permission: .read, previous: nil),
                .putSecret(scope: "payments", key: "api-key", value: value, previous: nil),
            ])
            let robot = try #require(applied.principals[1])
            #expect(applied.id == "apply-1" && applied.principals[0] == "analysts")
            #expect(try await client.groupMembers("analysts").map(\.name) == [robot])
            let contents = try await client.contents(of: [
                ScopeContentsRequest(scope: "payments", listsACL: true, listsSecrets: true)
            ])[0]
            #expect(Set(contents.acl?.map(\.permission) ?? []) == [.read, .write])
            let version = try #require(contents.secrets?.first?.version)
            let many = (0..<250).map { _ in
                ScopeComparisonRequest(
                    scope: "payments", values: [("api-key", value), ("none", value), ("api-key", robotSecret(server))])
            }
            let matches = try await client.compare(many)
            #expect(matches == many.map { _ in [.same(version), .absent, .different(version)] })
            _ = try await client.apply([
                .deleteACL(scope: "payments", principal: "analysts", previous: .read),
                .deleteSecret(scope: "payments", key: "api-key", previous: version),
            ])
            #expect(try await client.listSecrets(scope: "payments").isEmpty)
            var query = AuditQuery()
            query.apply = "apply-1"
            query.operation = .applyChanges
            #expect(try await client.events(query).events.map(\.origin.apply) == ["apply-1", "apply-1"])
        }
    }

    private func robotSecret(_ server: TestServer) -> SecretBytes {
        server.fixture.secret("another")
    }

    @Test func tooManyChangesForOneRequestAreRefusedBeforeTheyAreSent() async throws {
        try await TestServer.serve { server async throws in
            let client = try client(server)
            let value = SecretBytes(count: 131_072, in: server.fixture.pool) { _ in }
            let changes = (0..<200).map {
                WorkspaceChange.putSecret(scope: "payments", key: "key-\($0)", value: value, previous: nil)
            }
            let error = try await #require(throws: ScopeError.self) { _ = try await client.apply(changes) }
            #expect(error == ChangeEndpoint.tooLarge)
            #expect(try await server.fixture.events(.applyChanges).isEmpty)
        }
    }

    /// What the wire tells of principals is what the embedded services tell, for everything that both have.
    @Test func directoryIsTheSameAsEmbedded() async throws {
        try await TestServer.serve { server async throws in
            let client = try client(server)
            let local = try server.fixture.services()
            #expect(try await client.currentPrincipal() == local.currentPrincipal())
            let ana = try await client.createPrincipal(kind: .user, name: "ana@example.com")
            #expect(ana.kind == .user && ana.name == "ana@example.com" && ana.isActive)
            let robot = try await client.createPrincipal(kind: .servicePrincipal, name: "robot")
            _ = try await client.createPrincipal(kind: .group, name: "analysts")
            _ = try await client.createPrincipal(kind: .group, name: "juniors")
            for member in ["ANA@example.com", robot.name, "juniors", "juniors"] {
                try await client.addGroupMember(member, to: "Analysts")
            }
            for kind in PrincipalKind.allCases {
                #expect(try await client.listPrincipals(kind: kind) == local.listPrincipals(kind: kind))
            }
            for group in ["analysts", "users", "admins", "juniors"] {
                #expect(try await client.groupMembers(group) == local.groupMembers(group), "\(group)")
            }
            #expect(try await client.principal(ana.id) == local.principal(ana.id))
            try await client.setActive(false, kind: .user, name: ana.name)
            #expect(try await local.principal(ana.id).principal.isActive == false)
            try await client.setActive(true, kind: .user, name: ana.name)
            try await client.removeGroupMember(ana.name, from: "analysts")
            #expect(try await local.groupMembers("analysts").map(\.name).contains(ana.name) == false)
            try await client.deletePrincipal(kind: .servicePrincipal, name: robot.name)
            #expect(try await local.listPrincipals(kind: .servicePrincipal).isEmpty)
        }
    }

    /// The same refusals in the same words.
    @Test func refusalsAreTheSameAsEmbedded() async throws {
        try await TestServer.serve { server async throws in
            let client = try client(server)
            let local = try server.fixture.services()
            _ = try await local.createPrincipal(kind: .user, name: "ana@example.com")
            _ = try await local.createPrincipal(kind: .group, name: "analysts")
            let calls: [@Sendable (any IdentityService) async throws -> Void] = [
                { _ = try await $0.createPrincipal(kind: .user, name: "ANA@example.com") },
                { _ = try await $0.createPrincipal(kind: .group, name: "a\nb") },
                { try await $0.deletePrincipal(kind: .group, name: "nobody") },
                { try await $0.deletePrincipal(kind: .group, name: "admins") },
                { try await $0.deletePrincipal(kind: .user, name: TemporaryWorkspace.administrator) },
                { try await $0.setActive(false, kind: .user, name: "nobody") },
                { _ = try await $0.groupMembers("nobody") },
                { try await $0.addGroupMember("nobody", to: "analysts") },
                { try await $0.addGroupMember("ana@example.com", to: "nobody") },
                { try await $0.addGroupMember("ana@example.com", to: "users") },
                { try await $0.addGroupMember("analysts", to: "analysts") },
                { try await $0.removeGroupMember("ana@example.com", from: "analysts") },
                { try await $0.removeGroupMember("nobody", from: "analysts") },
                { _ = try await $0.createClientSecret(for: "nobody", lifetime: nil) },
                { _ = try await $0.listClientSecrets(of: "nobody") },
                { try await $0.revokeToken(CredentialID(high: 1, low: 2)) },
            ]
            for (number, call) in calls.enumerated() {
                let embedded = try await #require(throws: ScopeError.self) { try await call(local) }
                let remote = try await #require(throws: ScopeError.self) { try await call(client) }
                #expect(remote == embedded, "call \(number)")
            }
        }
    }

    @Test func tokensAndClientSecretsAreReached() async throws {
        try await TestServer.serve { server async throws in
            let client = try client(server)
            let local = try server.fixture.services()
            let token = try await client.createToken(
                CreateTokenRequest(
                    kind: .personalAccessToken, operations: nil, lifetime: .seconds(3600), comment: "laptop"))
            #expect(
                try await self.client(server, token: token.value.text).currentPrincipal() == local.currentPrincipal())
            let listed = try await client.listTokens(of: .caller)
            #expect(listed.map(\.id) == (try await local.listTokens(of: .caller)).map(\.id))
            #expect(listed.first { $0.id == token.id }?.comment == "laptop")
            #expect(try await client.listTokens(of: .everybody).map(\.id) == local.listTokens(of: .everybody).map(\.id))
            try await client.revokeToken(token.id)
            await #expect(throws: ScopeError.self) {
                try await self.client(server, token: token.value.text).currentPrincipal()
            }

            let robot = try await client.createPrincipal(kind: .servicePrincipal, name: "robot")
            let secret = try await client.createClientSecret(for: robot.name, lifetime: .seconds(3600))
            #expect(secret.value.text.hasPrefix("dose"))
            let secrets = try await client.listClientSecrets(of: robot.name)
            #expect(secrets == (try await local.listClientSecrets(of: robot.name)))
            let machine = try DatabricksClient(
                host: client.host,
                credential: .clientSecret(ClientCredentials(clientID: robot.name, clientSecret: secret.value)),
                pool: server.fixture.pool
            )
            #expect(try await machine.currentPrincipal() == robot)
            #expect(try await machine.listScopes().isEmpty)
            // One access token serves both calls.
            #expect(try await server.events(.issueAccessToken).count == 1)
            try await client.deleteClientSecret(secret.id, of: robot.name)
            let error = try await #require(throws: ScopeError.self) { try await machine.listScopes() }
            #expect(error.code == .unauthenticated)
        }
    }

    /// Over TLS, the server's certificate must be from an authority that is trusted.
    @Test func certificateIsVerified() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try await PythonScript.run("certificates.py", arguments: [folder.path, "127.0.0.1"])
        let identity = try TLSIdentity(
            certificatePath: folder.appendingPathComponent("server.pem").path,
            keyPath: folder.appendingPathComponent("server.key").path)
        try await TestServer.serve(identity: identity) { server async throws in
            func principal(_ host: String, trusting certificates: String?) async throws -> Principal {
                var options = DatabricksClient.Options()
                options.certificates = certificates
                return try await DatabricksClient(
                    host: WorkspaceHost("https://\(host):\(server.port)"),
                    credential: .token(server.fixture.secret(server.administrator)),
                    pool: server.fixture.pool,
                    options: options
                ).currentPrincipal()
            }
            let authority = folder.appendingPathComponent("authority.pem").path
            #expect(try await principal("127.0.0.1", trusting: authority).name == TemporaryWorkspace.administrator)
            let untrusted = try await #require(throws: ScopeError.self) {
                try await principal("127.0.0.1", trusting: nil)
            }
            #expect(
                untrusted.message.hasPrefix(
                    "The certificate of the server at https://127.0.0.1:\(server.port) cannot be verified."))
            let error = try await #require(throws: ScopeError.self) {
                try await principal("127.0.0.1", trusting: "/nothing.pem")
            }
            #expect(error.code == .invalidState && error.message.contains("/nothing.pem"))
        }
    }

    /// Whoever has a certificate of an address must not be able to stand in for a host by answering for its name.
    @Test(arguments: [("127.0.0.1", false), ("localhost", true), ("*.localhost", false)])
    func certificateMustBeOfTheNameThatWasAskedFor(name: String, isRight: Bool) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hush-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        _ = try await PythonScript.run("certificates.py", arguments: [folder.path, "127.0.0.1", "::1", name])
        let identity = try TLSIdentity(
            certificatePath: folder.appendingPathComponent("server.pem").path,
            keyPath: folder.appendingPathComponent("server.key").path)
        try await TestServer.serve(identity: identity) { server async throws in
            var options = DatabricksClient.Options()
            options.certificates = folder.appendingPathComponent("authority.pem").path
            let client = try DatabricksClient(
                host: WorkspaceHost("https://localhost:\(server.port)"),
                credential: .token(server.fixture.secret(server.administrator)),
                pool: server.fixture.pool,
                options: options
            )
            if isRight {
                #expect(try await client.currentPrincipal().name == TemporaryWorkspace.administrator)
            } else {
                let error = try await #require(throws: ScopeError.self) { try await client.currentPrincipal() }
                #expect(error.message.contains("cannot be verified"), "\(error)")
            }
        }
    }
}
