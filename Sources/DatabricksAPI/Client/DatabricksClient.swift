public import SecretMemory
public import SecretScopes

/// The services of a workspace over its REST API, as the bearer of a token.
///
/// A `hush` that is started inside a run uses it to talk to the run's broker, so far the only server it can reach:
/// plain HTTP on this machine. Every call uses a connection and a thread of its own. Cancelling the calling task ends the call.
///
/// ```swift
/// let pool = SecretPool()
/// let token = SecretBytes(copying: Array("dapi…".utf8).span.bytes, in: pool)
/// let host = try WorkspaceHost("http://127.0.0.1:49152")
/// let workspace = try DatabricksClient(host: host, token: token, pool: pool)
/// let password = try await workspace.getSecret(scope: "payments", key: "database-password").value
/// ```
public final class DatabricksClient: SecretService {
    /// The most bytes of an answer: far above a scope's 1,000 secrets, and low enough not to exhaust memory.
    private static let largestAnswer = 8 * 1024 * 1024

    private let host: WorkspaceHost
    private let token: SecretBytes
    private let pool: SecretPool
    private let userAgent: String
    private let patience: Duration

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - host: The server.
    ///   - token: The bearer token.
    ///   - pool: Where values live.
    ///   - userAgent: What the audit record shows as the client's description of itself.
    ///   - patience: How long the server may be silent before a call fails, in whole seconds.
    /// - Throws: ``SecretScopes/ScopeError`` with `UNAUTHENTICATED` when the token is empty or has characters that no
    ///   token has, such as a line break from a file.
    public init(
        host: WorkspaceHost,
        token: SecretBytes,
        pool: SecretPool,
        userAgent: String = "hush",
        patience: Duration = .seconds(60)
    ) throws(ScopeError) {
        let isToken = token.withBytes { bytes in
            bytes.byteCount > 0
                && (0..<bytes.byteCount).allSatisfy {
                    (0x21...0x7E).contains(bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self))
                }
        }
        guard isToken else {
            throw ScopeError(
                .unauthenticated,
                "The token is empty or has characters that no token has. Look at DATABRICKS_TOKEN."
            )
        }
        self.host = host
        self.token = token
        self.pool = pool
        self.userAgent = userAgent
        self.patience = patience
    }

    /// Creates a scope.
    public func createScope(_ request: CreateScopeRequest) async throws {
        _ = try await call(.createScope, body: request.json)
    }

    /// Deletes a scope with its secrets and its ACL.
    public func deleteScope(_ scope: String) async throws {
        _ = try await call(.deleteScope, body: ScopeParameters(scope: scope).json)
    }

    /// Lists all scopes by name.
    public func listScopes() async throws -> [SecretScope] {
        try decode(try await call(.listScopes), AnswerDecoding.scopes)
    }

    /// Stores a value, replacing the one that is there.
    public func putSecret(_ request: PutSecretRequest) async throws {
        var body = SecretBuffer(in: pool)
        try request.appendJSON(to: &body)
        _ = try await send(message(.putSecret, body: body.finish()))
    }

    /// Deletes a secret.
    public func deleteSecret(scope: String, key: String) async throws {
        _ = try await call(.deleteSecret, body: SecretParameters(scope: scope, key: key).json)
    }

    /// Lists the names of a scope's secrets.
    public func listSecrets(scope: String) async throws -> [SecretMetadata] {
        let query = ScopeParameters(scope: scope).query
        return try decode(try await call(.listSecrets, query: query), AnswerDecoding.secrets)
    }

    /// Reads a value. Its version is not told over the wire and so is 0.
    public func getSecret(scope: String, key: String) async throws -> Secret {
        let answer = try await call(.getSecret, query: SecretParameters(scope: scope, key: key).query)
        return try decode(answer) { body throws(AnswerNotUnderstood) in try AnswerDecoding.secret(body, pool: pool) }
    }

    /// Grants a permission, replacing what the principal was granted before.
    public func putACL(scope: String, principal: String, permission: String) async throws {
        let parameters = PutACLParameters(scope: scope, principal: principal, permission: permission)
        _ = try await call(.putACL, body: parameters.json)
    }

    /// Takes away what a principal was granted.
    public func deleteACL(scope: String, principal: String) async throws {
        _ = try await call(.deleteACL, body: ACLParameters(scope: scope, principal: principal).json)
    }

    /// What a principal was granted directly.
    public func getACL(scope: String, principal: String) async throws -> ACLItem {
        let query = ACLParameters(scope: scope, principal: principal).query
        return try decode(try await call(.getACL, query: query), AnswerDecoding.acl)
    }

    /// Everything that was granted, by principal.
    public func listACLs(scope: String) async throws -> [ACLItem] {
        let query = ScopeParameters(scope: scope).query
        return try decode(try await call(.listACLs, query: query), AnswerDecoding.acls)
    }

    /// Whom the token stands for.
    public func currentPrincipal() async throws -> Principal {
        try decode(try await call(.currentPrincipal), AnswerDecoding.principal)
    }

    private func call(
        _ endpoint: Endpoint,
        query: QueryParameters = QueryParameters(),
        body: [UInt8]? = nil
    ) async throws -> HTTPAnswer {
        let body = body.map { SecretBytes(copying: $0.span.bytes, in: pool) }
        return try await send(message(endpoint, query: query, body: body))
    }

    /// The bytes of a request. They hold the token, and for `putSecret` a value.
    private func message(
        _ endpoint: Endpoint,
        query: QueryParameters = QueryParameters(),
        body: SecretBytes?
    ) -> SecretBytes {
        var message = SecretBuffer(in: pool)
        let target = query.encoded.isEmpty ? endpoint.path : endpoint.path + "?" + query.encoded
        message.append(text: "\(endpoint.hasBody ? "POST" : "GET") \(target) HTTP/1.1\r\n")
        message.append(text: "Host: \(host.authority)\r\nConnection: close\r\nAccept: application/json\r\n")
        message.append(text: "User-Agent: \(userAgent)\r\nAuthorization: Bearer ")
        token.withBytes { message.append($0) }
        message.append(text: "\r\n")
        if let body {
            message.append(text: "Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n")
            body.withBytes { message.append($0) }
        } else {
            message.append(text: "\r\n")
        }
        return message.finish()
    }

    private func send(_ message: SecretBytes) async throws -> HTTPAnswer {
        let connection = HTTPConnection(to: host, patience: patience)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                do throws(SystemCallError) {
                    try BlockingThread.detach { [pool] in
                        let result = Result { () throws(HTTPConnection.Failure) in
                            try connection.exchange(message, pool: pool, limit: Self.largestAnswer)
                        }
                        continuation.resume(returning: result)
                    }
                } catch {
                    continuation.resume(returning: .failure(.system(error)))
                }
            }
        } onCancel: {
            connection.cancel()
        }
        let content = try result.mapError(error).get()
        guard let answer = HTTPAnswer(parsing: content) else { throw notUnderstood }
        guard answer.status == 200 else {
            throw answer.withBody { AnswerDecoding.error(status: answer.status, $0) }
        }
        return answer
    }

    private func decode<Value>(
        _ answer: HTTPAnswer,
        _ reader: (RawSpan) throws(AnswerNotUnderstood) -> Value
    ) throws -> Value {
        do {
            return try answer.withBody(reader)
        } catch {
            throw notUnderstood
        }
    }

    private func error(for failure: HTTPConnection.Failure) -> any Error {
        switch failure {
        case .cancelled:
            CancellationError()
        case .system(let error):
            ScopeError(
                .temporarilyUnavailable,
                "The server at \(host) cannot be reached (\(error)). The run that it belongs to may have ended."
            )
        case .timedOut:
            ScopeError(.temporarilyUnavailable, "The server at \(host) did not answer within \(patience).")
        case .tooLarge:
            ScopeError(.internalError, "The server at \(host) sent an answer of more than \(Self.largestAnswer) bytes.")
        }
    }

    private var notUnderstood: ScopeError {
        ScopeError(.internalError, "The server at \(host) sent an answer that is not understood.")
    }
}
