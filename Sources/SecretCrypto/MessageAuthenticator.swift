import CLibcrypto
package import SecretMemory
import Synchronization

/// HMAC-SHA256 under one key, which is prepared once: a short message costs a fraction of a microsecond.
///
/// Any number of threads may use an instance at the same time. What OpenSSL derives from the key stays in memory that
/// is not locked, until the instance goes; then OpenSSL zeroes it.
public final class MessageAuthenticator: Sendable {
    /// A keyed context at the start of a message.
    // @unchecked: only the thread that made a context or took it out of `idle` uses it.
    private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let key: SecretBytes
    /// In the end as many as messages were ever authenticated at the same time.
    private let idle: Mutex<[Context]>

    /// Prepares `key`.
    public convenience init(key: SymmetricKey) {
        self.init(keyOfAnyLength: key.secretBytes)
    }

    /// Prepares a key of any length, for protocols that prescribe one.
    package init(keyOfAnyLength key: SecretBytes) {
        self.key = key
        self.idle = Mutex([Self.makeContext(key)])
    }

    deinit {
        for context in idle.withLock({ $0 }) {
            EVP_MAC_CTX_free(context.pointer)
        }
    }

    /// The authentication code of `message`.
    public func authenticate(_ message: RawSpan) -> Digest {
        Digest { write(codeOf: message, to: $0) }
    }

    /// The authentication code of `message` as a secret, for protocols in which it is the next key.
    package func deriveKey(from message: RawSpan, in pool: SecretPool) -> SecretBytes {
        SecretBytes(count: Digest.byteCount, in: pool) { target in
            // Never nil: the target has 32 bytes.
            guard let start = target.bindMemory(to: UInt8.self).baseAddress else { return }
            write(codeOf: message, to: start)
        }
    }

    private func write(codeOf message: RawSpan, to target: UnsafeMutablePointer<UInt8>) {
        let context = idle.withLock { $0.popLast() } ?? Self.makeContext(key)
        message.withUnsafeBytes { message in
            let start = message.bindMemory(to: UInt8.self).baseAddress
            requireSuccess(EVP_MAC_update(context.pointer, start, message.count), "EVP_MAC_update")
        }
        requireSuccess(EVP_MAC_final(context.pointer, target, nil, Digest.byteCount), "EVP_MAC_final")
        // Without a key the context starts the next message under the one it has.
        requireSuccess(EVP_MAC_init(context.pointer, nil, 0, nil), "EVP_MAC_init")
        idle.withLock { $0.append(context) }
    }

    /// Whether `code` is the authentication code of `message`; the time does not tell where it differs.
    public func isValid(_ code: Digest, for message: RawSpan) -> Bool {
        authenticate(message) == code
    }

    private static func makeContext(_ key: SecretBytes) -> Context {
        guard let pointer = EVP_MAC_CTX_new(OpenSSL.hmac.require()) else {
            fatalError("no memory left for an HMAC context")
        }
        key.withUnsafeBytes { key in
            let parameters = [.text("digest", "SHA256"), OSSL_PARAM_construct_end()]
            let start = key.bindMemory(to: UInt8.self).baseAddress
            requireSuccess(EVP_MAC_init(pointer, start, key.count, parameters), "EVP_MAC_init")
        }
        return Context(pointer: pointer)
    }
}

extension MessageAuthenticator: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name; never the key.
    public var description: String { "MessageAuthenticator" }
    /// The type's name; never the key.
    public var debugDescription: String { "MessageAuthenticator" }
    /// A mirror without children, so that `dump` and reflection find nothing.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
