internal import SecretCrypto
internal import SecretMemory
internal import Synchronization

/// The key that a day's requests to one service are signed with, derived from the secret access key. It is kept as long as
/// it is asked for again.
final class AWSSigningKey: Sendable {
    private struct Derived {
        var secret: SecretBytes
        var scope: [String]
        var key: SecretBytes
    }

    private let last = Mutex<Derived?>(nil)

    /// The key for a scope: the day, the region and the name of the service.
    func key(from secret: SecretBytes, for scope: [String], in pool: SecretPool) -> SecretBytes {
        if let known = last.withLock({ $0 }), known.secret === secret, known.scope == scope { return known.key }
        let key = Self.derive(from: secret, for: scope, in: pool)
        last.withLock { $0 = Derived(secret: secret, scope: scope, key: key) }
        return key
    }

    private static func derive(from secret: SecretBytes, for scope: [String], in pool: SecretPool) -> SecretBytes {
        var first = SecretBuffer(in: pool)
        first.append(text: "AWS4")
        secret.withBytes { first.append($0) }
        var key = first.finish()
        for part in scope + ["aws4_request"] {
            key = MessageAuthenticator(keyOfAnyLength: key).deriveKey(from: Array(part.utf8).span.bytes, in: pool)
        }
        return key
    }
}
