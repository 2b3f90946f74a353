import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix

/// What the HTTP library does at best: the requests that a link sends, without a signature, an event and a copy of the
/// answer; with the event loops and the limits that links use.
final class BareClient: Sendable {
    private let client: HTTPClient
    private let address: String

    private init(client: HTTPClient, address: String) {
        self.client = client
        self.address = address
    }

    /// Runs `body` with a client that ends behind it.
    static func running<Success>(
        to address: String, _ body: (BareClient) async throws -> Success
    ) async throws -> Success {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow, decompression: .disabled)
        configuration.httpVersion = .http1Only
        // As many as the transport of vaults has.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 64
        let client = HTTPClient(eventLoopGroup: NIOSingletons.posixEventLoopGroup, configuration: configuration)
        let result: Result<Success, any Error>
        do {
            result = .success(try await body(BareClient(client: client, address: address)))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    /// Asks for a secret's value.
    func get(_ name: String) async throws {
        try await send("GetSecretValue", #"{"SecretId":"\#(name)"}"#)
    }

    /// Asks for all pages of the list, one after the other.
    func list() async throws {
        for page in 0..<CannedAnswers.pages {
            let token = page > 0 ? #","NextToken":"\#(CannedAnswers.token(page))""# : ""
            try await send("ListSecrets", #"{"MaxResults":100\#(token)}"#)
        }
    }

    private func send(_ operation: String, _ body: String) async throws {
        var request = HTTPClientRequest(url: address + "/")
        request.method = .POST
        request.headers = [
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.\(operation)",
        ]
        request.body = .bytes(ByteBuffer(string: body))
        let answer = try await client.execute(request, timeout: .seconds(10))
        _ = try await answer.body.collect(upTo: 1 << 20)
        guard answer.status == .ok else { throw ChildProcessFailure("The vault answered \(answer.status).") }
    }
}
