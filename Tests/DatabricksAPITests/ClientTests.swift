import Foundation
import Glibc
import SecretMemory
import SecretScopes
import Synchronization
import TestPrograms
import Testing

@testable import DatabricksAPI

@Suite struct ClientTests {
    private let pool = SecretPool()

    @Test(arguments: [
        ("http://127.0.0.1:49152", "http://127.0.0.1:49152"),
        ("http://127.0.0.1:49152/api?x#y", "http://127.0.0.1:49152"),
        ("HTTP://127.1.2.3:1/", "http://127.1.2.3:1"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:80", "http://[::1]"),
        ("https://example.cloud.databricks.com/?o=1", "https://example.cloud.databricks.com"),
        ("example.cloud.databricks.com", "https://example.cloud.databricks.com"),
        ("https://hush.example.com:443", "https://hush.example.com"),
        ("hush.example.com:8443", "https://hush.example.com:8443"),
        ("https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"),
    ])
    func hostsAreUnderstoodAsClientsAreGivenThem(text: String, url: String) throws {
        #expect(try WorkspaceHost(text).description == url)
    }

    @Test(arguments: [
        "", "https://", "http://127.0.0.1:0", "http://127.0.0.1:65536", "http://127.0.0.1:+80",
        "https://user@example.com", "http://127.0.0.1:80@example.com", "ftp://127.0.0.1:21",
        "http://127.0.0.1:80\r\nX: y", "https://a b", "https://[::1", "https://[::1]x", "https://[a]",
    ])
    func anythingElseIsRefused(text: String) throws {
        let error = try #require(throws: ScopeError.self) { try WorkspaceHost(text) }
        #expect(error.code == .invalidParameterValue)
        #expect(error.message.hasPrefix("The host is not understood."))
        #expect(!error.message.contains("user"))
    }

    @Test(arguments: [
        "http://10.0.0.1:80", "http://127.0.0.1.example.com:80", "http://127.0.0.256:80", "http://127.0.1:80",
        "http://2130706433:80", "http://example.com", "http://[2001:db8::1]",
    ])
    func aTokenDoesNotTravelInTheClear(text: String) throws {
        let error = try #require(throws: ScopeError.self) { try WorkspaceHost(text) }
        #expect(error.code == .invalidParameterValue)
        #expect(error.message.contains("Use https://."))
    }

    @Test(arguments: ["", "a b", "a\n", "a\r\nX-Evil: 1", "é"])
    func aTokenThatCannotBeOneIsNotSent(token: String) throws {
        let host = try WorkspaceHost("http://127.0.0.1:9")
        let error = try #require(throws: ScopeError.self) {
            try DatabricksClient(host: host, credential: .token(token.secret(in: pool)), pool: pool)
        }
        #expect(error.code == .unauthenticated)
    }

    @Test func aServerThatIsGoneIsNamed() async throws {
        let port = try ListeningSocket().port
        let error = try await #require(throws: ScopeError.self) { try await client(port: port).listScopes() }
        #expect(error.code == .temporarilyUnavailable)
        #expect(error.message.hasPrefix("The server at http://127.0.0.1:\(port) cannot be reached (connect: "))
    }

    @Test func aSilentServerIsLeftWhenTheTaskIsCancelled() async throws {
        let server = try ListeningSocket()
        let client = try client(port: server.port)
        let call = Task { try await client.listScopes() }
        let connection = try #require(try await server.accept())
        defer { close(connection) }
        call.cancel()
        await #expect(throws: CancellationError.self) { try await call.value }
    }

    @Test func aCallOfACancelledTaskDoesNotGoOut() async throws {
        let server = try ListeningSocket()
        let client = try client(port: server.port)
        let call = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await client.listScopes()
        }
        await #expect(throws: CancellationError.self) { try await call.value }
    }

    @Test func anAnswerWithoutEndIsGivenUp() async throws {
        let server = try ListeningSocket()
        let client = try client(port: server.port)
        let call = Task { try await client.listScopes() }
        let connection = try #require(try await server.accept())
        try await offPool {
            let head = "HTTP/1.1 200 OK\r\n\r\n"
            _ = send(connection, head, head.utf8.count, Int32(MSG_NOSIGNAL))
            let junk = [UInt8](repeating: UInt8(ascii: "x"), count: 1024 * 1024)
            // Ends when the client closes the connection.
            while send(connection, junk, junk.count, Int32(MSG_NOSIGNAL)) > 0 {}
            close(connection)
        }
        let error = try await #require(throws: ScopeError.self) { try await call.value }
        #expect(error.message.contains("an answer of more bytes than are accepted"))
    }

    @Test func redirectionsAreNotFollowed() async throws {
        let server = try ListeningSocket()
        let client = try client(port: server.port)
        let call = Task { try await client.listScopes() }
        try await server.answer("HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/login\r\n\r\n")
        let error = try await #require(throws: ScopeError.self) { try await call.value }
        #expect(error.code == .badRequest && error.message.contains("sends clients elsewhere (HTTP status 302)"))
        #expect(!error.message.contains("elsewhere.example"))
    }

    /// The rule of a real server that is busy, with a clock that notes how long it is asked to wait.
    @Test func busyServerIsAskedAgainWhenItSaysWhen() async throws {
        let server = try ListeningSocket()
        let clock = NotingClock()
        let client = try client(port: server.port, clock: clock)
        let call = Task { try await client.listScopes() }
        try await server.answer("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n\r\n")
        try await server.answer("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\n\r\n")
        try await server.answer("HTTP/1.1 200 OK\r\n\r\n{}")
        #expect(try await call.value.isEmpty)
        #expect(clock.waits == [.seconds(7), .seconds(1)])
    }

    @Test(arguments: [
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 61\r\n\r\n", "HTTP/1.1 503 Service Unavailable\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: soon\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nRetry-After: 1\r\n\r\n",
    ])
    func otherFailuresAreToldAtOnce(answer: String) async throws {
        let server = try ListeningSocket()
        let clock = NotingClock()
        let client = try client(port: server.port, clock: clock)
        let call = Task { try await client.listScopes() }
        try await server.answer(answer)
        await #expect(throws: ScopeError.self) { try await call.value }
        #expect(clock.waits.isEmpty)
    }

    @Test func serverThatOnlyTakesIsLeft() async throws {
        let server = try ListeningSocket()
        let client = try client(port: server.port, patience: .milliseconds(100))
        let error = try await #require(throws: ScopeError.self) { try await client.listScopes() }
        #expect(error.message == "The server at http://127.0.0.1:\(server.port) did not answer within 0.1 seconds.")
    }

    private func client(
        port: UInt16, patience: Duration = .seconds(60), clock: any Clock<Duration> = ContinuousClock()
    ) throws -> DatabricksClient {
        let host = try WorkspaceHost("http://127.0.0.1:\(port)")
        var options = DatabricksClient.Options()
        options.patience = patience
        options.clock = clock
        return try DatabricksClient(
            host: host, credential: .token("dapi1".secret(in: pool)), pool: pool, options: options)
    }
}

/// A clock that does not wait, and notes how long it should have.
private final class NotingClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private let noted = Mutex<[Duration]>([])

    var waits: [Duration] { noted.withLock { $0 } }
    let now = ContinuousClock.now
    let minimumResolution = Duration.nanoseconds(1)

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        noted.withLock { $0.append(now.duration(to: deadline)) }
    }
}
