package import SecretMemory

/// HMAC-SHA256 (RFC 2104).
///
/// For many messages under one key use a ``MessageAuthenticator``, which prepares the key once.
public enum HMACSHA256 {
    /// The authentication code of `message` under `key`.
    public static func authenticate(_ message: RawSpan, under key: SymmetricKey) -> Digest {
        MessageAuthenticator(key: key).authenticate(message)
    }

    /// The authentication code of `message` under a key of any length, for protocols that prescribe one.
    package static func authenticate(_ message: RawSpan, underKeyOfAnyLength key: SecretBytes) -> Digest {
        MessageAuthenticator(keyOfAnyLength: key).authenticate(message)
    }

    /// Whether `code` is the authentication code of `message` under `key`; the time does not tell where it differs.
    public static func isValid(_ code: Digest, for message: RawSpan, under key: SymmetricKey) -> Bool {
        authenticate(message, under: key) == code
    }
}
