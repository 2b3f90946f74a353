internal import SecretCrypto
internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// AWS Secrets Manager (API 2017-10-17).
struct SecretsManagerVault: Vault {
    /// The most bytes of a value, by AWS' limits.
    private static let largestValue = 65_536
    private static let pageSize = 100

    private let link: LinkConfiguration
    private let access: AWSAccess
    private let operations: AWSOperations

    init(_ link: LinkConfiguration, _ access: AWSAccess, _ operations: AWSOperations) {
        self.link = link
        self.access = access
        self.operations = operations
    }

    var capabilities: VaultCapabilities {
        // A version is written as the current one, and read back only by a link that reads that.
        let readsCurrent = link.text("version") == nil && (link.text("stage") ?? "AWSCURRENT") == "AWSCURRENT"
        return VaultCapabilities(
            canPut: readsCurrent, canDelete: readsCurrent, largestValue: Self.largestValue, acceptsEmptyValues: false)
    }

    var nameRules: NameRules { SecretsManagerName.rules }

    func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        let answer = try await operations.perform("GetSecretValue", call) { body in
            body.member("SecretId", name)
            body.member("VersionId", link.text("version"))
            body.member("VersionStage", link.text("stage"))
        }
        return try answer.reading { fields, bytes throws(VaultFailure) in
            try value(fields, bytes).map {
                VaultSecret(
                    value: $0, version: fields.text("VersionId", in: bytes),
                    updated: fields.time("CreatedDate", in: bytes))
            }
        }
    }

    /// The value, of which there is exactly one: a text or bytes.
    private func value(_ fields: JSONFields, _ bytes: RawSpan) throws(VaultFailure) -> SecretBytes? {
        let text = fields.secret("SecretString", in: bytes, pool: operations.pool)
        let binary = fields.secret("SecretBinary", in: bytes, pool: operations.pool)
        switch (text, binary) {
        case (let text?, nil): return text
        case (nil, let binary?):
            guard let value = binary.withBytes({ Base64.decode($0, in: operations.pool) }) else {
                throw VaultFailure(.checksumMismatch, detail: "the bytes of its value are not base64")
            }
            return value
        case (nil, nil): throw VaultFailure(.notFound, detail: "the version has no value")
        default: return nil
        }
    }

    func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        try await AWSPages.collect { token throws(VaultFailure) in
            let answer = try await operations.perform("ListSecrets", call) { body in
                body.member("MaxResults", json: String(Self.pageSize))
                body.member("NextToken", token)
                if !prefix.isEmpty {
                    body.member("Filters", json: #"[{"Key":"name","Values":["\#(Self.literal(prefix))"]}]"#)
                }
            }
            return try answer.reading { fields, bytes in
                let entries = fields.objects("SecretList", in: bytes).compactMap { secret -> VaultEntry? in
                    guard let name = secret.text("Name", in: bytes), secret["DeletedDate"] == nil else { return nil }
                    let changed = secret.time("LastChangedDate", in: bytes) ?? secret.time("CreatedDate", in: bytes)
                    return VaultEntry(name: name, updated: changed)
                }
                return (entries, fields.text("NextToken", in: bytes))
            }
        }
    }

    /// Names have no characters that JSON escapes.
    private static func literal(_ prefix: String) -> String {
        String(decoding: prefix.utf8.filter(SecretsManagerName.accepts), as: UTF8.self)
    }

    func put(_ value: SecretBytes, as name: String, _ call: VaultCall) async throws(VaultFailure) -> String? {
        try SecretsManagerName.check(name)
        guard (1...Self.largestValue).contains(value.count) else {
            throw VaultFailure(.unacceptable, detail: "a value in Secrets Manager has 1 to \(Self.largestValue) bytes")
        }
        // AWS makes it the version's id, so that sending the same twice makes one version.
        let token = UUIDText.random(access.context.random)
        do {
            return try await put(value, as: name, token, call)
        } catch {
            guard error.reason == .notFound else { throw error }
        }
        do {
            return try await create(value, as: name, token, call)
        } catch {
            // Somebody created it just then.
            guard error.reason == .conflict else { throw error }
            return try await put(value, as: name, token, call)
        }
    }

    private func put(
        _ value: SecretBytes, as name: String, _ token: String, _ call: VaultCall
    ) async throws(VaultFailure) -> String {
        let answer = try await operations.perform("PutSecretValue", call, .writesOnce) { body in
            body.member("SecretId", name)
            write(value, token, to: &body)
        }
        return try answer.reading { fields, bytes in fields.text("VersionId", in: bytes) }
    }

    private func create(
        _ value: SecretBytes, as name: String, _ token: String, _ call: VaultCall
    ) async throws(VaultFailure) -> String {
        let answer = try await operations.perform("CreateSecret", call, .writesOnce) { body in
            body.member("Name", name)
            body.member("KmsKeyId", link.text("kms-key-id"))
            write(value, token, to: &body)
        }
        return try answer.reading { fields, bytes in fields.text("VersionId", in: bytes) }
    }

    private func write(_ value: SecretBytes, _ token: String, to body: inout SecretBuffer) {
        body.member("ClientRequestToken", token)
        if value.withBytes({ UTF8Sequence.isValid($0) }) {
            body.member("SecretString", value)
        } else {
            body.member("SecretBinary", value.withBytes { Base64.encode($0, in: operations.pool) })
        }
    }

    func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        _ = try await operations.perform("DeleteSecret", call, .writes) { body in
            body.member("SecretId", name)
            if let days = link.number("recovery-days") { body.member("RecoveryWindowInDays", json: String(days)) }
        }
    }
}
