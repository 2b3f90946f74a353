internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The Parameter Store of AWS Systems Manager (API 2014-11-06).
struct ParameterStoreVault: Vault {
    private static let pageSize = 10
    /// The tag that marks a value as base64 of bytes that are no text.
    private static let marker = (name: "dbx_encoding", value: "base64")

    private let link: LinkConfiguration
    private let operations: AWSOperations

    init(_ link: LinkConfiguration, _ operations: AWSOperations) {
        self.link = link
        self.operations = operations
    }

    var capabilities: VaultCapabilities {
        let readsLatest = link.text("version") == nil && link.text("label") == nil
        return VaultCapabilities(
            canPut: readsLatest, canDelete: readsLatest, largestValue: largestValue, acceptsEmptyValues: false)
    }

    var nameRules: NameRules { ParameterName.rules }

    /// The most bytes of a value, by AWS' limits.
    private var largestValue: Int {
        (link.text("tier") ?? "Standard") == "Standard" ? 4096 : 8192
    }

    func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        let selector = (link.text("version") ?? link.text("label")).map { ":" + $0 } ?? ""
        let answer = try await operations.perform("GetParameter", call) { body in
            body.member("Name", name + selector)
            // Without it AWS answers with a ciphertext, and not with an error.
            body.member("WithDecryption", json: "true")
        }
        var secret = try answer.reading { fields, bytes -> VaultSecret? in
            guard
                let parameter = fields.fields("Parameter", in: bytes),
                let value = parameter.secret("Value", in: bytes, pool: operations.pool)
            else { return nil }
            return VaultSecret(
                value: value, version: parameter.integer("Version", in: bytes).map { String($0) },
                updated: parameter.time("LastModifiedDate", in: bytes))
        }
        secret.value = try await decoded(secret.value, of: name, call)
        return secret
    }

    /// The bytes that a marked value stands for. The mark is asked for only where a value can be base64 at all.
    private func decoded(
        _ value: SecretBytes, of name: String, _ call: VaultCall
    ) async throws(VaultFailure) -> SecretBytes {
        guard
            link.truth("binary"), value.count > 0,
            let bytes = value.withBytes({ Base64.decode($0, in: operations.pool) }),
            try await isMarked(name, call)
        else { return value }
        return bytes
    }

    private func isMarked(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> Bool {
        let answer = try await operations.perform("ListTagsForResource", call) { body in
            body.member("ResourceType", "Parameter")
            body.member("ResourceId", name)
        }
        return try answer.reading { fields, bytes in
            fields.objects("TagList", in: bytes).contains { tag in
                tag.text("Key", in: bytes) == Self.marker.name && tag.text("Value", in: bytes) == Self.marker.value
            }
        }
    }

    func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        let path = prefix.lastIndex(of: "/").map { String(prefix[..<$0]) } ?? ""
        return try await AWSPages.collect { token throws(VaultFailure) in
            let answer = try await operations.perform("GetParametersByPath", call) { body in
                body.member("Path", path.isEmpty ? "/" : path)
                body.member("Recursive", json: "false")
                // Names are wanted, not values.
                body.member("WithDecryption", json: "false")
                body.member("MaxResults", json: String(Self.pageSize))
                body.member("NextToken", token)
                if let label = link.text("label") {
                    body.member(
                        "ParameterFilters", json: #"[{"Key":"Label","Option":"Equals","Values":["\#(label)"]}]"#)
                }
            }
            return try answer.reading { fields, bytes in
                let entries = fields.objects("Parameters", in: bytes).compactMap { parameter -> VaultEntry? in
                    guard let name = parameter.text("Name", in: bytes) else { return nil }
                    return VaultEntry(name: name, updated: parameter.time("LastModifiedDate", in: bytes))
                }
                return (entries, fields.text("NextToken", in: bytes))
            }
        }
    }

    func put(_ value: SecretBytes, as name: String, _ call: VaultCall) async throws(VaultFailure) -> String? {
        try ParameterName.check(name)
        let isText = value.withBytes { UTF8Sequence.isValid($0) }
        guard isText || link.truth("binary") else {
            throw VaultFailure(
                .unacceptable,
                detail: "parameters hold text alone; with the option binary=true bytes are stored in base64")
        }
        let text = isText ? value : value.withBytes { Base64.encode($0, in: operations.pool) }
        guard (1...largestValue).contains(text.count) else {
            throw VaultFailure(
                .unacceptable,
                detail: "a parameter's value has 1 to \(largestValue) bytes"
                    + (isText ? "" : ", and needs four for each three bytes that are no text"))
        }
        var existing = try await find(name, call)
        // Before the value, so that nobody reads the text of bytes; a new parameter gets it at once.
        if existing != nil, !isText { try await mark(name, call) }
        do {
            return try await store(text, name, existing, isText, call)
        } catch {
            // Somebody created it just then.
            guard error.reason == .conflict, existing == nil else { throw error }
        }
        existing = Existing(type: nil, keyID: nil)
        if !isText { try await mark(name, call) }
        return try await store(text, name, existing, isText, call)
    }

    /// What must be told of a parameter when its value is replaced, or is lost.
    private struct Existing {
        /// It cannot change.
        var type: String?
        /// The KMS key; what is put without one is sealed with the usual one.
        var keyID: String?
    }

    private func find(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> Existing? {
        let found = try await AWSPages.collect { token throws(VaultFailure) in
            let answer = try await operations.perform("DescribeParameters", call) { body in
                body.member("ParameterFilters", json: #"[{"Key":"Name","Option":"Equals","Values":["\#(name)"]}]"#)
                body.member("NextToken", token)
            }
            return try answer.reading { fields, bytes in
                let matching = fields.objects("Parameters", in: bytes).filter { $0.text("Name", in: bytes) == name }
                let found = matching.map {
                    Existing(type: $0.text("Type", in: bytes), keyID: $0.text("KeyId", in: bytes))
                }
                return (found, fields.text("NextToken", in: bytes))
            }
        }
        return found.first
    }

    private func store(
        _ text: SecretBytes, _ name: String, _ existing: Existing?, _ isText: Bool, _ call: VaultCall
    ) async throws(VaultFailure) -> String {
        let type = existing?.type ?? link.text("type") ?? "SecureString"
        let answer = try await operations.perform("PutParameter", call, .writes) { body in
            body.member("Name", name)
            body.member("Value", text)
            body.member("Type", type)
            if type == "SecureString" { body.member("KeyId", existing?.keyID ?? link.text("kms-key-id")) }
            body.member("Tier", link.text("tier"))
            body.member("Overwrite", json: existing == nil ? "false" : "true")
            if existing == nil, !isText {
                body.member("Tags", json: #"[{"Key":"\#(Self.marker.name)","Value":"\#(Self.marker.value)"}]"#)
            }
        }
        if existing != nil, isText, link.truth("binary") { try await unmark(name, call) }
        return try answer.reading { fields, bytes in fields.integer("Version", in: bytes).map { String($0) } }
    }

    private func mark(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        _ = try await operations.perform("AddTagsToResource", call, .writesOnce) { body in
            body.member("ResourceType", "Parameter")
            body.member("ResourceId", name)
            body.member("Tags", json: #"[{"Key":"\#(Self.marker.name)","Value":"\#(Self.marker.value)"}]"#)
        }
    }

    private func unmark(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        _ = try await operations.perform("RemoveTagsFromResource", call, .writesOnce) { body in
            body.member("ResourceType", "Parameter")
            body.member("ResourceId", name)
            body.member("TagKeys", json: #"["\#(Self.marker.name)"]"#)
        }
    }

    func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        _ = try await operations.perform("DeleteParameter", call, .writes) { body in
            body.member("Name", name)
        }
    }
}
