internal import SecretMemory

/// What a file with credentials for Google holds, by its `type`.
indirect enum GoogleCredential: Sendable {
    /// The key of a service account.
    case serviceAccount(ServiceAccountKey)
    /// What a person let an application do, which `gcloud auth application-default login` writes.
    case authorizedUser(AuthorizedUser)
    /// Another issuer's token, which is exchanged.
    case externalAccount(ExternalAccount)
    /// A service account that another credential may act as.
    case impersonated(source: GoogleCredential, ServiceAccountImpersonation)

    /// The names of the types, as files have them.
    static let types = ["service_account", "authorized_user", "external_account", "impersonated_service_account"]

    private static let malformed = VaultFailure(
        .credentialUnreadable, detail: "the credential is not a JSON object as Google's tools write them")

    /// Reads a file's content.
    ///
    /// - Parameter type: The type that it must have, if only one will do.
    /// - Throws: ``VaultFailure`` with `credentialUnreadable`, or `untrusted` for an address that is not Google's.
    static func read(
        _ content: SecretBytes, type: String?, _ universe: GoogleUniverse, pool: SecretPool
    ) throws(VaultFailure) -> (credential: GoogleCredential, quotaProject: String?) {
        let read = try content.readingJSON { fields, bytes throws(VaultFailure) in
            if let type, let found = fields.text("type", in: bytes), found != type {
                throw VaultFailure(
                    .credentialUnreadable,
                    detail: types.contains(found)
                        ? "the credential is of type \(found), and the option auth asks for \(type)"
                        : "the credential is not of type \(type)")
            }
            return (try credential(fields, bytes, universe, pool), fields.text("quota_project_id", in: bytes))
        }
        guard let read else { throw malformed }
        return read
    }

    private static func credential(
        _ fields: JSONFields, _ bytes: RawSpan, _ universe: GoogleUniverse, _ pool: SecretPool
    ) throws(VaultFailure) -> GoogleCredential {
        switch fields.text("type", in: bytes) {
        case "service_account":
            guard let key = try ServiceAccountKey(fields, bytes, universe, pool) else { throw malformed }
            return .serviceAccount(key)
        case "authorized_user":
            guard let user = try AuthorizedUser(fields, bytes, universe, pool) else { throw malformed }
            return .authorizedUser(user)
        case "external_account":
            guard let account = try ExternalAccount(fields, bytes, universe, pool) else { throw malformed }
            return .externalAccount(account)
        case "impersonated_service_account":
            guard
                let source = fields.fields("source_credentials", in: bytes),
                let text = fields.text("service_account_impersonation_url", in: bytes)
            else { throw malformed }
            // One step only: longer chains are what delegates are for.
            guard source.text("type", in: bytes) != "impersonated_service_account" else { throw malformed }
            var delegates: [String] = []
            for element in fields.elements("delegates", in: bytes) ?? [] {
                guard let name = element.text(in: bytes) else { throw malformed }
                delegates.append(name)
            }
            return .impersonated(
                source: try credential(source, bytes, universe, pool),
                ServiceAccountImpersonation(url: try universe.checked(text), delegates: delegates))
        default:
            throw VaultFailure(
                .credentialUnreadable,
                detail: "the credential is of none of the types \(types.joined(separator: ", "))")
        }
    }
}
