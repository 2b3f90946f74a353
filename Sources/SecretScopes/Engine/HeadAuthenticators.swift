import SecretCrypto
import Synchronization

/// The authenticators of the record's head, one an epoch, opened when first needed.
final class HeadAuthenticators: Sendable {
    private let known = Mutex<[Int64: MessageAuthenticator]>([:])

    /// The authenticator of an epoch.
    func authenticator(
        epoch: Int64, _ reader: any StoreReader, keys: WorkspaceKeys
    ) throws -> MessageAuthenticator {
        if let authenticator = known.withLock({ $0[epoch] }) { return authenticator }
        guard let row = try reader.auditKey(epoch: epoch) else {
            throw IntegrityError(object: "the audit key of epoch \(epoch), which is missing,")
        }
        let authenticator = try keys.headAuthenticator(row)
        known.withLock { $0[epoch] = authenticator }
        return authenticator
    }

    /// The head of a snapshot, provided that its MAC is right.
    func verifiedHead(_ reader: any StoreReader, keys: WorkspaceKeys) throws -> HeadRow {
        guard let head = try reader.head() else {
            throw IntegrityError(object: "the head of the audit record, which is missing,")
        }
        let authenticator = try authenticator(epoch: head.keyEpoch, reader, keys: keys)
        guard
            let code = Digest(bytes: head.code.span.bytes),
            authenticator.isValid(code, for: head.columns.span.bytes)
        else { throw IntegrityError(object: "the head of the audit record") }
        return head
    }
}
