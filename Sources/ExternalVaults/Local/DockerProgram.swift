internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// Docker's protocol for credential helpers: `docker-credential-…`. A name is what Docker takes for a server's URL.
struct DockerProgram: ProgramDialect {
    /// What helpers write, to their output, when there is no such credential.
    private static let missing = "credentials not found in native keychain"
    /// Whose credential it is when one is stored that was not there.
    private static let userName = "hush"

    let capabilities = VaultCapabilities(largestValue: ProgramSession.largestValue, acceptsEmptyValues: false)
    let nameRules = NameRules(punctuation: "-._@/+=:", longest: 512)

    func get(_ name: String, _ program: ProgramSession) async throws(VaultFailure) -> VaultSecret {
        VaultSecret(value: try await credential(name, program).secret)
    }

    func list(_ program: ProgramSession) async throws(VaultFailure) -> [VaultEntry] {
        let run = try await program.run(["list"])
        try run.checkEnd()
        let names = try run.output.readingJSON { users, _ in users.names }
        guard let names else { throw ProgramRun.notUnderstood }
        return names.map { VaultEntry(name: $0) }
    }

    func put(_ value: SecretBytes, as name: String, _ program: ProgramSession) async throws(VaultFailure) -> String? {
        guard value.withBytes({ UTF8Sequence.isValid($0) }) else {
            throw VaultFailure(.unacceptable, detail: "credential helpers keep text only, and the value is none")
        }
        var user = Self.userName
        do {
            user = try await credential(name, program).user ?? user
        } catch {
            guard error.reason == .notFound else { throw error }
        }
        var input = SecretBuffer(in: program.pool)
        input.append(text: "{\"ServerURL\":")
        input.appendJSONString(name)
        input.append(text: ",\"Username\":")
        input.appendJSONString(user)
        input.append(text: ",\"Secret\":")
        value.withBytes { input.appendJSONString($0) }
        input.append(text: "}")
        let run = try await program.run(["store"], input: input.finish())
        try run.checkEnd()
        return nil
    }

    func delete(_ name: String, _ program: ProgramSession) async throws(VaultFailure) {
        let run = try await program.run(["erase"], input: name)
        if Self.saysMissing(run) { throw VaultFailure(.notFound) }
        try run.checkEnd()
    }

    private func credential(
        _ name: String, _ program: ProgramSession
    ) async throws(VaultFailure) -> (user: String?, secret: SecretBytes) {
        let run = try await program.run(["get"], input: name)
        if Self.saysMissing(run) { throw VaultFailure(.notFound) }
        try run.checkEnd()
        let credential = try run.output.readingJSON { answer, bytes throws(VaultFailure) -> (String?, SecretBytes)? in
            guard let secret = answer.secret("Secret", in: bytes, pool: program.pool) else { return nil }
            return (answer.text("Username", in: bytes), try program.value(secret))
        }
        guard let credential else { throw ProgramRun.notUnderstood }
        return credential
    }

    private static func saysMissing(_ run: ProgramRun) -> Bool {
        guard case .exited(let status) = run.end, status != 0, run.output.count < 1024 else { return false }
        // An error's text, which holds no value.
        let text = run.output.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        return text.contains(missing)
    }
}
