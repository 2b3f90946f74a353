internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// The secrets of one Azure Key Vault.
struct AzureKeyVault: Vault {
    /// The most bytes of a value, which Key Vault keeps as a text.
    private static let largestText = 25_600
    /// Marks values that are not text: they are kept in base64.
    static let binaryType = "application/octet-stream;base64"
    private static let pageSize = 25
    private static let mostPages = 10_000

    let capabilities = VaultCapabilities(largestValue: largestText)
    let nameRules = NameRules(punctuation: "-", longest: 127, isCaseSensitive: false, escapeLead: "-")

    private let client: KeyVaultClient
    private let address: KeyVaultAddress
    private let version: String?
    private let apiVersion: String
    private let readTimeout: Duration
    private let writeTimeout: Duration
    private let pool: SecretPool

    init(_ link: LinkConfiguration, _ context: VaultContext) throws(LinkProblem) {
        self.client = try KeyVaultClient(link, context)
        self.address = try KeyVaultAddress(link.address)
        self.version = link.text("version")
        self.apiVersion = link.text("api-version") ?? "7.4"
        self.readTimeout = link.readTimeout
        self.writeTimeout = link.writeTimeout
        self.pool = context.pool
    }

    private func target(_ path: String..., query: String = "") -> String {
        "/" + path.map { PercentEncoding.encode($0) }.joined(separator: "/") + "?api-version=\(apiVersion)\(query)"
    }

    func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        let path = version.map { target("secrets", name, $0) } ?? target("secrets", name)
        return try secret(in: await client.send("GET", path, timeout: readTimeout, call))
    }

    func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        var entries: [VaultEntry] = []
        var next: String? = target("secrets", query: "&maxresults=\(Self.pageSize)")
        var seen: Set<String> = []
        while let target = next {
            guard seen.insert(target).inserted, seen.count <= Self.mostPages else {
                throw VaultFailure(.notUnderstood, detail: "its list does not end: a page leads back to itself")
            }
            let page = try page(in: await client.send("GET", target, timeout: readTimeout, call))
            entries += page.entries
            next = try page.next.map { link throws(VaultFailure) in try self.target(ofPage: link) }
        }
        return entries.filter { $0.name.lowercased().hasPrefix(prefix.lowercased()) }
    }

    func put(_ value: SecretBytes, as name: String, _ call: VaultCall) async throws(VaultFailure) -> String? {
        let body = try body(for: value)
        let path = target("secrets", name)
        let answer: VaultAnswer
        do {
            answer = try await client.send("PUT", path, body: body, timeout: writeTimeout, mayRepeat: false, call)
        } catch  where error.reason == .deletedRecoverably {
            try await recover(name, call)
            answer = try await client.send("PUT", path, body: body, timeout: writeTimeout, mayRepeat: false, call)
        }
        return try answer.reading { fields, bytes in
            fields.text("id", in: bytes).flatMap { Self.parts(ofID: $0)?.version }
        }
    }

    func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        _ = try await client.send("DELETE", target("secrets", name), timeout: writeTimeout, mayRepeat: false, call)
    }

    /// Takes a deletion back, and waits until the name can be used again. Never purges: that is not for us to decide.
    private func recover(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        _ = try await client.send(
            "POST", target("deletedsecrets", name, "recover"), timeout: writeTimeout, mayRepeat: false, call)
        var pause = Duration.milliseconds(100)
        while true {
            do {
                _ = try await client.send("GET", target("secrets", name), timeout: readTimeout, call)
                return
            } catch  where error.reason == .denied || error.reason == .disabled {
                // It is there, only not for reading.
                return
            } catch  where error.reason == .notFound || error.reason == .conflict {
                guard ContinuousClock.now + pause < call.deadline else {
                    throw VaultFailure(.conflict, detail: "it was deleted and is being recovered; try again soon")
                }
            }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw VaultFailure(.deadlinePassed)
            }
            pause = min(pause * 2, .seconds(2))
        }
    }

    /// The value as a text, or in base64 with a mark.
    private func body(for value: SecretBytes) throws(VaultFailure) -> SecretBytes {
        let isText = value.withBytes { UTF8Sequence.isValid($0) }
        let text = isText ? value : value.withBytes { Base64.encode($0, in: pool) }
        guard text.count <= Self.largestText else {
            throw VaultFailure(
                .unacceptable,
                detail: "a value may have \(Self.largestText) bytes, and one that is no text "
                    + "\(Self.largestText / 4 * 3), since it is kept in base64")
        }
        var json = SecretBuffer(in: pool)
        json.append(text: #"{"value":"#)
        text.withBytes { json.appendJSONString($0) }
        if !isText { json.append(text: #","contentType":"\#(Self.binaryType)""#) }
        json.append(text: "}")
        return json.finish()
    }
}

extension AzureKeyVault {
    private func secret(in answer: VaultAnswer) throws(VaultFailure) -> VaultSecret {
        try answer.reading { fields, bytes throws(VaultFailure) in
            guard var value = fields.secret("value", in: bytes, pool: pool), let id = fields.text("id", in: bytes)
            else {
                return nil
            }
            if fields.text("contentType", in: bytes) == Self.binaryType {
                guard let decoded = value.withBytes({ Base64.decode($0, in: pool) }) else {
                    throw VaultFailure(.notUnderstood, detail: "the value is marked as base64, and is not")
                }
                value = decoded
            }
            let attributes = fields.fields("attributes", in: bytes)
            func time(_ name: String) -> Timestamp? {
                attributes?.integer(name, in: bytes).flatMap { Timestamp(seconds: $0) }
            }
            return VaultSecret(
                value: value, version: Self.parts(ofID: id)?.version, updated: time("updated"), notBefore: time("nbf"),
                expires: time("exp"))
        }
    }

    private func page(in answer: VaultAnswer) throws(VaultFailure) -> (entries: [VaultEntry], next: String?) {
        try answer.reading { fields, bytes in
            guard let items = fields.elements("value", in: bytes) else { return nil }
            var entries: [VaultEntry] = []
            for item in items {
                guard
                    let item = JSONFields(item, in: bytes), let id = item.text("id", in: bytes),
                    let name = Self.parts(ofID: id)?.name
                else { return nil }
                // The values of those are certificates with their private keys, which nobody put there as secrets.
                guard !item.isTrue("managed") else { continue }
                let updated = item.fields("attributes", in: bytes)?.integer("updated", in: bytes)
                entries.append(VaultEntry(name: name, updated: updated.flatMap { Timestamp(seconds: $0) }))
            }
            let next = fields.text("nextLink", in: bytes)
            return (entries, next.flatMap { $0.isEmpty ? nil : $0 })
        }
    }

    /// Path and query of a page's address, which must be of this vault: the token goes there.
    private func target(ofPage link: String) throws(VaultFailure) -> String {
        let slash = link.firstRange(of: "://").flatMap { link[$0.upperBound...].firstIndex(of: "/") }
        guard
            let slash, let origin = LinkURL(String(link[..<slash])),
            link.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), !link.contains("#")
        else { throw VaultFailure(.notUnderstood, detail: "its list goes on at what is no address") }
        func isSame(_ host: String, _ port: Int?) -> Bool {
            origin.host == host && (origin.port ?? 443) == (port ?? 443)
        }
        guard
            origin.scheme == client.origin.scheme || origin.scheme == "https",
            isSame(address.host, address.port) || isSame(client.origin.host, client.origin.port)
        else { throw VaultFailure(.untrusted, detail: "its list goes on at another host") }
        return String(link[slash...])
    }

    /// Takes `https://HOST/secrets/NAME[/VERSION]` apart.
    private static func parts(ofID id: String) -> (name: String, version: String?)? {
        let parts = LinkURL(id)?.segments ?? []
        guard parts.count == 2 || parts.count == 3, parts[0] == "secrets" else { return nil }
        return (parts[1], parts.count == 3 ? parts[2] : nil)
    }
}

extension Timestamp {
    /// So many seconds after 1970; `nil` when they are beyond all reason.
    fileprivate init?(seconds: Int64) {
        guard (0...253_402_300_799) ~= seconds else { return nil }
        self.init(rawValue: seconds * 1000)
    }
}
