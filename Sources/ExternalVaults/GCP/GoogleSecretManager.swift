internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The secrets of one project, or of one location of it, in Secret Manager.
struct GoogleSecretManager: Vault {
    private static let largestValue = 65_536
    private static let pageSize = 1000
    private static let mostPages = 10_000
    /// How often a value that does not fit its checksum is asked for.
    private static let attempts = 3

    let capabilities = VaultCapabilities(largestValue: largestValue)
    let nameRules = NameRules(punctuation: "-_", longest: 255)

    private let client: SecretManagerClient
    private let parent: SecretManagerParent
    private let version: String
    private let replicas: [String]
    private let readTimeout: Duration
    private let writeTimeout: Duration
    private let pool: SecretPool

    init(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) {
        self.client = try SecretManagerClient(link, context)
        self.parent = try SecretManagerParent(link.address)
        self.version = link.text("version") ?? "latest"
        self.replicas = (link.text("replicas") ?? "").split(separator: ",").map(String.init)
        self.readTimeout = link.readTimeout
        self.writeTimeout = link.writeTimeout
        self.pool = context.pool
    }

    private func path(_ name: String) -> String { "\(parent.path)/secrets/\(PercentEncoding.encode(name))" }

    func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        let selected = version == "latest_enabled" ? try await latestEnabled(name, call) : version
        var attempt = 0
        while true {
            attempt += 1
            let answer = try await client.send(
                "GET", "\(path(name))/versions/\(selected):access", timeout: readTimeout, call)
            do {
                return try secret(in: answer)
            } catch  where error.reason == .checksumMismatch && attempt < Self.attempts {
                continue
            }
        }
    }

    /// The number of the newest version that is enabled.
    private func latestEnabled(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> String {
        // The newest come first, but a page may be empty and yet not be the last.
        var found: Int?
        try await pages("\(path(name))/versions", query: "filter=state:ENABLED", field: "versions", call) {
            version, bytes in
            guard let number = version.text("name", in: bytes).flatMap({ Self.lastSegment($0) }).flatMap({ Int($0) })
            else {
                return
            }
            found = max(found ?? 0, number)
        } until: {
            found != nil
        }
        guard let found else { throw VaultFailure(.notFound, detail: "it has no enabled version") }
        return String(found)
    }

    func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        let filter = prefix.isEmpty ? "" : "filter=" + PercentEncoding.encode("name:\(prefix)")
        var entries: [VaultEntry] = []
        try await pages("\(parent.path)/secrets", query: filter, field: "secrets", call) { secret, bytes in
            // The filter looks for the text anywhere in the name, and the name holds the project's number.
            guard let name = secret.text("name", in: bytes).flatMap({ Self.lastSegment($0) }), name.hasPrefix(prefix)
            else {
                return
            }
            entries.append(VaultEntry(name: name))
        } until: {
            false
        }
        return entries
    }

    func put(_ value: SecretBytes, as name: String, _ call: VaultCall) async throws(VaultFailure) -> String? {
        let checksum = value.withBytes { CRC32C.checksum($0) }
        let body = body(for: value, checksum)
        let target = "\(path(name)):addVersion"
        let answer: VaultAnswer
        do {
            answer = try await client.send("POST", target, body: body, timeout: writeTimeout, mayRepeat: false, call)
        } catch  where error.reason == .notFound {
            try await create(name, call)
            answer = try await client.send("POST", target, body: body, timeout: writeTimeout, mayRepeat: false, call)
        }
        return try answer.reading { fields, bytes throws(VaultFailure) in
            guard fields.isTrue("clientSpecifiedPayloadChecksum") else {
                throw VaultFailure(
                    .checksumMismatch, detail: "Secret Manager did not compare the value with its checksum")
            }
            return fields.text("name", in: bytes).flatMap { Self.lastSegment($0) }
        }
    }

    private func create(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        var json = JSONWriter()
        json.object { json in
            // Regional secrets are where they are.
            guard parent.location == nil else { return }
            json.member("replication") { json in
                guard !replicas.isEmpty else { return json.member("automatic") { _ in } }
                json.member("userManaged") { json in
                    json.member("replicas", replicas) { json, location in
                        json.object { $0.member("location", location) }
                    }
                }
            }
        }
        do {
            _ = try await client.send(
                "POST", "\(parent.path)/secrets?secretId=\(PercentEncoding.encode(name))",
                body: SecretBytes(copying: json.bytes.span.bytes, in: pool), timeout: writeTimeout, call)
        } catch  where error.reason == .conflict && error.detail == "ALREADY_EXISTS" {
            // Somebody else was faster, or a first attempt was done although nobody heard of it.
        }
    }

    func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        _ = try await client.send("DELETE", path(name), timeout: writeTimeout, mayRepeat: false, call)
    }
}

extension GoogleSecretManager {
    /// Goes through the pages of a list. An empty page says nothing about what follows; a page that comes again would come
    /// for ever.
    private func pages(
        _ path: String, query: String, field: String, _ call: VaultCall,
        _ item: (JSONFields, RawSpan) -> Void, until isDone: () -> Bool
    ) async throws(VaultFailure) {
        var next: String? = ""
        var seen: Set<String> = []
        while let token = next, !isDone() {
            guard seen.insert(token).inserted, seen.count <= Self.mostPages else {
                throw VaultFailure(.notUnderstood, detail: "its list does not end: a page leads back to itself")
            }
            let parts = [
                "pageSize=\(Self.pageSize)", query, token.isEmpty ? "" : "pageToken=\(PercentEncoding.encode(token))",
            ]
            let target = "\(path)?" + parts.filter { !$0.isEmpty }.joined(separator: "&")
            let answer = try await client.send("GET", target, timeout: readTimeout, call)
            next = try answer.reading { fields, bytes -> String?? in
                guard fields[field] == nil || fields.elements(field, in: bytes) != nil else { return nil }
                for element in fields.elements(field, in: bytes) ?? [] {
                    guard let element = JSONFields(element, in: bytes) else { return nil }
                    item(element, bytes)
                }
                return .some(fields.text("nextPageToken", in: bytes).flatMap { $0.isEmpty ? nil : $0 })
            }
        }
    }

    private func secret(in answer: VaultAnswer) throws(VaultFailure) -> VaultSecret {
        try answer.reading { fields, bytes throws(VaultFailure) in
            guard let name = fields.text("name", in: bytes), let payload = fields.fields("payload", in: bytes) else {
                return nil
            }
            // Fields that are empty are left out of answers.
            let text = payload.secret("data", in: bytes, pool: pool) ?? SecretBuffer(in: pool).finish()
            guard let value = text.withBytes({ Base64.decode($0, in: pool) }) else { return nil }
            guard let checksum = payload.integer("dataCrc32c", in: bytes) else {
                throw VaultFailure(.checksumMismatch, detail: "it came without a checksum")
            }
            guard checksum == Int64(value.withBytes { CRC32C.checksum($0) }) else {
                throw VaultFailure(.checksumMismatch)
            }
            return VaultSecret(value: value, version: Self.lastSegment(name))
        }
    }

    private func body(for value: SecretBytes, _ checksum: UInt32) -> SecretBytes {
        var json = SecretBuffer(in: pool)
        json.append(text: #"{"payload":{"data":""#)
        value.withBytes { Base64.encode($0, in: pool) }.withBytes { json.append($0) }
        json.append(text: #"","dataCrc32c":"\#(checksum)"}}"#)
        return json.finish()
    }

    private static func lastSegment(_ name: String) -> String? {
        name.split(separator: "/").last.map(String.init)
    }
}
