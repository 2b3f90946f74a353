public import SecretMemory
import Synchronization

/// Turns tokens into services, for servers over an engine.
public struct TokenGateway: ServiceGateway {
    private let engine: ScopeEngine
    private let kinds: Set<CredentialKind>

    /// Creates a gateway that accepts tokens of `kinds` only.
    public init(engine: ScopeEngine, accepting kinds: Set<CredentialKind>) {
        self.engine = engine
        self.kinds = kinds
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
        return engine.session(for: caller(with: row, origin: origin))
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
        if kinds.contains(.clientSecret), let token, let row = try clientSecret(ofAccessToken: token) { return row }
        guard let row = try credential(shown: token), row.kind != .clientSecret, kinds.contains(row.kind) else {
            return nil
        }
        return row
    }

    /// The valid credential that `token` is, of whatever kind.
    private func credential(shown token: SecretBytes?) throws -> CredentialRow? {
        // The same work with and without a token, whatever it is.
        let hash = token.map { AccessToken.hash(of: $0) } ?? [UInt8](repeating: 0, count: 32)
        let row = try looking { view in
            guard let row = try view.reader.credential(tokenHash: hash) else { return nil }
            try view.keys.verify(row)
            return row
        }
        guard let row, row.tokenHash == hash else { return nil }
        return isExpired(row) ? nil : row
    }

    /// The valid client secret that `token` came from.
    private func clientSecret(ofAccessToken token: SecretBytes) throws -> CredentialRow? {
        let tokens = try answering { try OAuthAccessToken(keys: engine.keys) }
        guard let id = tokens.clientSecret(of: token, at: engine.clock.now()) else { return nil }
        guard let row = try looking({ try $0.credential(id) }), row.kind == .clientSecret else { return nil }
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

extension TokenGateway: ClientCredentialGateway {
    /// A short-lived access token for a service principal, provided that this gateway accepts client secrets.
    public func accessToken(
        clientID: String, clientSecret: SecretBytes, origin: RequestOrigin
    ) async throws -> IssuedAccessToken {
        guard
            let row = try credential(shown: clientSecret), row.kind == .clientSecret, kinds.contains(.clientSecret),
            row.runBy.lowercased() == clientID.lowercased()
        else {
            try await engine.recordStranger(origin)
            throw ScopeError(.unauthenticated, "The client id and the client secret do not belong together.")
        }
        try await engine.session(for: caller(with: row, origin: origin)).issueAccessToken()
        let now = engine.clock.now()
        let end = min(now.advanced(by: OAuthAccessToken.lifetime), row.expires ?? Timestamp(rawValue: .max))
        let tokens = try answering { try OAuthAccessToken(keys: engine.keys) }
        return IssuedAccessToken(
            value: tokens.make(for: row.id, expires: end),
            lifetime: .milliseconds(end.rawValue - now.rawValue)
        )
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

/// Keeps strangers from filling the audit record.
final class StrangerThrottle: Sendable {
    private struct Source {
        var minute: Int64
        var unrecorded: Int
    }

    /// The most sources that are told apart; beyond it they share one count.
    private static let mostSources = 10_000

    private let sources = Mutex<[String: Source]>([:])

    /// Counts a request; returns how many to record now, or `nil` when this minute has its record already.
    func count(_ source: String, at now: Timestamp) -> Int? {
        let minute = now.rawValue / 60_000
        return sources.withLock { sources in
            if sources.count >= Self.mostSources, sources[source] == nil {
                sources = sources.filter { $0.value.minute == minute }
            }
            let name = sources.count >= Self.mostSources && sources[source] == nil ? "" : source
            guard let known = sources[name], known.minute == minute else {
                let count = (sources[name]?.unrecorded ?? 0) + 1
                sources[name] = Source(minute: minute, unrecorded: 0)
                return count
            }
            sources[name] = Source(minute: minute, unrecorded: known.unrecorded + 1)
            return nil
        }
    }
}
