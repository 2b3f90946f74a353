public import SecretMemory

/// All services, on behalf of one caller.
public typealias WorkspaceServices = SecretService & SecretVersionService & ScopeSettingsService & IdentityService
    & AuditService & RefusalRecorder

/// Puts into the audit record what a caller asked for in a form that no service understands.
public protocol RefusalRecorder: Sendable {
    /// Records that `operation` was refused with `error` before it reached its service, for example because the
    /// request's body could not be parsed.
    ///
    /// - Throws: ``ScopeError`` when the event could not be made durable.
    func recordRefusal(of operation: Operation, error: ScopeError) async throws
}

/// Where a server gets services from: it turns what a client shows into services on that client's behalf.
public protocol ServiceGateway: Sendable {
    /// The services of the bearer of `token`.
    ///
    /// A wrong token takes as long as a right one. Refusals are counted and recorded once per source and minute, so
    /// that strangers cannot fill the record.
    ///
    /// - Throws: ``ScopeError`` with `UNAUTHENTICATED` when the token is missing, unknown, expired or revoked.
    func services(forToken token: SecretBytes?, origin: RequestOrigin) async throws -> any WorkspaceServices
}
