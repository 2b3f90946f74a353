internal import SecretMemory
internal import SecretScopes

/// The keys that are the link's credential: the secret key alone, whose name is an option of the link, or a JSON object with
/// `AccessKeyId`, `SecretAccessKey` and, for temporary keys, `SessionToken`.
struct AWSLinkKeys: AWSCredentialSource {
    let accessKeyID: String?
    let access: AWSAccess

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        let secret = try await credential.read().trimmed
        guard let accessKeyID else {
            guard let keys = try AWSCredentials(json: secret, in: access.context.pool) else {
                throw VaultFailure(
                    .credentialUnreadable,
                    detail:
                        "the credential is no JSON object with AccessKeyId and SecretAccessKey; if it is a secret access "
                        + "key alone, give the option access-key-id")
            }
            return .init(keys, at: access.clock.now())
        }
        return .init(
            try AWSCredentials(accessKeyID: accessKeyID, secretAccessKey: secret), at: access.clock.now())
    }
}

/// The keys in the process's variables.
struct AWSVariableKeys: AWSCredentialSource {
    let access: AWSAccess

    /// Whether the variables are there.
    var isOffered: Bool { access.machine.variable("AWS_ACCESS_KEY_ID") != nil }

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        func secret(_ name: String) -> SecretBytes? {
            access.machine.variable(name).map {
                SecretBytes(copying: Array($0.utf8).span.bytes, in: access.context.pool)
            }
        }
        guard let name = access.machine.variable("AWS_ACCESS_KEY_ID"), let key = secret("AWS_SECRET_ACCESS_KEY") else {
            throw VaultFailure(
                .credentialUnreadable,
                detail: "the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set")
        }
        return .init(
            try AWSCredentials(accessKeyID: name, secretAccessKey: key, sessionToken: secret("AWS_SESSION_TOKEN")),
            at: access.clock.now())
    }
}

/// A role that is assumed with credentials of another kind.
struct AWSAssumedRole: AWSCredentialSource {
    let role: AWSRole
    let base: AWSCredentialSession
    let access: AWSAccess

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        .init(
            try await access.tokenService(signedBy: base).assume(role, credential), at: access.clock.now())
    }
}

/// A role that is assumed with a token which something on this machine keeps fresh in a file, such as Kubernetes.
struct AWSWebIdentity: AWSCredentialSource {
    let role: AWSRole
    let tokenFile: String
    let access: AWSAccess

    func fetch(_ credential: VaultCredential) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        let service = access.tokenService(signedBy: nil)
        do {
            return try await issued(service, credential)
        } catch {
            // The file may have been replaced just then.
            guard error.reason == .credentialRejected else { throw error }
            return try await issued(service, credential)
        }
    }

    private func issued(
        _ service: SecurityTokenService, _ credential: VaultCredential
    ) async throws(VaultFailure) -> TokenCache<AWSCredentials>.Issued {
        let token = try await access.machine.token(at: tokenFile)
        guard (4...20_000).contains(token.count) else {
            throw VaultFailure(.credentialUnreadable, detail: "\(tokenFile) does not hold a token")
        }
        return .init(try await service.assume(role, token: token, credential), at: access.clock.now())
    }
}

extension AWSWebIdentity {
    /// What the process's variables name; `nil` when they name nothing.
    static func ofVariables(_ access: AWSAccess) -> AWSWebIdentity? {
        let machine = access.machine
        guard let file = machine.variable("AWS_WEB_IDENTITY_TOKEN_FILE"), let arn = machine.variable("AWS_ROLE_ARN")
        else {
            return nil
        }
        let name = machine.variable("AWS_ROLE_SESSION_NAME") ?? AWSRole.usualSessionName
        return AWSWebIdentity(role: AWSRole(arn: arn, sessionName: name), tokenFile: file, access: access)
    }
}
