package import SecretMemory
internal import Synchronization

/// A key-value engine of HashiCorp Vault or OpenBao, below one path of it.
package struct KeyValueVault: Vault {
    /// What the storage of most vaults takes in one entry.
    private static let largestValue = 1024 * 1024

    /// What was found out about the vault.
    final class Findings: Sendable {
        let engine: Mutex<KeyValueEngine?>
        /// Whether the token may not patch, or the engine cannot.
        let cannotPatch = Mutex(false)

        init(_ engine: KeyValueEngine?) {
            self.engine = Mutex(engine)
        }
    }

    let session: HashiCorpSession
    let selection: FieldSelection
    /// Whether keys are the fields of the secret at the path.
    let readsFields: Bool
    let findings: Findings
    let writeTimeout: Duration
    let pool: SecretPool
    /// The segments of the address.
    private let path: [String]
    private let version: Int?
    private let readTimeout: Duration

    init(
        session: HashiCorpSession, path: [String], known engine: KeyValueEngine?, selection: FieldSelection,
        readsFields: Bool, version: Int?, readTimeout: Duration, writeTimeout: Duration, pool: SecretPool
    ) {
        self.session = session
        self.path = path
        self.findings = Findings(engine)
        self.selection = selection
        self.readsFields = readsFields
        self.version = version
        self.readTimeout = readTimeout
        self.writeTimeout = writeTimeout
        self.pool = pool
    }

    package var capabilities: VaultCapabilities { VaultCapabilities(largestValue: Self.largestValue) }

    package var nameRules: NameRules {
        NameRules(punctuation: "-._@+=,:/", longest: 512, refusesTrailingPeriod: !readsFields)
    }

    package func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        let engine = try await engine(call)
        if version != nil, !engine.isVersioned {
            throw VaultFailure(.refused, detail: "the engine keeps no versions; leave out the option version")
        }
        let secret = try await read(name, engine, version: version, call)
        let value: SecretBytes
        if readsFields {
            guard let field = try selection.value(name, of: secret, pool: pool) else { throw VaultFailure(.notFound) }
            value = field
        } else {
            value = try selection.value(of: secret, pool: pool)
        }
        return VaultSecret(
            value: value, version: secret.version.map { String($0) }, updated: secret.created, expires: secret.deleted)
    }

    package func list(prefix: String, _ call: VaultCall) async throws(VaultFailure) -> [VaultEntry] {
        let engine = try await engine(call)
        if readsFields {
            let secret = try await read("", engine, version: version, call)
            return FieldSelection.keys(of: secret).map { VaultEntry(name: $0, updated: secret.created) }
        }
        // A prefix may name a folder: names are listed folder by folder.
        let folder = prefix.split(separator: "/", omittingEmptySubsequences: false).dropLast().map(String.init)
        let request = HashiCorpRequest(
            method: "GET", path: engine.names(relative(engine) + folder), query: "list=true", timeout: readTimeout)
        let answer = try await session.send(request, call)
        if answer.status == 404 {
            try Self.checkEngine(answer)
            // An empty folder and none are the same; of an engine that is not there the errors tell.
            if try !Self.hasErrors(answer) { return [] }
        }
        guard answer.isSuccess else { throw HashiCorpRefusal.failure(in: answer) }
        let beginning = folder.map { $0 + "/" }.joined()
        return try answer.reading { fields, bytes in
            let keys = fields.fields("data", in: bytes)?.elements("keys", in: bytes)
            return keys?.compactMap { $0.text(in: bytes) }
                .filter { !$0.hasSuffix("/") }
                .map { VaultEntry(name: beginning + $0) }
        }
    }

    package func put(
        _ value: SecretBytes, as name: String, _ call: VaultCall
    ) async throws(VaultFailure) -> String? {
        try await KeyValueWrite(vault: self, engine: try await engine(call), name: name, call: call).put(value)
    }

    package func delete(_ name: String, _ call: VaultCall) async throws(VaultFailure) {
        try await KeyValueWrite(vault: self, engine: try await engine(call), name: name, call: call).delete()
    }

    package func close() async {
        await session.close()
    }

    // MARK: Parts

    private func engine(_ call: VaultCall) async throws(VaultFailure) -> KeyValueEngine {
        if let known = findings.engine.withLock({ $0 }) { return known }
        let found = try await KeyValueEngine.find(at: path, session, timeout: readTimeout, call)
        if readsFields, found.mount == path {
            throw VaultFailure(
                .refused, detail: "with layout=fields the address must name a secret behind the engine's mount")
        }
        findings.engine.withLock { $0 = found }
        return found
    }

    /// The address' path inside the engine.
    private func relative(_ engine: KeyValueEngine) -> [String] { Array(path.dropFirst(engine.mount.count)) }

    /// The path of a secret inside the engine.
    func path(of name: String, _ engine: KeyValueEngine) -> [String] {
        relative(engine) + (readsFields ? [] : name.split(separator: "/").map(String.init))
    }

    /// Reads the secret that holds the value of a name.
    ///
    /// - Throws: ``VaultFailure``: `notFound`, `deletedRecoverably`, `destroyed`…
    func read(
        _ name: String, _ engine: KeyValueEngine, version: Int? = nil, _ call: VaultCall
    ) async throws(VaultFailure) -> KeyValueSecret {
        let request = HashiCorpRequest(
            method: "GET", path: engine.data(path(of: name, engine)), query: version.map { "version=\($0)" },
            timeout: readTimeout)
        let answer = try await session.send(request, call)
        switch answer.status {
        case 200: return try KeyValueSecret(answer, of: engine)
        case 404:
            // A version without a value has this status too, and a body.
            if engine.isVersioned, try Self.hasData(answer) { return try KeyValueSecret(answer, of: engine) }
            try Self.checkEngine(answer)
            throw VaultFailure(.notFound)
        default: throw HashiCorpRefusal.failure(in: answer)
        }
    }

    private static func checkEngine(_ answer: VaultAnswer) throws(VaultFailure) {
        guard HashiCorpRefusal.says("Invalid path for a versioned K/V secrets engine", answer) else { return }
        throw VaultFailure(.refused, detail: "the engine is of version 2; leave out the option kv-version")
    }

    /// Whether an answer says more than that there is nothing: a folder without names has no errors.
    private static func hasErrors(_ answer: VaultAnswer) throws(VaultFailure) -> Bool {
        try answer.reading { fields, bytes in !(fields.elements("errors", in: bytes) ?? []).isEmpty }
    }

    private static func hasData(_ answer: VaultAnswer) throws(VaultFailure) -> Bool {
        try answer.reading { fields, _ in fields["data"] != nil }
    }
}
