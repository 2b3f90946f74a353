public import SecretMemory
internal import SecretScopes

/// What a client shows to a server.
public enum ClientCredential: Sendable {
    /// A personal access token, or the token of a run.
    case token(SecretBytes)
    /// A service principal's application id and client secret, for which there are short-lived access tokens.
    case clientSecret(ClientCredentials)

    /// Checks that it can stand in a request's header.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `UNAUTHENTICATED` when it is empty or has characters that no
    ///   credential has, such as a line break from a file.
    func check() throws(ScopeError) {
        switch self {
        case .token(let token):
            guard token.isVisibleText else {
                throw ScopeError(
                    .unauthenticated,
                    "The token is empty or has characters that no token has, such as a space or a line end."
                )
            }
        case .clientSecret(let credentials):
            let isName = !credentials.clientID.isEmpty && credentials.clientID.utf8.allSatisfy { (0x21...0x7E) ~= $0 }
            guard isName, !credentials.clientID.contains(":"), credentials.clientSecret.isVisibleText else {
                throw ScopeError(
                    .unauthenticated,
                    "The client id or the client secret is empty or has characters that none has, such as a space."
                )
            }
        }
    }
}

extension SecretBytes {
    /// Whether it is not empty and all of it are visible characters of ASCII.
    fileprivate var isVisibleText: Bool {
        withBytes { bytes in
            bytes.byteCount > 0
                && (0..<bytes.byteCount).allSatisfy {
                    (0x21...0x7E).contains(bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self))
                }
        }
    }
}
