public import SecretMemory

/// All services, on behalf of one caller.
public typealias WorkspaceServices = SecretService & SecretVersionService & ScopeSettingsService & IdentityService
    & IdentityEditingService & AccessService & LinkService & AuditService & WorkspaceChangeService
    & WorkspaceComparisonService & RefusalRecorder

/// Puts into the audit record what a caller asked for in a form that no service understands.
public protocol RefusalRecorder: Sendable {
    /// Records that `operation` was refused with `error` before it reached its service, for example because the
    /// request's body could not be parsed.
    ///
    /// - Throws: ``ScopeError`` when the event could not be made durable.
    func recordRefusal(of operation: Operation, error: ScopeError) async throws

    /// Records that something was asked for that no service offers, whatever the credential allows.
    ///
    /// - Parameter target: What was asked for, without any text that only the client knows the meaning of.
    /// - Throws: ``ScopeError`` when the event could not be made durable.
    func recordUnknownCall(_ target: String, error: ScopeError) async throws
}

/// Where a server gets services from: it turns what a client shows into services on that client's behalf.
public protocol ServiceGateway: Sendable {
    /// The services of the bearer of `token`.
    ///
    /// A token is looked up by its hash, so that the time tells nothing of how much of a wrong one was right, and a wrong
    /// one is refused by the steps by which a right one is let in. Refusals are counted and recorded once per source and
    /// minute, so that strangers cannot fill the record.
    ///
    /// - Throws: ``ScopeError`` with `UNAUTHENTICATED` when the token is missing, unknown, expired or revoked.
    func services(forToken token: SecretBytes?, origin: RequestOrigin) async throws -> any WorkspaceServices
}

/// A gateway where administrators may act as other principals.
public protocol ActingGateway: ServiceGateway {
    /// The services on behalf of `principal`, for the bearer of `token`, who must be an administrator now and at each
    /// decision. The record shows both.
    ///
    /// - Throws: ``ScopeError`` with `UNAUTHENTICATED` as ``ServiceGateway/services(forToken:origin:)`` does; with
    ///   `PERMISSION_DENIED` when the bearer is no administrator, and with `INVALID_PARAMETER_VALUE` when there is no such
    ///   user or service principal. The last two are left to the caller to record.
    func services(
        forToken token: SecretBytes?, actingAs principal: String, origin: RequestOrigin
    ) async throws -> any WorkspaceServices
}

/// Where a server gets access tokens for service principals from (OAuth 2.0, grant `client_credentials`).
public protocol ClientCredentialGateway: Sendable {
    /// A short-lived access token for the service principal whose application id and client secret are shown. It stops
    /// being valid with the client secret.
    ///
    /// Wrong ones are counted and recorded as wrong tokens are.
    ///
    /// - Throws: ``ScopeError`` with `UNAUTHENTICATED` when the two do not belong together, or the secret is unknown,
    ///   expired or deleted.
    func accessToken(
        clientID: String, clientSecret: SecretBytes, origin: RequestOrigin
    ) async throws -> IssuedAccessToken

    /// Records that a request for an access token was refused with `error` before what it shows was looked at: as an
    /// event of the service principal if that would have been right, counted with the wrong ones if not.
    ///
    /// - Throws: ``ScopeError`` when the event could not be made durable.
    func recordRefusal(
        clientID: String, clientSecret: SecretBytes, origin: RequestOrigin, error: ScopeError
    ) async throws
}

/// An access token that was just made.
public struct IssuedAccessToken: Sendable {
    /// The token itself.
    public var value: SecretBytes
    /// How long it is valid.
    public var lifetime: Duration

    /// Creates the answer.
    public init(value: SecretBytes, lifetime: Duration) {
        self.value = value
        self.lifetime = lifetime
    }
}
