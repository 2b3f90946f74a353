internal import SecretMemory
internal import SecretScopes

/// What requests to AWS are signed with.
struct AWSCredentials: Sendable {
    /// The public name of the key, such as `AKIA…`.
    var accessKeyID: String
    /// The key that requests are signed with.
    var secretAccessKey: SecretBytes
    /// Goes with temporary keys, in a header of its own.
    var sessionToken: SecretBytes?
    /// When they end; `nil` for keys without an end.
    var expiration: Timestamp?

    /// - Throws: ``VaultFailure`` with `credentialUnreadable` when the key's name has characters that no such name has.
    init(
        accessKeyID: String, secretAccessKey: SecretBytes, sessionToken: SecretBytes? = nil,
        expiration: Timestamp? = nil
    ) throws(VaultFailure) {
        let isName = accessKeyID.utf8.allSatisfy { (0x30...0x39) ~= $0 || (0x41...0x5A) ~= $0 || (0x61...0x7A) ~= $0 }
        guard !accessKeyID.isEmpty, accessKeyID.utf8.count <= 128, isName else {
            throw VaultFailure(.credentialUnreadable, detail: "the access key id is not letters and digits")
        }
        guard secretAccessKey.count > 0 else {
            throw VaultFailure(.credentialUnreadable, detail: "the secret access key is empty")
        }
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken.flatMap { $0.count > 0 ? $0 : nil }
        self.expiration = expiration
    }
}

/// A way to come by credentials for AWS.
protocol AWSCredentialSource: Sendable {
    /// Fetches credentials anew, and says when to do it again. Ends by itself.
    ///
    /// - Parameter credential: The link's credential, for the ways that need it.
    /// - Throws: ``VaultFailure``.
    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued
}

/// Credentials that are kept as long as they are good.
struct AWSCredentialSession: Sendable {
    private let source: any AWSCredentialSource
    private let cache: TokenCache<AWSCredentials>

    init(_ source: any AWSCredentialSource, clock: any SteadyClock) {
        self.source = source
        self.cache = TokenCache(clock: clock)
    }

    /// The credentials to sign with now.
    func credentials(for call: VaultCall) async throws(VaultFailure) -> AWSCredentials {
        let credential = call.credential
        return try await cache.token(for: credential.revision, until: call.deadline) {
            [source] () throws(VaultFailure) in
            try await source.fetch(credential)
        }
    }

    /// Forgets the credentials, because AWS refused them.
    func drop(for credential: VaultCredential) {
        cache.drop(revision: credential.revision)
    }
}

extension TokenCache<AWSCredentials>.Issued {
    /// How long before their end new credentials are asked for, as AWS' own clients do.
    private static var refreshAhead: Duration { .seconds(15 * 60) }
    /// Credentials without an end are read again after this time, so that a change is found out.
    private static var reread: Duration { .seconds(10 * 60) }

    /// Credentials that were just fetched.
    init(_ credentials: AWSCredentials, at now: Timestamp) {
        guard let end = credentials.expiration else {
            self.init(token: credentials, refresh: Self.reread, end: .seconds(365 * 86_400))
            return
        }
        self.init(
            token: credentials, lifetime: .milliseconds(max(0, end.rawValue - now.rawValue)),
            refreshAhead: Self.refreshAhead)
    }
}
