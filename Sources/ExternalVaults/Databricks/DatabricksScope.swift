internal import DatabricksAPI
internal import SecretMemory
internal import SecretScopes

/// A scope of another Databricks workspace, or of another Hush server.
struct DatabricksScope: Vault {
    let capabilities = VaultCapabilities(largestValue: ScopeEngine.Limits.valueBytes)
    let nameRules = NameRules(punctuation: "-._@/", longest: 128, isCaseSensitive: false)

    private let scope: String
    private let client: DatabricksScopeClient
    private let readTimeout: Duration
    private let writeTimeout: Duration
    private let pool: SecretPool

    init(
        scope: String, client: DatabricksScopeClient, readTimeout: Duration, writeTimeout: Duration, pool: SecretPool
    ) {
        self.scope = scope
        self.client = client
        self.readTimeout = readTimeout
        self.writeTimeout = writeTimeout
        self.pool = pool
    }

    func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        let answer = try await client.send(
            "GET", "\(Endpoint.getSecret.path)?\(SecretParameters(scope: scope, key: name).query.encoded)",
            timeout: readTimeout, call)
        let encoded = try answer.body.readingJSON { fields, bytes in fields.secret("value", in: bytes, pool: pool) }
        guard let encoded else { throw VaultFailure(.notUnderstood, detail: "the answer holds no value") }
        guard let value = encoded.withBytes({ Base64.decode($0, in: pool) }) else {
            throw VaultFailure(.checksumMismatch, detail: "the value is not base64")
        }
        return VaultSecret(value: value, minimumRedaction: Self.minimumRedaction(answer))
    }

    /// What another Hush asks for where the value may be shown.
    private static func minimumRedaction(_ answer: VaultAnswer) -> MinimumRedaction {
        guard let level = answer.header(ValueAnswer.minimumRedactionHeader.description.lowercased()) else {
            return .literal
        }
        // A level that is not known here is more than any that is.
        return MinimumRedaction(named: level) ?? .strict
    }

    func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        let answer = try await client.send(
            "GET", "\(Endpoint.listSecrets.path)?\(ScopeParameters(scope: scope).query.encoded)", timeout: readTimeout,
            call)
        let entries = try answer.body.readingJSON { fields, bytes in
            // There is no list when the scope is empty.
            let elements = fields.elements("secrets", in: bytes) ?? []
            return elements.compactMap { element -> VaultEntry? in
                guard let entry = JSONFields(element, in: bytes), let name = entry.text("key", in: bytes) else {
                    return nil
                }
                let updated = entry.integer("last_updated_timestamp", in: bytes)
                return VaultEntry(name: name, updated: updated.map { Timestamp(rawValue: $0) })
            }
        }
        guard let entries else { throw VaultFailure(.notUnderstood, detail: "the list is no JSON object") }
        return entries
    }

    func put(_ value: SecretBytes, as name: String, _ call: VaultCall) async throws(VaultFailure) -> String? {
        let request = PutSecretRequest(
            scope: scope, key: name, bytesValue: value.withBytes { Base64.encode($0, in: pool) })
        var body = SecretBuffer(in: pool)
        do {
            try request.appendJSON(to: &body)
        } catch {
            throw VaultFailure(.unacceptable, detail: error.message)
        }
        _ = try await client.send(
            "POST", Endpoint.putSecret.path, body: body.finish(), timeout: writeTimeout, isChange: true, call)
        return nil
    }

    func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        let body = SecretBytes(copying: SecretParameters(scope: scope, key: name).json.span.bytes, in: pool)
        _ = try await client.send(
            "POST", Endpoint.deleteSecret.path, body: body, timeout: writeTimeout, isChange: true, call)
    }
}
