public import SecretCrypto

/// Authenticates what is kept in files that others may be able to write.
public protocol CacheAuthenticator: Sendable {
    /// The tag of `message`.
    func tag(for message: RawSpan) -> Digest

    /// Whether `tag` is the tag of `message`; the time does not tell where it differs.
    func isValid(_ tag: Digest, for message: RawSpan) -> Bool
}

extension MessageAuthenticator: CacheAuthenticator {
    /// The HMAC-SHA256 of `message`.
    public func tag(for message: RawSpan) -> Digest {
        authenticate(message)
    }
}
