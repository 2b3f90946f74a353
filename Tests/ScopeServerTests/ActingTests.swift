import Logging
import ScopeServer
import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// Administrators act as others, and are recorded as themselves beside.
@Suite(.timeLimit(.minutes(5))) struct ActingTests {
    private static let list = "/api/2.0/secrets/list?scope=payments"
    private static let me = "/api/2.0/preview/scim/v2/Me"

    private func serve(_ body: @Sendable (TestServer) async throws -> Void) async throws {
        try await TestServer.serve { server async throws in
            try await server.fixture.services().createScope(CreateScopeRequest(scope: "payments"))
            try await server.fixture.put("v", scope: "payments", key: "k")
            try await server.fixture.grant(.read, on: "payments", to: "ana@example.com")
            _ = try await server.fixture.services().createPrincipal(kind: .user, name: "bob@example.com")
            try await body(server)
        }
    }

    private func send(
        _ server: TestServer, _ target: String, as principal: String, token: String? = nil
    ) async throws -> RawHTTP.Answer {
        try await server.send("GET", target, token: token, headers: ["X-Hush-Act-As: principal=\(principal)"])
    }

    @Test func permissionsOfTheOtherCountAndBothAreRecorded() async throws {
        try await serve { server in
            #expect(try await send(server, Self.list, as: "ana@example.com").status == 200)
            #expect(try await send(server, Self.list, as: "bob%40example.com").status == 403)
            let events = try await server.events(.listSecrets)
            #expect(events.map(\.actor.name) == ["ana@example.com", "bob@example.com"])
            #expect(events.allSatisfy { $0.actor.runBy == TemporaryWorkspace.administrator })
            let who = try await send(server, Self.me, as: "ana@example.com")
            #expect(who.body.contains(#""userName":"ana@example.com""#))
        }
    }

    @Test func nobodyElseMayAndTheAttemptIsRecorded() async throws {
        try await serve { server in
            let bob = try await server.fixture.token(for: "bob@example.com")
            for name in ["ana@example.com", "nobody"] {
                let answer = try await send(server, Self.list, as: name, token: bob)
                #expect(answer.status == 403)
                #expect(
                    answer.body.contains(
                        "User bob@example.com is not an administrator, which acting as another principal needs."))
            }
            let events = try await server.events(.listSecrets)
            #expect(
                events.count == 2 && events.allSatisfy { $0.actor.name == "bob@example.com" && $0.statusCode == 403 })
        }
    }

    @Test func whoCeasesToBeAdministratorCeasesToActAsOthers() async throws {
        try await serve { server in
            let local = try server.fixture.services()
            try await local.addGroupMember("bob@example.com", to: "admins")
            let bob = try await server.fixture.token(for: "bob@example.com")
            // Also for services that were given out before.
            let gateway = server.fixture.workspace.gateway(accepting: [.personalAccessToken])
            let held = try await gateway.services(
                forToken: server.fixture.secret(bob), actingAs: "ana@example.com", origin: RequestOrigin(surface: .rest)
            )
            _ = try await held.getSecret(scope: "payments", key: "k")
            _ = try await held.getSecret(scope: "payments", key: "k")
            try await local.removeGroupMember("bob@example.com", from: "admins")
            let read = await #expect(throws: ScopeError.self) { try await held.getSecret(scope: "payments", key: "k") }
            #expect(read?.code == .permissionDenied)
            let listed = await #expect(throws: ScopeError.self) { try await held.listSecrets(scope: "payments") }
            #expect(listed?.code == .permissionDenied)
            try await local.addGroupMember("bob@example.com", to: "admins")
            _ = try await held.getSecret(scope: "payments", key: "k")
            try await local.setActive(false, kind: .user, name: "bob@example.com")
            await #expect(throws: ScopeError.self) { try await held.getSecret(scope: "payments", key: "k") }
        }
    }

    @Test(arguments: ["nobody", "admins", "", "%zz"])
    func whoIsNobodyIsRefused(name: String) async throws {
        try await serve { server in
            let answer = try await send(server, Self.list, as: name)
            #expect(answer.status == 400)
            #expect(try await server.events(.listSecrets).map(\.statusCode) == [400])
        }
    }

    /// A run's broker has one principal.
    @Test func brokerLetsNobodyActAsAnother() async throws {
        try await TestServer.run { server async throws in
            let routes = ScopeRoutes(
                gateway: PlainGateway(
                    gateway: server.fixture.workspace.gateway(accepting: [.personalAccessToken])),
                workspace: server.fixture.workspace.id,
                pool: server.fixture.pool
            ) { _ in RequestOrigin(surface: .command) }
            try await LoopbackServer(routes: routes, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                .run { port in
                    let answer = try await RawHTTP.send(
                        "GET", Self.me,
                        headers: ["Authorization: Bearer \(server.administrator)", "X-Hush-Act-As: principal=ana"],
                        body: "", port: port)
                    #expect(answer.status == 400)
                }
        }
    }

    private struct PlainGateway: ServiceGateway {
        let gateway: any ServiceGateway

        func services(forToken token: SecretBytes?, origin: RequestOrigin) async throws -> any WorkspaceServices {
            try await gateway.services(forToken: token, origin: origin)
        }
    }

    /// What a client claims of a run is recorded, as far as it can be shown.
    @Test func claimsAreRecorded() async throws {
        try await serve { server in
            for header in [
                "run=0123abc&notebook=daily.swift&cell=3&reason=redact", "notebook=a%1Bb&cell=0&run=%0A",
                "cell=x&&=&%", String(repeating: "a", count: 3000),
            ] {
                let answer = try await server.send("GET", Self.list, headers: ["X-Hush-Run: \(header)"])
                #expect(answer.status == 200, "\(header)")
            }
            let events = try await server.events(.listSecrets)
            #expect(events.count == 4)
            let claimed = try #require(events.first)
            #expect(claimed.origin.session == "0123abc" && claimed.channel.notebook == "daily.swift")
            #expect(claimed.channel.cell == 3 && claimed.channel.surface == .rest)
            #expect(claimed.parameters.contains { $0.name == "reason" && $0.value == "redact" })
            for event in events.dropFirst() {
                #expect(event.origin.session == nil && event.channel.notebook == nil && event.channel.cell == nil)
            }
        }
    }
}
