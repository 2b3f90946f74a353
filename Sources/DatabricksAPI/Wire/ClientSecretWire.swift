internal import SecretJSON
public import SecretMemory
public import SecretScopes

/// The calls about the client secrets of service principals, as a Databricks workspace has them.
///
/// Source: databricks-sdk-py, `ServicePrincipalSecretsProxyAPI`.
public enum ClientSecretEndpoint {
    /// Makes and lists the client secrets of the service principal with that id in the directory.
    public static let all = "/api/2.0/accounts/servicePrincipals/{service_principal_id}/credentials/secrets"
    /// Deletes one of them.
    public static let one = all + "/{secret_id}"

    /// The path of the client secrets of the service principal with the id `id`.
    static func path(of id: String) -> String {
        "/api/2.0/accounts/servicePrincipals/\(id)/credentials/secrets"
    }
}

/// What making a client secret needs.
public struct ClientSecretParameters: Sendable, Hashable {
    /// How long it is valid; `nil` is until it is deleted.
    public var lifetime: Duration?

    /// Creates the parameters.
    public init(lifetime: Duration?) {
        self.lifetime = lifetime
    }

    /// Reads a request's body, which may be empty. The lifetime is a text such as `3600s`.
    public init(json body: RawSpan) throws(ScopeError) {
        guard body.byteCount > 0 else {
            self.lifetime = nil
            return
        }
        guard let text = try JSONFields(parsing: body).text("lifetime", in: body) else {
            self.lifetime = nil
            return
        }
        let digits = text.dropLast()
        guard
            text.hasSuffix("s"), !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let seconds = Int64(digits), (1...(10 * 365 * 86_400)).contains(seconds)
        else {
            throw ScopeError(
                .invalidParameterValue, "lifetime must be a number of seconds from 1s to 315360000s, such as 3600s.")
        }
        self.lifetime = .seconds(seconds)
    }

    /// The parameters as a request's body.
    var json: [UInt8] {
        .json { json in
            guard let lifetime else { return }
            json.member("lifetime", "\(lifetime.components.seconds)s")
        }
    }
}

extension CredentialID {
    /// Reads the id of a client secret.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `RESOURCE_DOES_NOT_EXIST` when it has not the form of one. What was
    ///   sent is not repeated, since it may be a client secret.
    public init(validatingClientSecret text: String) throws(ScopeError) {
        guard let id = CredentialID(text) else {
            throw ScopeError(.resourceDoesNotExist, "There is no client secret with that id.")
        }
        self = id
    }
}

/// The answers about client secrets.
public enum ClientSecretAnswer {
    /// A new client secret, in memory for secrets.
    public static func issued(_ secret: IssuedToken, pool: SecretPool) -> SecretBytes {
        var body = SecretBuffer(in: pool)
        body.append(text: "{\"secret\":\"")
        secret.value.withBytes { body.append($0) }
        body.append(text: "\",")
        // Without its opening brace.
        let rest = [UInt8].json { write(secret.description, to: &$0) }.dropFirst()
        body.append(Array(rest).span.bytes)
        return body.finish()
    }

    /// The client secrets of a service principal.
    public static func list(_ secrets: [TokenDescription]) -> [UInt8] {
        .json { json in
            guard !secrets.isEmpty else { return }
            json.member("secrets", secrets) { json, secret in json.object { write(secret, to: &$0) } }
        }
    }

    private static func write(_ secret: TokenDescription, to json: inout JSONWriter) {
        json.member("id", secret.id.description)
        json.member("status", "ACTIVE")
        json.member("create_time", TimeText.text(secret.created))
        json.member("update_time", TimeText.text(secret.created))
        json.member("expire_time", secret.expires.map { TimeText.text($0) })
        json.member("created_by_username", secret.creator)
    }
}
