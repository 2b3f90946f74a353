internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// A role to assume, and how.
struct AWSRole: Sendable {
    var arn: String
    var sessionName: String
    var externalID: String?
    /// How long its credentials live.
    var duration: Duration?

    /// The session's name when nobody gives one.
    static let usualSessionName = "hush"
}

/// AWS' Security Token Service, which gives temporary credentials for roles: a form is sent, XML comes back.
struct SecurityTokenService: Sendable {
    private static let version = "2011-06-15"
    /// How long to wait for credentials: others wait with us.
    private static let patience = Duration.seconds(10)

    let client: AWSClient
    private let pool: SecretPool

    init(client: AWSClient, pool: SecretPool) {
        self.client = client
        self.pool = pool
    }

    /// Credentials for a role, for whoever the requests are signed by.
    func assume(_ role: AWSRole, _ credential: VaultCredential) async throws(VaultFailure) -> AWSCredentials {
        try await credentials("AssumeRole", role, token: nil, credential)
    }

    /// Credentials for a role, for whoever `token` tells of.
    func assume(
        _ role: AWSRole, token: SecretBytes, _ credential: VaultCredential
    ) async throws(VaultFailure) -> AWSCredentials {
        try await credentials("AssumeRoleWithWebIdentity", role, token: token, credential)
    }

    private func credentials(
        _ action: String, _ role: AWSRole, token: SecretBytes?, _ credential: VaultCredential
    ) async throws(VaultFailure) -> AWSCredentials {
        let query = AWSClient.Query(
            headers: [FormBody.contentType], body: form(action, role, token), timeout: Self.patience)
        let answer: VaultAnswer
        do {
            answer = try await client.send(query, VaultCall(deadline: .now + Self.patience, credential: credential)) {
                AWSRefusal(xml: $0)
            }
        } catch {
            throw Self.explained(error, role)
        }
        guard let credentials = try read(answer.body) else {
            throw VaultFailure(.notUnderstood, detail: "STS did not answer with credentials")
        }
        return credentials
    }

    private func form(_ action: String, _ role: AWSRole, _ token: SecretBytes?) -> SecretBytes {
        var body = FormBody(in: pool)
        body.add("Action", action)
        body.add("Version", Self.version)
        body.add("RoleArn", role.arn)
        body.add("RoleSessionName", role.sessionName)
        if let duration = role.duration { body.add("DurationSeconds", String(duration.components.seconds)) }
        if let token {
            body.add("WebIdentityToken", token)
        } else if let externalID = role.externalID {
            body.add("ExternalId", externalID)
        }
        return body.finish()
    }

    private func read(_ body: SecretBytes) throws(VaultFailure) -> AWSCredentials? {
        let found = body.withBytes { bytes -> (String?, SecretBytes?, SecretBytes?, String?) in
            (
                XMLText.text(of: "AccessKeyId", in: "Credentials", bytes),
                XMLText.secret(of: "SecretAccessKey", in: "Credentials", bytes, pool: pool),
                XMLText.secret(of: "SessionToken", in: "Credentials", bytes, pool: pool),
                XMLText.text(of: "Expiration", in: "Credentials", bytes)
            )
        }
        guard
            let name = found.0, let secret = found.1, let token = found.2,
            let expiration = found.3.flatMap({ AWSDate.timestamp($0) })
        else { return nil }
        return try AWSCredentials(
            accessKeyID: name, secretAccessKey: secret, sessionToken: token, expiration: expiration)
    }

    /// Says that it was the role that could not be assumed: a reader who may not assume it is not one whom the vault denies a
    /// secret.
    private static func explained(_ failure: VaultFailure, _ role: AWSRole) -> VaultFailure {
        var failure = failure
        switch failure.reason {
        case .denied, .refused, .unacceptable, .notFound: failure.reason = .credentialRejected
        default: break
        }
        failure.detail = "the role \(role.arn) cannot be assumed" + (failure.detail.map { ": " + $0 } ?? "")
        return failure
    }
}

extension AWSRefusal {
    /// Reads an answer in the query protocol (`<ErrorResponse><Error><Code>…`).
    init(xml answer: VaultAnswer) {
        let (code, message) = answer.body.withBytes { bytes -> (String?, String?) in
            (XMLText.text(of: "Code", in: "Error", bytes), XMLText.text(of: "Message", in: "Error", bytes))
        }
        self.init(code: code ?? "", status: answer.status, message: message ?? "")
    }
}
