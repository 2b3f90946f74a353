import SecretCrypto
import SecretMemory
import Synchronization

/// The keys of an open workspace.
///
/// ```
/// root key                     random, kept only wrapped by a key provider
///  ├─ row key                  HKDF-SHA256, info "hush/v1/row"; MACs of rows that grant or point
///  ├─ purpose keys             HKDF-SHA256, info "hush/v1/purpose/…"; for example the notebook build cache
///  ├─ data key of each scope   random, AES-256-GCM under the root key; seals the scope's values
///  └─ audit key of each epoch  random, AES-256-GCM under the root key; MAC of the record's head
///      └─ signing seed         random, likewise; Ed25519 key of checkpoints
/// ```
///
/// Additional data always begins with a label that names the purpose and format, and goes on with the ids of the place
/// that the ciphertext belongs to, length-prefixed.
final class WorkspaceKeys: Sendable {
    /// The beginnings of all additional data.
    private enum Label {
        static let dataKey = "hush/v1/data-key"
        static let auditKey = "hush/v1/audit-key"
        static let signingSeed = "hush/v1/signing-seed"
        static let value = "hush/v1/value"
    }

    let workspace: WorkspaceID
    let pool: SecretPool
    private let rootKey: SymmetricKey
    private let rowAuthenticator: MessageAuthenticator
    private let dataKeys: Mutex<BoundedCache<ScopeID, DataKey>>

    private struct DataKey: Sendable {
        /// The sealed form that the key was opened from: a scope row with another one is another key.
        var sealed: [UInt8]
        var key: SymmetricKey
    }

    init(rootKey: SecretBytes, workspace: WorkspaceID, pool: SecretPool) throws(CryptoError) {
        self.workspace = workspace
        self.pool = pool
        self.rootKey = try SymmetricKey(rootKey)
        let rowKey = try HKDFSHA256.derive(
            from: rootKey, salt: workspace.bytes, info: Array("hush/v1/row".utf8), count: 32, in: pool)
        self.rowAuthenticator = MessageAuthenticator(key: try SymmetricKey(rowKey))
        self.dataKeys = Mutex(BoundedCache(capacity: 1000))
    }

    /// Wraps the root key once more, by another provider or with another passphrase.
    func wrapRootKey(by provider: any KeyProvider) async throws -> WrappedRootKey {
        let copy = rootKey.withBytes { SecretBytes(copying: $0, in: pool) }
        return try await provider.wrap(copy, for: workspace)
    }

    // MARK: Rows

    /// Sets the row's MAC to the right one and returns the row.
    func authenticated<Row: AuthenticatedRow>(_ row: Row) -> Row {
        var row = row
        row.code = rowAuthenticator.authenticate(message(of: row).span.bytes).bytes
        return row
    }

    /// Whether the row's MAC is right.
    func isAuthentic(_ row: some AuthenticatedRow) -> Bool {
        guard let code = Digest(bytes: row.code.span.bytes) else { return false }
        return rowAuthenticator.isValid(code, for: message(of: row).span.bytes)
    }

    /// Throws unless the row's MAC is right.
    func verify(_ row: some AuthenticatedRow) throws(IntegrityError) {
        guard isAuthentic(row) else { throw IntegrityError(object: row.label) }
    }

    private func message<Row: AuthenticatedRow>(of row: Row) -> [UInt8] {
        var writer = ByteWriter()
        writer.writeByte(Row.table.rawValue)
        writer.write(workspace)
        writer.write(row.identity)
        writer.write(row.columns)
        return writer.bytes
    }

    // MARK: Data keys and values

    /// A new data key for a scope, sealed.
    func makeDataKey(for scope: ScopeID) throws(CryptoError) -> [UInt8] {
        try SymmetricKey.random(in: pool).withBytes { key throws(CryptoError) in
            try AESGCM.seal(key, under: rootKey, additionalData: dataKeyContext(scope).span.bytes)
        }
    }

    /// Seals a value for its place.
    func seal(_ value: RawSpan, as version: VersionRow, of scope: ScopeRow) throws -> [UInt8] {
        try AESGCM.seal(value, under: dataKey(of: scope), additionalData: valueContext(version).span.bytes)
    }

    /// Opens a value at its place.
    func open(_ version: VersionRow, of scope: ScopeRow) throws -> SecretBytes {
        do {
            return try AESGCM.open(
                version.sealed.span.bytes,
                under: dataKey(of: scope),
                additionalData: valueContext(version).span.bytes,
                in: pool
            )
        } catch is CryptoError {
            throw IntegrityError(object: version.label)
        }
    }

    private func dataKey(of scope: ScopeRow) throws -> SymmetricKey {
        if let known = dataKeys.withLock({ $0[scope.id] }), known.sealed == scope.sealedDataKey {
            return known.key
        }
        let key: SymmetricKey
        do {
            key = try SymmetricKey(
                AESGCM.open(
                    scope.sealedDataKey.span.bytes,
                    under: rootKey,
                    additionalData: dataKeyContext(scope.id).span.bytes,
                    in: pool
                ))
        } catch {
            throw IntegrityError(object: "the data key of scope \(scope.id)")
        }
        dataKeys.withLock { $0.insert(DataKey(sealed: scope.sealedDataKey, key: key), for: scope.id, cost: 1) }
        return key
    }

    private func dataKeyContext(_ scope: ScopeID) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Label.dataKey)
        writer.write(workspace)
        writer.write(scope)
        return writer.bytes
    }

    private func valueContext(_ version: VersionRow) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(Label.value)
        writer.write(workspace)
        writer.write(version.scope)
        writer.write(version.secret)
        writer.write(version.id)
        writer.write(version.number)
        writer.write(version.created.rawValue)
        return writer.bytes
    }

    // MARK: Audit keys

    /// A new audit key and signing seed, sealed.
    func makeAuditKey(epoch: Int64) throws(CryptoError) -> AuditKeyRow {
        AuditKeyRow(
            epoch: epoch,
            sealedKey: try sealRandomKey(auditContext(Label.auditKey, epoch)),
            sealedSigningSeed: try sealRandomKey(auditContext(Label.signingSeed, epoch))
        )
    }

    /// The authenticator of the head's MAC in the row's epoch.
    func headAuthenticator(_ row: AuditKeyRow) throws(IntegrityError) -> MessageAuthenticator {
        MessageAuthenticator(key: try openKey(row.sealedKey, auditContext(Label.auditKey, row.epoch), row.epoch))
    }

    /// The key that signs checkpoints in the row's epoch.
    func signingKey(_ row: AuditKeyRow) throws -> Ed25519.SigningKey {
        let context = auditContext(Label.signingSeed, row.epoch)
        let seed: SecretBytes
        do {
            seed = try AESGCM.open(
                row.sealedSigningSeed.span.bytes, under: rootKey, additionalData: context.span.bytes, in: pool)
        } catch {
            throw IntegrityError(object: "the audit signing key of epoch \(row.epoch)")
        }
        return try Ed25519.SigningKey(seed: seed)
    }

    private func sealRandomKey(_ context: [UInt8]) throws(CryptoError) -> [UInt8] {
        try SymmetricKey.random(in: pool).withBytes { key throws(CryptoError) in
            try AESGCM.seal(key, under: rootKey, additionalData: context.span.bytes)
        }
    }

    private func openKey(
        _ sealed: [UInt8], _ context: [UInt8], _ epoch: Int64
    ) throws(IntegrityError) -> SymmetricKey {
        do {
            return try SymmetricKey(
                AESGCM.open(sealed.span.bytes, under: rootKey, additionalData: context.span.bytes, in: pool))
        } catch {
            throw IntegrityError(object: "the audit key of epoch \(epoch)")
        }
    }

    private func auditContext(_ label: String, _ epoch: Int64) -> [UInt8] {
        var writer = ByteWriter()
        writer.write(label)
        writer.write(workspace)
        writer.write(epoch)
        return writer.bytes
    }

    // MARK: Other purposes

    /// A key for a purpose outside the store, the same each time the workspace is open.
    func key(for purpose: String) throws(CryptoError) -> SymmetricKey {
        try rootKey.withBytes { root throws(CryptoError) in
            let info = Array("hush/v1/purpose/\(purpose)".utf8)
            let bytes = try HKDFSHA256.derive(
                from: SecretBytes(copying: root, in: pool), salt: workspace.bytes, info: info, count: 32, in: pool)
            return try SymmetricKey(bytes)
        }
    }
}

/// Something in the store is not what Hush wrote there; it is not used.
struct IntegrityError: Error, Hashable, CustomStringConvertible {
    /// What is wrong, by name.
    var object: String

    var description: String {
        "\(object) was altered outside Hush and is not used; run `hush verify` and restore a backup"
    }
}
