internal import SecretJSON
internal import SecretMemory
internal import SecretScopes

/// Git's protocol for credential helpers: lines `key=value`. A name is the host, or the whole URL when it is one; the value
/// is the password.
struct GitProgram: ProgramDialect {
    /// Whose credential it is when one is stored that was not there.
    private static let userName = "hush"

    let capabilities = VaultCapabilities(
        canList: false, largestValue: ProgramSession.largestValue, acceptsEmptyValues: false)
    let nameRules = NameRules(punctuation: "-._@/+=:", longest: 512)

    func get(_ name: String, _ program: ProgramSession) async throws(VaultFailure) -> VaultSecret {
        let attributes = try await attributes(name, program)
        guard let password = attributes.secret("password", in: program.pool) else { throw VaultFailure(.notFound) }
        let end = attributes.text("password_expiry_utc").flatMap { Int64($0) }
        return VaultSecret(
            value: try program.value(password), expires: end.map { Timestamp(rawValue: $0 &* 1000) })
    }

    func put(_ value: SecretBytes, as name: String, _ program: ProgramSession) async throws(VaultFailure) -> String? {
        let isLine = value.withUnsafeBytes {
            !$0.contains { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") || $0 == 0 }
        }
        guard isLine else {
            throw VaultFailure(.unacceptable, detail: "git's credential helpers keep one line, and the value is none")
        }
        let user = try await attributes(name, program).text("username") ?? Self.userName
        var input = SecretBuffer(in: program.pool)
        input.append(text: try Self.question(name) + "username=\(user)\npassword=")
        value.withBytes { input.append($0) }
        input.append(text: "\n\n")
        let run = try await program.run(["store"], input: input.finish())
        try run.checkEnd()
        return nil
    }

    func delete(_ name: String, _ program: ProgramSession) async throws(VaultFailure) {
        let run = try await program.run(["erase"], input: Self.question(name) + "\n")
        try run.checkEnd()
    }

    private func attributes(_ name: String, _ program: ProgramSession) async throws(VaultFailure) -> GitAttributes {
        let run = try await program.run(["get"], input: Self.question(name) + "\n")
        try run.checkEnd()
        return GitAttributes(run.output)
    }

    private static func question(_ name: String) throws(VaultFailure) -> String {
        guard !name.utf8.contains(where: { $0 < 0x20 }) else {
            throw VaultFailure(.unacceptable, detail: "git's credential helpers have no such names")
        }
        guard let url = LinkURL(name) else { return "protocol=https\nhost=\(name)\n" }
        let path = url.path.isEmpty || url.path == "/" ? "" : "path=\(url.path.dropFirst())\n"
        return "protocol=\(url.scheme)\nhost=\(url.authority)\n\(path)"
    }
}

/// The lines that a credential helper of git's wrote. The last one of a name counts.
struct GitAttributes {
    private let output: SecretBytes
    private var values: [String: Range<Int>] = [:]

    init(_ output: SecretBytes) {
        self.output = output
        values = output.withUnsafeBytes { bytes in
            var values: [String: Range<Int>] = [:]
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                guard let mark = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
                let name = String(decoding: line[..<mark], as: UTF8.self)
                values[name] = (mark + 1)..<line.endIndex
            }
            return values
        }
    }

    func secret(_ name: String, in pool: SecretPool) -> SecretBytes? {
        values[name].map { output.slice($0) }
    }

    func text(_ name: String) -> String? {
        values[name].map { range in
            output.withUnsafeBytes { String(decoding: $0[range], as: UTF8.self) }
        }
    }
}
