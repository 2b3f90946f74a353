import NIOCore
import NIOEmbedded
import SecretMemory
import Testing

@testable import DatabricksAPI

/// The framing of answers, and what of it lets a connection be used again.
@Suite struct ExchangeTests {
    private let pool = SecretPool()

    /// What comes of an answer that arrives in pieces of so many bytes and after which the connection ends.
    private func outcome(_ text: String, pieces: Int) async throws -> HTTPExchange.Outcome {
        let channel = EmbeddedChannel()
        let outcome = channel.eventLoop.makePromise(of: HTTPExchange.Outcome.self)
        let request = PreparedRequest(method: "GET", message: "GET / HTTP/1.1\r\n\r\n".secret(in: pool))
        let exchange = HTTPExchange(
            request: request, pool: pool, limit: 1000, patience: .seconds(60), outcome: outcome)
        try HTTPExchangeHandler.install(in: channel.pipeline.syncOperations, first: exchange)
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).get()
        #expect(try channel.readOutbound(as: ByteBuffer.self) == ByteBuffer(string: "GET / HTTP/1.1\r\n\r\n"))
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            // What the decoder does not understand goes to the exchange.
            _ = try? channel.writeInbound(ByteBuffer(bytes: rest.prefix(pieces)))
            rest = rest.dropFirst(pieces)
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return try await outcome.futureResult.get()
    }

    @Test(
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true),
            ("HTTP/1.1 404 Not Found\r\ncontent-length:   0\r\nX: y:z\r\n\r\n", 404, "", true),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
            ("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", false),
            ("HTTP/1.1 503 \r\n\r\nbody to the end", 503, "body to the end", false),
            ("HTTP/1.0 200 OK\r\n\r\n", 200, "", false),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\nA;x=y\r\n\"a\":\"b\\n\"}\r\n0\r\n\r\n",
                200,
                "{\"a\":\"b\\n\"}", true
            ),
            ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true),
        ], [1, 7, 1000])
    func answersAreRead(
        row: (text: String, status: Int, body: String, leavesConnection: Bool), pieces: Int
    ) async throws {
        let outcome = try await outcome(row.text, pieces: pieces)
        #expect(outcome.answer.status == row.status)
        #expect(outcome.answer.withBody { $0.withUnsafeBytes { String(decoding: $0, as: UTF8.self) } } == row.body)
        // An answer that ends with its connection cannot say that it is kept.
        if row.body != "body to the end" { #expect(outcome.leavesConnection == row.leavesConnection) }
    }

    @Test(arguments: [
        "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}", "SSH-2.0-OpenSSH\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + String(repeating: "x", count: 1001),
        "HTTP/1.1 100 Continue\r\n\r\n",
        "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n",
    ])
    func answersThatAreCutOrForeignAreRefused(text: String) async throws {
        for pieces in [1, 7, 1000] {
            await #expect(throws: (any Error).self) { _ = try await outcome(text, pieces: pieces) }
        }
    }
}
