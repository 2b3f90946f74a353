public import SecretMemory

/// Turns tokens into services, for servers over an engine.
public struct TokenGateway: ServiceGateway {
    private let engine: ScopeEngine
    private let kinds: Set<CredentialKind>
    private let allowance: PrincipalAllowance?

    /// Creates a gateway that accepts tokens of `kinds` only.
    ///
    /// - Parameters:
    ///   - requestsPerSecond: How many requests of each principal are let through in a second, as many of them at once,
    ///     counted by this gateway alone; `nil` for all of them.
    ///   - clock: Tells when they are let through again.
    public init(
        engine: ScopeEngine,
        accepting kinds: Set<CredentialKind>,
        requestsPerSecond: Int? = nil,
        clock: any WallClock = SystemWallClock()
    ) {
        self.engine = engine
        self.kinds = kinds
        self.allowance = requestsPerSecond.map { PrincipalAllowance(requestsPerSecond: $0, clock: clock) }
    }

    /// The services of the bearer of `token`.
    public func services(
        forToken token: SecretBytes?, origin: RequestOrigin
    ) async throws -> any WorkspaceServices {
        guard let row = try credential(forToken: token) else {
            try await engine.recordStranger(origin)
            throw ScopeError(
                .unauthenticated, "The request has no valid token. Send one as \"Authorization: Bearer …\".")
        }
        return try await session(with: row, origin: origin)
    }

    /// The session of whoever shows a valid credential, provided that its principal has not asked too often.
    private func session(with row: CredentialRow, origin: RequestOrigin) async throws -> ScopeSession {
        let session = engine.session(for: caller(with: row, origin: origin))
        try await allowance?.admit(session)
        return session
    }

    private func caller(with row: CredentialRow, origin: RequestOrigin) -> Caller {
        Caller(
            principal: row.principal,
            credential: row.id,
            allowedOperations: row.operations,
            runBy: row.runBy,
            origin: origin
        )
    }

    private func credential(forToken token: SecretBytes?) throws -> CredentialRow? {
        // Both, whatever it is, so that the time does not tell.
        let issued = kinds.contains(.clientSecret) ? try token.flatMap { try clientSecret(ofAccessToken: $0) } : nil
        let shown = try credential(shown: token)
        if let issued { return issued }
        guard let shown, shown.kind != .clientSecret, kinds.contains(shown.kind) else { return nil }
        return shown
    }

    /// The valid credential that `token` is, of whatever kind.
    private func credential(shown token: SecretBytes?) throws -> CredentialRow? {
        // The same work with and without a token, whatever it is.
        let hash = token.map { AccessToken.hash(of: $0) } ?? [UInt8](repeating: 0, count: 32)
        let row: CredentialRow?
        switch engine.cache.find(tokenHash: hash, at: engine.store.announcedGeneration) {
        // Every call looks again whether the credential is still there, in the transaction of its event.
        case .known(let known): row = known
        case .absent: row = nil
        case .uncertain: row = try looking { try $0.credential(tokenHash: hash) }
        }
        return row.flatMap { isExpired($0) ? nil : $0 }
    }

    /// The valid client secret that `token` came from.
    private func clientSecret(ofAccessToken token: SecretBytes) throws -> CredentialRow? {
        guard OAuthAccessToken.isOne(token) else { return nil }
        let tokens = try answering { try OAuthAccessToken(keys: engine.keys) }
        guard let id = tokens.clientSecret(of: token, at: engine.clock.now()) else { return nil }
        guard let row = try engine.cache.credential(id) ?? looking({ try $0.credential(id) }), row.kind == .clientSecret
        else { return nil }
        return isExpired(row) ? nil : row
    }

    private func isExpired(_ row: CredentialRow) -> Bool {
        row.expires.map { $0 <= engine.clock.now() } ?? false
    }

    private func looking(_ find: (WorkspaceView) throws -> CredentialRow?) throws -> CredentialRow? {
        try answering { try engine.readView(find) }
    }

    private func answering<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch {
            throw ScopeError(describing: error)
        }
    }
}

extension TokenGateway: ActingGateway {
    /// The services on behalf of another principal.
    public func services(
        forToken token: SecretBytes?, actingAs principal: String, origin: RequestOrigin
    ) async throws -> any WorkspaceServices {
        guard let row = try credential(forToken: token) else {
            return try await services(forToken: token, origin: origin)
        }
        // Before the name is looked up: who exists is not for everybody to know.
        let holder = try answering { try engine.readView { try $0.principal(row.principal) } }
        guard let holder, holder.isAdministrator else {
            throw ScopeError(
                .permissionDenied,
                "User \(row.runBy) is not an administrator, which acting as another principal needs.")
        }
        var caller = try engine.localCaller(as: principal, runBy: row.runBy, origin: origin)
        guard caller.principal != row.principal else { return try await session(with: row, origin: origin) }
        caller.holder = row.principal
        caller.credential = row.id
        caller.allowedOperations = row.operations
        let session = engine.session(for: caller)
        try await allowance?.admit(session)
        return session
    }
}

extension TokenGateway: ClientCredentialGateway {
    /// A short-lived access token for a service principal, provided that this gateway accepts client secrets.
    public func accessToken(
        clientID: String, clientSecret: SecretBytes, origin: RequestOrigin
    ) async throws -> IssuedAccessToken {
        guard let row = try self.clientSecret(clientID: clientID, clientSecret: clientSecret) else {
            try await engine.recordStranger(origin)
            throw ScopeError(.unauthenticated, "The client id and the client secret do not belong together.")
        }
        try await session(with: row, origin: origin).issueAccessToken()
        let now = engine.clock.now()
        let end = min(now.advanced(by: OAuthAccessToken.lifetime), row.expires ?? Timestamp(rawValue: .max))
        let tokens = try answering { try OAuthAccessToken(keys: engine.keys) }
        return IssuedAccessToken(
            value: tokens.make(for: row.id, expires: end),
            lifetime: .milliseconds(end.rawValue - now.rawValue)
        )
    }

    /// Records that a request for an access token was refused before what it shows was looked at.
    public func recordRefusal(
        clientID: String, clientSecret: SecretBytes, origin: RequestOrigin, error: ScopeError
    ) async throws {
        guard let row = try self.clientSecret(clientID: clientID, clientSecret: clientSecret) else {
            return try await engine.recordStranger(origin)
        }
        try await session(with: row, origin: origin).recordRefusal(of: .issueAccessToken, error: error)
    }

    private func clientSecret(clientID: String, clientSecret: SecretBytes) throws -> CredentialRow? {
        guard
            let row = try credential(shown: clientSecret), row.kind == .clientSecret, kinds.contains(.clientSecret),
            row.runBy.lowercased() == clientID.lowercased()
        else { return nil }
        return row
    }
}

extension ScopeEngine {
    /// Counts a request without a valid credential; the first of a source in a minute is recorded, with the number of
    /// those that came since the last recorded one.
    func recordStranger(_ origin: RequestOrigin) async throws {
        let source = origin.address ?? ""
        guard let count = strangers.count(source, at: clock.now()) else { return }
        var event = AuditEvent(
            .authenticate,
            by: Caller(
                principal: .everybody, credential: nil, allowedOperations: OperationSet([]), runBy: "", origin: origin),
            parameters: [("requests", String(count))]
        )
        event.actor.principal = nil
        event.error = ScopeError(.unauthenticated, "The request has no valid token.")
        try await committer.commit { [event] batch in
            try batch.record(event)
            return Result<Void, any Error>.success(())
        }
    }
}
