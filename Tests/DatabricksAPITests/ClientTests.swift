import Foundation
import Glibc
import SecretMemory
import SecretScopes
import Testing

@testable import DatabricksAPI

@Suite struct ClientTests {
    private let pool = SecretPool()

    @Test(arguments: [
        "http://127.0.0.1:49152", "http://127.0.0.1:49152/", "http://127.0.0.1:49152/api?x#y", "HTTP://127.1.2.3:1",
        "http://localhost:8080",
    ])
    func aLoopbackAddressIsAccepted(text: String) {
        #expect(throws: Never.self) { try WorkspaceHost(text) }
    }

    @Test(arguments: [
        "", "127.0.0.1:80", "https://127.0.0.1:443", "https://example.cloud.databricks.com", "http://127.0.0.1",
        "http://127.0.0.1:0", "http://127.0.0.1:65536", "http://127.0.0.1:+80", "http://10.0.0.1:80",
        "http://127.0.0.1.example.com:80", "http://127.0.0.256:80", "http://127.0.1:80", "http://2130706433:80",
        "http://user@127.0.0.1:80", "http://127.0.0.1:80@example.com", "http://[::1]:80", "ftp://127.0.0.1:21",
        "http://127.0.0.1:80\r\nX: y",
    ])
    func anythingElseIsRefused(text: String) throws {
        let error = try #require(throws: ScopeError.self) { try WorkspaceHost(text) }
        #expect(error.code == .invalidParameterValue)
        #expect(!error.message.contains("user"))
    }

    @Test(arguments: ["", "a b", "a\n", "a\r\nX-Evil: 1", "é"])
    func aTokenThatCannotBeOneIsNotSent(token: String) throws {
        let host = try WorkspaceHost("http://127.0.0.1:9")
        let error = try #require(throws: ScopeError.self) {
            try DatabricksClient(host: host, token: token.secret(in: pool), pool: pool)
        }
        #expect(error.code == .unauthenticated)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}"),
        ("HTTP/1.1 404 Not Found\r\ncontent-length:   0\r\nX: y:z\r\n\r\n", 404, ""),
        ("HTTP/1.1 503 \r\n\r\nbody to the end", 503, "body to the end"),
        ("HTTP/1.0 200\r\n\r\n", 200, ""),
    ])
    func answersAreRead(text: String, status: Int, body: String) throws {
        let answer = try #require(HTTPAnswer(parsing: text.secret(in: pool)))
        #expect(answer.status == status)
        #expect(answer.withBody { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } } == body)
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n",
    ])
    func answersThatAreCutOrForeignAreRefused(text: String) {
        #expect(HTTPAnswer(parsing: text.secret(in: pool)) == nil)
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
        let connection = try #require(await server.accept())
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
        let connection = try #require(await server.accept())
        await offPool {
            let junk = [UInt8](repeating: UInt8(ascii: "x"), count: 1024 * 1024)
            // Ends when the client closes the connection.
            while send(connection, junk, junk.count, Int32(MSG_NOSIGNAL)) > 0 {}
            close(connection)
        }
        let error = try await #require(throws: ScopeError.self) { try await call.value }
        #expect(error.message.contains("an answer of more than 8388608 bytes"))
    }

    private func client(port: UInt16) throws -> DatabricksClient {
        let host = try WorkspaceHost("http://127.0.0.1:\(port)")
        return try DatabricksClient(host: host, token: "dapi1".secret(in: pool), pool: pool)
    }
}

/// A socket that listens on a free port of this machine until it goes.
private final class ListeningSocket: Sendable {
    struct Unavailable: Error {}

    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                let bound = bind(descriptor, pointer, length)
                return bound == 0 ? getsockname(descriptor, pointer, &length) : bound
            }
        }
        guard status == 0, listen(descriptor, 4) == 0 else {
            close(descriptor)
            throw Unavailable()
        }
        self.descriptor = descriptor
        self.port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(descriptor)
    }

    /// Waits for a connection.
    func accept() async -> Int32? {
        let connection = await offPool { Glibc.accept(self.descriptor, nil, nil) }
        return connection >= 0 ? connection : nil
    }
}

/// Does work that waits on a thread of its own: waiting on the threads that tasks share, the tests would stop the very
/// tasks that they wait for.
private func offPool<Result: Sendable>(_ work: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: work()) }
    }
}
