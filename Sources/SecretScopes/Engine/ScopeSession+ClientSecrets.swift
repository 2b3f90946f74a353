import SecretCrypto
import SecretMemory

extension ScopeSession {
    /// Makes a client secret for a service principal and shows it this once. Needs an administrator.
    ///
    /// Access tokens that come from it never allow more than the credential that it was made with.
    public func createClientSecret(for applicationID: String, lifetime: Duration?) async throws -> IssuedToken {
        try await perform(.createClientSecret, parameters: [("application_id", applicationID)]) {
            [random = engine.random, pool = engine.keys.pool] context in
            let caller = try context.authorizeAdministrator()
            let owner = try context.servicePrincipal(applicationID)
            try context.requireRoom(
                for: .clientSecret, of: owner, limit: ScopeEngine.Limits.clientSecretsPerPrincipal)
            let value = AccessToken.make(.clientSecret, in: pool)
            let row = CredentialRow(
                id: CredentialID(random: random),
                kind: .clientSecret,
                principal: owner.id,
                // Getting an access token is what it is for.
                operations: try context.allowedOperations().union(OperationSet([.issueAccessToken])),
                tokenHash: AccessToken.hash(of: value),
                created: context.now,
                creator: caller.row.id,
                runBy: owner.name,
                expires: try context.expiry(after: lifetime),
                comment: ""
            )
            context.event.parameters.append(.init(name: "secret_id", value: row.id.description))
            try context.save(row)
            return IssuedToken(description: try context.describe(row), value: value)
        }
    }

    /// The client secrets of a service principal. Needs an administrator.
    public func listClientSecrets(of applicationID: String) async throws -> [TokenDescription] {
        try await perform(.listClientSecrets, parameters: [("application_id", applicationID)]) { context in
            _ = try context.authorizeAdministrator()
            let owner = try context.servicePrincipal(applicationID)
            return try context.describe(context.reader.credentials(of: owner.id), of: .clientSecret)
        }
    }

    /// Makes a client secret, and every access token that came from it, useless before the call returns. Needs an
    /// administrator.
    public func deleteClientSecret(_ id: CredentialID, of applicationID: String) async throws {
        let parameters = [("application_id", applicationID), ("secret_id", id.description)]
        try await perform(.deleteClientSecret, parameters: parameters) { context in
            _ = try context.authorizeAdministrator()
            let owner = try context.servicePrincipal(applicationID)
            guard let row = try context.view.credential(id), row.kind == .clientSecret, row.principal == owner.id
            else {
                throw ScopeError(
                    .resourceDoesNotExist, "There is no client secret \(id) of service principal \(owner.name).")
            }
            try context.delete(row)
        }
    }

    /// Records that an access token is handed out, unless the client secret is not valid any more.
    func issueAccessToken() async throws {
        try await perform(.issueAccessToken) { _ = try $0.authorize() }
    }
}

extension OperationContext {
    /// The service principal with that application id.
    fileprivate func servicePrincipal(_ text: String) throws -> PrincipalRow {
        let name = try PrincipalName(validating: text)
        guard let row = try view.principal(named: name), row.kind == .servicePrincipal else {
            throw ScopeError.noPrincipal(.servicePrincipal, named: name.description)
        }
        return row
    }
}

/// The form of the access tokens that service principals get for a client secret: the client secret's id and the time
/// at which the token ends, with a MAC under a key derived from the root key.
///
/// They are not stored: a token is worth what its client secret is worth at that moment, and less once its time is up.
/// So it is void as soon as the client secret is deleted, in every process, and nothing has to be tidied away.
struct OAuthAccessToken {
    /// How long one is valid.
    static let lifetime = Duration.seconds(3600)

    private static let prefix = Array("hoat".utf8)
    private static let bodyCount = 24

    private let authenticator: MessageAuthenticator
    private let pool: SecretPool

    init(keys: WorkspaceKeys) throws {
        self.authenticator = MessageAuthenticator(key: try keys.key(for: "access-token"))
        self.pool = keys.pool
    }

    /// Whether a token begins as they do.
    static func isOne(_ token: SecretBytes) -> Bool {
        token.withBytes { token in
            token.byteCount > prefix.count
                && prefix.indices.allSatisfy { token.unsafeLoad(fromByteOffset: $0, as: UInt8.self) == prefix[$0] }
        }
    }

    /// The token of a client secret that ends at `expires`.
    func make(for clientSecret: CredentialID, expires: Timestamp) -> SecretBytes {
        var writer = ByteWriter()
        writer.write(clientSecret)
        writer.write(expires.rawValue)
        return text(of: writer.bytes)
    }

    /// The client secret that a token came from; `nil` when it is none that was made here, or its time is up.
    func clientSecret(of token: SecretBytes, at now: Timestamp) -> CredentialID? {
        guard let body = body(of: token) else { return nil }
        let expected = text(of: body)
        let isGenuine = token.withBytes { token in expected.withBytes { constantTimeEquals(token, $0) } }
        var reader = ByteReader(body)
        guard
            isGenuine, let id: CredentialID = try? reader.readIdentifier(), let expires = try? reader.readInteger(),
            expires > now.rawValue
        else { return nil }
        return id
    }

    private func text(of body: [UInt8]) -> SecretBytes {
        let prefix = Self.prefix
        let code = authenticator.authenticate(body.span.bytes).bytes
        let bytes = body + code
        return SecretBytes(count: prefix.count + 2 * bytes.count, in: pool) { target in
            target.copyBytes(from: prefix)
            AccessToken.write(bytes.span.bytes, to: UnsafeMutableRawBufferPointer(rebasing: target[prefix.count...]))
        }
    }

    /// What a token says in front of its MAC, which is no secret.
    private func body(of token: SecretBytes) -> [UInt8]? {
        token.withBytes { token in
            let start = Self.prefix.count
            guard token.byteCount > start + 2 * Self.bodyCount else { return nil }
            var body: [UInt8] = []
            for offset in 0..<Self.bodyCount {
                let digits = [0, 1].map {
                    token.unsafeLoad(fromByteOffset: start + 2 * offset + $0, as: UInt8.self)
                }
                guard let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
                body.append(byte)
            }
            return body
        }
    }
}
