import Foundation
import ScopeServer
import SecretMemory
import SecretScopes
import Synchronization
import TestPrograms
import Testing
import Workspace
import WorkspaceFixtures

@Suite struct ServerTests {
    @Test func aRequestKeepsItsIDAndGetsOneOtherwise() async throws {
        try await TestServer.run { server in
            let given = try await server.send(
                "GET", "/api/2.0/secrets/scopes/list", headers: ["X-Request-Id: my-request.1"])
            #expect(given.headers["x-request-id"] == "my-request.1")
            #expect(try await server.events(.listScopes).last?.requestID == "my-request.1")
            for bad in ["", "a b", String(repeating: "x", count: 65)] {
                let answer = try await server.send(
                    "GET", "/api/2.0/secrets/scopes/list", headers: ["X-Request-Id: \(bad)"])
                let id = try #require(answer.headers["x-request-id"])
                #expect(id != bad && id.count == 32)
                #expect(try await server.events(.listScopes).last?.requestID == id)
            }
        }
    }

    @Test func theClientsDescriptionOfItselfIsRecordedWhole() async throws {
        try await TestServer.run { server in
            let agent = "unknown/0.0.0 databricks-sdk-py/0.156.0 python/3.11 os/linux auth/pat dbutils/remote"
            _ = try await server.send("GET", "/api/2.0/secrets/scopes/list", headers: ["User-Agent: \(agent)"])
            #expect(try await server.events(.listScopes).last?.origin.userAgent == agent)
        }
    }

    @Test func theLogHoldsNoValueNoTokenAndNoQuery() async throws {
        let log = CapturedLog()
        try await TestServer.run(logger: log.logger) { server in
            _ = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"visible-scope"}"#)
            let put = #"{"scope":"visible-scope","key":"k","string_value":"hunter2hunter2"}"#
            _ = try await server.post("/api/2.0/secrets/put", put)
            _ = try await server.get("/api/2.0/secrets/get?scope=visible-scope&key=k")
            _ = try await server.get(
                "/api/2.0/secrets/get?scope=visible-scope&key=k&token=hunter2hunter2", token: "dapi0")
            _ = try await server.get("/hunter2hunter2")
            #expect(log.text.contains("/api/2.0/secrets/get"))
            for secret in [server.administrator, "hunter2", "aHVudGVyMmh1bnRlcjI=", "visible-scope"] {
                #expect(!log.text.contains(secret))
            }
        }
    }

    @Test func noMessageMakesClientsTryAgain() async throws {
        let phrases = [
            "Unexpected error", "Please try again later or try a faster operation",
            "RPC token bucket limit has been exceeded", "ClusterNotReadyException", "Timed out after ",
            "deadline exceeded", "worker env", "REQUEST_LIMIT_EXCEEDED", "does not have any associated worker",
        ]
        try await TestServer.run { server in
            _ = try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"s"}"#)
            let answers = [
                try await server.get("/api/2.0/secrets/get?scope=s&key=k"), try await server.get("/nothing"),
                try await server.post("/api/2.0/secrets/put", "{"), try await server.post("/api/2.0/secrets/put", "{}"),
                try await server.get("/api/2.0/secrets/list?scope=missing"),
                try await server.get("/api/2.0/secrets/scopes/list", token: "dapi0"),
                try await server.post("/api/2.0/secrets/scopes/create", #"{"scope":"s"}"#),
            ]
            for answer in answers {
                #expect(answer.status >= 400)
                #expect(!phrases.contains { answer.body.localizedCaseInsensitiveContains($0) }, "\(answer.body)")
            }
        }
    }

    @Test func aRequestUnderWayEndsBeforeTheServerDoes() async throws {
        let fixture = try await TemporaryWorkspace()
        let token = try await fixture.token(for: TemporaryWorkspace.administrator)
        let gate = Gate()
        let gateway = SlowGateway(
            gateway: fixture.workspace.gateway(accepting: [.personalAccessToken]), gate: gate)
        // On a busy machine it takes its time until the door is closed.
        let server = LoopbackServer(
            routes: TestServer.routes(gateway: gateway, fixture), logger: CapturedLog().logger, patience: .seconds(300))
        let answer = try await server.run { port in
            let call = Task {
                try await RawHTTP.send(
                    "GET", "/api/2.0/secrets/scopes/list", headers: ["Authorization: Bearer \(token)"], port: port)
            }
            await gate.waitForArrival()
            // The work ends here, while the request waits in the gateway. It goes on when the server has closed its door.
            Task {
                while (try? await offPool { try RawHTTP.Connection(port: port) }) != nil {}
                gate.open()
            }
            return call
        }.value
        #expect(answer.status == 200)
    }

    @Test func aRequestThatNeverEndsDoesNotKeepTheServer() async throws {
        let fixture = try await TemporaryWorkspace()
        let token = try await fixture.token(for: TemporaryWorkspace.administrator)
        let gateway = fixture.workspace.gateway(accepting: [.personalAccessToken])
        let server = LoopbackServer(
            routes: TestServer.routes(gateway: gateway, fixture),
            logger: CapturedLog().logger,
            patience: .milliseconds(100)
        )
        let connection = try await server.run { port in
            let connection = try RawHTTP.Connection(port: port)
            let head = "POST /api/2.0/secrets/put HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(token)\r\n"
            try connection.send(Array((head + "Content-Length: 100\r\n\r\n{").utf8))
            return connection
        }
        _ = connection
    }

    @Test func theServerIsGoneWhenTheWorkIsDone() async throws {
        struct Failed: Error {}
        let port = try await TestServer.run { $0.port }
        await #expect(throws: RawHTTP.Failure.self) { try await RawHTTP.send("GET", "/", port: port) }
        let failing = Mutex(0)
        await #expect(throws: Failed.self) {
            try await TestServer.run { server in
                failing.withLock { $0 = server.port }
                throw Failed()
            }
        }
        await #expect(throws: RawHTTP.Failure.self) {
            try await RawHTTP.send("GET", "/", port: failing.withLock { $0 })
        }
    }

    /// NIO ends the process when an accepted connection is dropped while it is open.
    @Test func aServerThatStopsWhileClientsConnectDropsNone() async throws {
        let fixture = try await TemporaryWorkspace()
        let gateway = fixture.workspace.gateway(accepting: [.personalAccessToken])
        let routes = TestServer.routes(gateway: gateway, fixture)
        for _ in 0..<8 {
            let server = LoopbackServer(routes: routes, logger: CapturedLog().logger, patience: .milliseconds(100))
            let clients = try await server.run { port in
                let clients = (0..<2).map { _ in
                    Task {
                        try? await offPool {
                            // Ends when the server's door is closed.
                            while true { _ = try RawHTTP.Connection(port: port) }
                        }
                    }
                }
                for _ in 0..<2 { _ = try await RawHTTP.send("GET", "/", port: port) }
                return clients
            }
            for client in clients { await client.value }
        }
    }

    @Test func cancellingTheWorkEndsTheServer() async throws {
        let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
        let work = Task {
            try await TestServer.run { server in
                continuation.yield(server.port)
                try await Task.sleep(for: .seconds(3600))
            }
        }
        let port = try #require(await ports.first { _ in true })
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        await #expect(throws: RawHTTP.Failure.self) { try await RawHTTP.send("GET", "/", port: port) }
    }

    @Test func aServerOfACancelledTaskDoesNotStart() async throws {
        let work = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await TestServer.run { _ in Issue.record("the work must not start") }
        }
        await #expect(throws: (any Error).self) { try await work.value }
    }

    @Test func theServerListensOnOneAddressOnly() async throws {
        try await TestServer.run { server in
            _ = try await offPool { try RawHTTP.Connection(port: server.port) }
            // A server that listened on every address would also answer here.
            await #expect(throws: RawHTTP.Failure.self) {
                try await offPool { try RawHTTP.Connection(port: server.port, address: 0x7F00_0002) }
            }
        }
    }
}

/// Holds requests until it is opened, and tells when the first one came.
private final class Gate: Sendable {
    private let arrivals = AsyncStream.makeStream(of: Void.self)
    private let openings = AsyncStream.makeStream(of: Void.self)

    func arrive() async {
        arrivals.continuation.yield()
        for await _ in openings.stream { return }
    }

    func waitForArrival() async {
        for await _ in arrivals.stream { return }
    }

    func open() {
        openings.continuation.yield()
    }
}

/// A real gateway behind a gate.
private struct SlowGateway: ServiceGateway {
    let gateway: any ServiceGateway
    let gate: Gate

    func services(forToken token: SecretBytes?, origin: RequestOrigin) async throws -> any WorkspaceServices {
        await gate.arrive()
        return try await gateway.services(forToken: token, origin: origin)
    }
}
