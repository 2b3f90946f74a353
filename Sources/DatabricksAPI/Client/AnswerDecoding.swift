internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// An answer that is not what the call's answers look like.
struct AnswerNotUnderstood: Error {}

/// Reads the bodies that ``Answer`` and ``ValueAnswer`` write.
enum AnswerDecoding {
    static func scopes(_ body: RawSpan) throws(AnswerNotUnderstood) -> [SecretScope] {
        try AnswerObject(body).list("scopes", in: body) { scope, body throws(AnswerNotUnderstood) in
            let backend = try scope.text("backend_type", in: body)
            guard var backend = ScopeBackend(wireName: backend) else { throw AnswerNotUnderstood() }
            let link = try link(scope, body)
            if link != nil, backend == .native { backend = .linked }
            return SecretScope(
                name: try scope.text("name", in: body),
                backend: backend,
                // A level that is not known here is more than any that is; Databricks tells none.
                minimumRedaction: scope.optionalText("minimum_redaction", in: body)
                    .map { MinimumRedaction(named: $0) ?? .strict } ?? .literal,
                link: link
            )
        }
    }

    private static func link(
        _ scope: AnswerObject, _ body: RawSpan
    ) throws(AnswerNotUnderstood) -> ScopeLinkSummary? {
        if scope.members["keyvault_metadata"] != nil {
            let vault = try scope.object("keyvault_metadata", in: body)
            return ScopeLinkSummary(
                kind: VaultKind.azureKeyVault.name,
                address: vault.optionalText("dns_name", in: body) ?? "",
                resourceID: vault.optionalText("resource_id", in: body)
            )
        }
        guard scope.members["link"] != nil else { return nil }
        let link = try scope.object("link", in: body)
        return ScopeLinkSummary(
            kind: try link.text("kind", in: body),
            address: try link.text("address", in: body),
            resourceID: link.optionalText("resource_id", in: body)
        )
    }

    static func secrets(_ body: RawSpan) throws(AnswerNotUnderstood) -> [SecretMetadata] {
        try AnswerObject(body).list("secrets", in: body) { secret, body throws(AnswerNotUnderstood) in
            SecretMetadata(
                key: try secret.text("key", in: body),
                lastUpdated: Timestamp(rawValue: try secret.integer("last_updated_timestamp", in: body))
            )
        }
    }

    static func acl(_ body: RawSpan) throws(AnswerNotUnderstood) -> ACLItem {
        try item(AnswerObject(body), body)
    }

    static func acls(_ body: RawSpan) throws(AnswerNotUnderstood) -> [ACLItem] {
        try AnswerObject(body).list("items", in: body, item)
    }

    /// A secret that was read. The wire does not tell its version, so that is 0.
    static func secret(_ body: RawSpan, pool: SecretPool) throws(AnswerNotUnderstood) -> Secret {
        let object = try AnswerObject(body)
        guard
            let encoded = object.members["value"]?.secret(in: body, pool: pool),
            let value = encoded.withBytes({ Base64.decode($0, in: pool) })
        else { throw AnswerNotUnderstood() }
        return Secret(key: try object.text("key", in: body), value: value, version: 0)
    }

    /// An access token of a service principal.
    static func accessToken(_ body: RawSpan, pool: SecretPool) throws(AnswerNotUnderstood) -> IssuedAccessToken {
        let object = try AnswerObject(body)
        guard
            let token = object.members["access_token"]?.secret(in: body, pool: pool), token.count > 0,
            object.members["token_type"]?.text(in: body)?.lowercased() == "bearer"
        else { throw AnswerNotUnderstood() }
        // Some servers write the number as a text.
        let written = object.optionalText("expires_in", in: body).flatMap { Int64($0) }
        let seconds = if let written { written } else { try object.integer("expires_in", in: body) }
        return IssuedAccessToken(value: token, lifetime: .seconds(seconds))
    }

    private static func item(_ object: AnswerObject, _ body: RawSpan) throws(AnswerNotUnderstood) -> ACLItem {
        guard let permission = Permission(named: try object.text("permission", in: body)) else {
            throw AnswerNotUnderstood()
        }
        return ACLItem(principal: try object.text("principal", in: body), permission: permission)
    }
}
