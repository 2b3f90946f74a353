import ScopeManifests
import SecretScopes

/// The workspace that manifests are compared with and applied to.
struct ManifestTarget: Sendable {
    /// Its services.
    let services: any ManifestServices
    /// Tells the number by which clients know it.
    let workspaceNumber: @Sendable () async throws -> Int64
    /// Asks its audit record.
    let events: @Sendable (AuditQuery) async throws -> [AuditEvent]
}
