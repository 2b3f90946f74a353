import Foundation
import Hummingbird
import ScopeServer
import SecretScopes
import Synchronization
import Testing
import Workspace
import WorkspaceFixtures

@testable import DatabricksAPI

/// What those who run a server rely on.
@Suite struct OperationTests {
    /// A clock that stands until it is moved.
    private final class Clock: WallClock {
        private let time = Mutex(Timestamp(rawValue: 1_800_000_000_000))

        func now() -> Timestamp { time.withLock { $0 } }
        func move(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
    }

    @Test func tooManyWrongLoginsOfAnAddressAreSlowed() async throws {
        let clock = Clock()
        try await TestServer.serve(clock: clock) { server async throws in
            func attempt() async throws -> RawHTTP.Answer {
                try await server.get("/api/2.0/secrets/scopes/list", token: "dapi0")
            }
            for _ in 0..<10 { #expect(try await attempt().outcome == "401 UNAUTHENTICATED") }
            let slowed = try await attempt()
            #expect(slowed.outcome == "429 REQUEST_LIMIT_EXCEEDED")
            #expect(slowed.headers["retry-after"] == "6")
            // Whoever has a valid token is served all the same.
            #expect(try await server.get("/api/2.0/secrets/scopes/list").status == 200)
            clock.move(by: .seconds(6))
            #expect(try await attempt().status == 401)
            #expect(try await attempt().status == 429)
            let metrics = try await RawHTTP.send("GET", "/metrics", port: server.port).body
            #expect(metrics.contains("\nhush_rejected_logins_total 13\n"))
            #expect(metrics.contains("\nhush_slowed_requests_total 2\n"))
        }
    }

    @Test func addressThatAHeaderClaimsIsNotBelieved() async throws {
        try await TestServer.serve(clock: Clock()) { server async throws in
            var statuses: [Int] = []
            for number in 0..<12 {
                let answer = try await server.send(
                    "GET", "/api/2.0/secrets/scopes/list", token: "dapi0",
                    headers: ["X-Forwarded-For: 192.0.2.\(number)", "Forwarded: for=192.0.2.\(number)"])
                statuses.append(answer.status)
            }
            #expect(statuses == [Int](repeating: 401, count: 10) + [429, 429])
            #expect(try await server.events(.authenticate).allSatisfy { $0.origin.address == "127.0.0.1" })
        }
    }

    @Test(arguments: [
        ([], "127.0.0.1"), (["X-Forwarded-For: 192.0.2.7"], "192.0.2.7"),
        // What a client put in front of what the proxies added says nothing.
        (["X-Forwarded-For: 198.51.100.1, 192.0.2.7"], "192.0.2.7"),
        (["X-Forwarded-For: 198.51.100.1, 192.0.2.7, 10.0.0.9"], "192.0.2.7"),
        (["X-Forwarded-For: 198.51.100.1", "X-Forwarded-For: 192.0.2.7 ,10.0.0.9"], "192.0.2.7"),
        (["X-Forwarded-For: 2001:DB8:0:0::7"], "2001:db8::7"),
        (["X-Forwarded-For: 192.0.2.7, nonsense"], "127.0.0.1"), (["X-Forwarded-For: "], "127.0.0.1"),
        (["X-Forwarded-For: 10.0.0.9"], "127.0.0.1"),
    ])
    func trustedProxyTellsTheClientsAddress(headers: [String], address: String) async throws {
        let proxies = try #require(TrustedProxies("127.0.0.1, 10.0.0.9"))
        try await TestServer.serve(proxies: proxies) { server async throws in
            _ = try await server.send("GET", "/api/2.0/secrets/scopes/list", headers: headers)
            #expect(try await server.events(.listScopes).map(\.origin.address) == [address])
        }
    }

    @Test(arguments: ["", "127.0.0.1,", "localhost", "10.0.0.0/8", "::g"])
    func whatIsNoAddressIsNoTrustedProxy(text: String) {
        #expect(TrustedProxies(text) == nil)
    }

    @Test func principalsAskSoManyTimesASecond() async throws {
        let clock = Clock()
        try await TestServer.serve(clock: clock, requestsPerSecond: 3) { server async throws in
            let other = try await server.fixture.services().createPrincipal(kind: .user, name: "ana@example.com")
            let ana = try await server.fixture.token(for: other.name)
            // Two tokens of one principal share what it may ask for.
            let second = try await server.fixture.token(for: TemporaryWorkspace.administrator)
            func attempt(_ token: String? = nil) async throws -> RawHTTP.Answer {
                try await server.get("/api/2.0/secrets/scopes/list", token: token)
            }
            for token in [nil, second, nil] { #expect(try await attempt(token).status == 200) }
            for token in [nil, second, nil, nil] {
                let refused = try await attempt(token)
                #expect(refused.outcome == "429 REQUEST_LIMIT_EXCEEDED")
                #expect(refused.headers["retry-after"] == "1")
            }
            for _ in 0..<3 { #expect(try await attempt(ana).status == 200) }
            // Also for what there is not, and in the one form that the description tells of.
            #expect(try await server.get("/api/2.0/nothing").outcome == "429 REQUEST_LIMIT_EXCEEDED")
            let directory = try await server.get("/api/2.0/preview/scim/v2/Users")
            #expect(directory.outcome == "429 REQUEST_LIMIT_EXCEEDED")
            clock.move(by: .seconds(1))
            for _ in 0..<3 { #expect(try await attempt().status == 200) }
            #expect(try await attempt().status == 429)
            // One event for a minute, and later one with the number of the others.
            let limited = try await server.events(.authenticate)
            #expect(limited.map(\.statusCode) == [429])
            #expect(limited.first?.actor.name == TemporaryWorkspace.administrator)
            clock.move(by: .seconds(60))
            for _ in 0..<4 { _ = try await attempt() }
            let numbers = try await server.events(.authenticate).map { $0.parameters.first?.value }
            #expect(numbers == ["1", "7"])
            // Strangers are not what this is about.
            #expect(try await attempt("dapi0").status == 401)
        }
    }

    @Test func metricsCountRequestsAndNameNothing() async throws {
        try await TestServer.serve { server async throws in
            try await server.makeScope("payments")
            try await server.put("tok_live_5f2a", scope: "payments", key: "api-key")
            for _ in 0..<3 { _ = try await server.ask("get?scope=payments&key=api-key") }
            _ = try await server.ask("get?scope=payments&key=nothing")
            _ = try await server.get("/api/made-up/\(UUID().uuidString)")
            let answer = try await RawHTTP.send("GET", "/metrics", port: server.port)
            #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            let lines = answer.body.split(separator: "\n").map(String.init)
            let get = "hush_http_requests_total{method=\"GET\",route=\"/api/2.0/secrets/get\","
            #expect(lines.contains(get + "status=\"200\"} 3"))
            #expect(lines.contains(get + "status=\"404\"} 1"))
            #expect(lines.contains("hush_http_requests_total{method=\"other\",route=\"none\",status=\"404\"} 1"))
            #expect(lines.contains("hush_http_request_duration_seconds_count 7"))
            #expect(lines.contains("hush_http_request_duration_seconds_bucket{le=\"+Inf\"} 7"))
            // This request itself.
            #expect(lines.contains("hush_http_requests_under_way 1"))
            for name in ["payments", "api-key", "root@", "made-up", server.administrator] {
                #expect(!answer.body.contains(name))
            }
        }
    }

    @Test func metricsTellOfTheEngine() async throws {
        let fixture = Mutex<TemporaryWorkspace?>(nil)
        let metrics = ServerMetrics { fixture.withLock { $0?.workspace.figures ?? EngineFigures() } }
        try await TestServer.serve(metrics: metrics) { server async throws in
            fixture.withLock { $0 = server.fixture }
            try await server.makeScope("payments")
            try await server.put("tok_live_5f2a", scope: "payments", key: "api-key")
            for _ in 0..<3 { _ = try await server.ask("get?scope=payments&key=api-key") }
            let text = try await RawHTTP.send("GET", "/metrics", port: server.port).body
            let lines = text.split(separator: "\n").map(String.init)
            #expect(lines.contains("hush_audit_queue_depth 0"))
            #expect(lines.contains("hush_cache_hits_total 2"))
            #expect(lines.contains("hush_cache_misses_total 1"))
            let count = try #require(lines.first { $0.hasPrefix("hush_audit_commit_duration_seconds_count ") })
            #expect(Int(count.split(separator: " ")[1]).map { $0 >= 5 } == true)
            #expect(lines.contains("# TYPE hush_audit_commit_duration_seconds histogram"))
        }
    }

    @Test func healthTellsWhetherTheWorkspaceCanBeUsed() async throws {
        try await TestServer.serve { server async throws in
            let answer = try await RawHTTP.send("GET", "/health", port: server.port)
            #expect(answer.status == 200 && answer.body == #"{"live":true,"ready":true}"#)
        }
        let log = CapturedLog()
        let full: @Sendable () async throws -> Void = {
            throw ScopeError(.temporarilyUnavailable, "The disk that holds /home/ana/hush.db is full.")
        }
        try await TestServer.serve(logger: log.logger, readiness: full) { server async throws in
            let answer = try await RawHTTP.send("GET", "/health", port: server.port)
            #expect(answer.status == 503)
            #expect(answer.body == #"{"live":true,"ready":false,"reason":"TEMPORARILY_UNAVAILABLE"}"#)
            #expect(log.text.contains("The disk that holds /home/ana/hush.db is full."))
        }
    }

    @Test func logTellsOfRequestsWithoutWhatTheyHold() async throws {
        let log = CapturedLog()
        try await TestServer.serve(logger: log.logger) { server async throws in
            try await server.makeScope("payments")
            try await server.put("tok_live_5f2a", scope: "payments", key: "api-key")
            _ = try await server.ask("get?scope=payments&key=api-key")
            let made = try await server.post("/api/2.0/token/create", #"{"comment":"laptop"}"#)
            let token = try #require(made.member("token_value"))
            let answer = try await server.send(
                "GET", "/api/2.0/secrets/scopes/list", headers: ["X-Request-Id: request-7"])
            #expect(answer.headers["x-request-id"] == "request-7")
            #expect(log.text.contains("request-7"))
            #expect(log.text.contains("\"route\": /api/2.0/token/create"))
            for secret in ["tok_live", "dG9rX2xpdmVf", token, server.administrator, "scope=payments", "laptop"] {
                #expect(!log.text.contains(secret), "\(secret)")
            }
        }
    }

    /// The description and the router tell of the same calls.
    @Test func everyRouteIsDescribedAndEveryDescriptionIsARoute() async throws {
        let fixture = try await TemporaryWorkspace()
        let routes = WorkspaceRoutes(
            gateway: fixture.workspace.gateway(accepting: []), workspace: fixture.workspace.id, pool: fixture.pool,
            readiness: Readiness {})
        let found = Set(routes.makeRouter().routes.map { "\($0.method.rawValue) \($0.path.description)" })
        let described = APIDescription.calls.map { "\($0.method) \($0.path)" }
        #expect(found == Set(described))
        #expect(described.count == Set(described).count)
    }

    @Test func descriptionIsServedAsOpenAPI() async throws {
        try await TestServer.serve { server async throws in
            let answer = try await RawHTTP.send("GET", "/api/2.0/hush/openapi.json", port: server.port)
            let document = try #require(answer.json)
            #expect(answer.status == 200 && document["openapi"] as? String == "3.1.0")
            let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
            var identifiers: Set<String> = []
            for call in APIDescription.calls {
                let operation = try #require(paths[call.path]?[call.method.lowercased()], "\(call.path)")
                let answers = try #require(operation["responses"] as? [String: Any])
                #expect(answers["\(call.status)"] != nil)
                #expect(
                    call.isOpen == ((operation["security"] as? [Any])?.isEmpty ?? false)
                        || call.path.hasSuffix("/token"))
                #expect(call.isOpen || answers["401"] != nil)
                let identifier = try #require(operation["operationId"] as? String)
                #expect(identifiers.insert(identifier).inserted, "\(identifier)")
            }
            #expect(paths.values.map(\.count).reduce(0, +) == APIDescription.calls.count)
        }
    }

    /// Every call that the description marks as closed is.
    @Test func everyDescribedCallNeedsACredentialUnlessItIsOpen() async throws {
        try await TestServer.serve(clock: Clock()) { server async throws in
            for call in APIDescription.calls {
                let path = call.path.replacing("{id}", with: "0").replacing("{token_id}", with: "0")
                let answer = try await RawHTTP.send(
                    call.method, path, body: call.body == nil ? "" : "{}", port: server.port)
                let expected: Set<Int> =
                    call.isOpen ? [200] : call.path.hasSuffix("/v1/token") ? [400] : [401, 429]
                #expect(expected.contains(answer.status), "\(call.method) \(path): \(answer)")
            }
        }
    }
}
