/// The settings of scopes, which Databricks does not have, on behalf of one caller.
///
/// Every call leaves one audit event, granted or refused. Every method throws ``ScopeError``.
public protocol ScopeSettingsService: Sendable {
    /// Lists all scopes by name, with their settings. Any principal may.
    func scopeSettings() async throws -> [SecretScope]
    /// Sets the least redaction that runs must apply to the scope's values, from their next read on. Needs MANAGE.
    func setMinimumRedaction(_ level: MinimumRedaction, of scope: String) async throws
}
