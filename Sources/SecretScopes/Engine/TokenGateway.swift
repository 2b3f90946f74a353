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
        return engine.session(
            for: Caller(
                principal: row.principal,
                credential: row.id,
                allowedOperations: row.operations,
                runBy: row.runBy,
                origin: origin
            ))
    }

    private func credential(forToken token: SecretBytes?) throws -> CredentialRow? {
        // The same work with and without a token, whatever it is.
        let hash = token.map { AccessToken.hash(of: $0) } ?? [UInt8](repeating: 0, count: 32)
        let row: CredentialRow?
        do {
            row = try engine.readView { view in
                guard let row = try view.reader.credential(tokenHash: hash) else { return nil }
                try view.keys.verify(row)
                return row
            }
        } catch {
            throw ScopeError(describing: error)
        }
        guard let row, row.tokenHash == hash, kinds.contains(row.kind) else { return nil }
        if let expires = row.expires, expires <= engine.clock.now() { return nil }
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
