import Glibc
import SecretMemory
import SecretScopes
import TestPrograms
import Testing

@testable import DatabricksAPI

/// Connections that calls leave to one another.
@Suite struct KeptConnectionTests {
    private static let empty = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    private let pool = SecretPool()

    private func client(of server: ListeningSocket) throws -> DatabricksClient {
        try DatabricksClient(
            host: WorkspaceHost("http://127.0.0.1:\(server.port)"), credential: .token("dapi1".secret(in: pool)),
            pool: pool)
    }

    @Test func callsOneAfterAnotherShareAConnection() async throws {
        let server = try ListeningSocket()
        let client = try client(of: server)
        async let answered: Void = server.answer(Self.empty, Self.empty, Self.empty)
        for _ in 1...3 { #expect(try await client.listScopes().isEmpty) }
        try await answered
    }

    @Test func callsAtOnceHaveConnectionsOfTheirOwn() async throws {
        let server = try ListeningSocket()
        let client = try client(of: server)
        let calls = [Task { try await client.listScopes() }, Task { try await client.listScopes() }]
        let connections = [try #require(try await server.accept()), try #require(try await server.accept())]
        for connection in connections { try await ListeningSocket.answer(Self.empty, on: connection) }
        for call in calls { #expect(try await call.value.isEmpty) }
        for connection in connections { close(connection) }
    }

    @Test func aConnectionThatTheServerEndedIsReplaced() async throws {
        let server = try ListeningSocket()
        let client = try client(of: server)
        for _ in 1...3 {
            async let answered: Void = server.answer(Self.empty)
            #expect(try await client.listScopes().isEmpty)
            try await answered
        }
    }

    /// Whether it was done is not known, so it is not done again.
    @Test func aChangeThatGotNoAnswerIsNotSentTwice() async throws {
        let server = try ListeningSocket()
        let client = try client(of: server)
        let call = Task {
            _ = try await client.listScopes()
            try await client.deleteScope("payments")
        }
        let connection = try #require(try await server.accept())
        try await ListeningSocket.answer(Self.empty, on: connection)
        try await offPool {
            var bytes = [UInt8](repeating: 0, count: 4096)
            #expect(recv(connection, &bytes, bytes.count, 0) > 0)
            close(connection)
        }
        let error = try await #require(throws: ScopeError.self) { try await call.value }
        #expect(error.message.hasSuffix("closed the connection without an answer."))
    }

    @Test func aQuestionThatGotNoAnswerIsAskedOnceMore() async throws {
        let server = try ListeningSocket()
        let client = try client(of: server)
        let call = Task {
            _ = try await client.listScopes()
            return try await client.listScopes()
        }
        let connection = try #require(try await server.accept())
        try await ListeningSocket.answer(Self.empty, on: connection)
        try await offPool {
            var bytes = [UInt8](repeating: 0, count: 4096)
            #expect(recv(connection, &bytes, bytes.count, 0) > 0)
            close(connection)
        }
        try await server.answer(Self.empty)
        #expect(try await call.value.isEmpty)
    }
}
