import SecretMemory
import SecretScopes

/// Reads a secret and prints it: what `hush secrets get-secret` does.
struct SecretReading: Sendable, Hashable {
    /// The name of the scope.
    var scope: String
    /// The name of the secret.
    var key: String
    /// Whether the bytes of the value are printed and nothing else.
    var isRaw: Bool
    /// The version, if not the current one.
    var version: Int64?
    /// Whom it acts as, if not the local administrator.
    var principal: String?
    /// How the workspace is unlocked.
    var unlocking = WorkspaceUnlocking()
    /// The server to read from, if not this machine's workspace.
    var server = ServerChoice()

    /// Does it.
    func run(in program: Program) async throws {
        var access = WorkspaceAccess(program, unlocking, server)
        access.leavesLog = true
        let secret = try await get(access)
        guard isRaw else {
            try program.output.write(document(of: secret, in: program.pool))
            return
        }
        guard !program.output.isTerminal || Self.isText(secret.value) else {
            throw CommandFailure(
                "The value holds bytes that the terminal would act upon. Redirect the output to a file or a program.")
        }
        try program.output.write(secret.value)
    }

    private func get(_ access: WorkspaceAccess) async throws -> Secret {
        guard let version else { return try await access.secrets(as: principal).getSecret(scope: scope, key: key) }
        return try await access.versions(as: principal).getSecret(scope: scope, key: key, version: version)
    }

    /// The JSON object, made in memory for secrets.
    private func document(of secret: Secret, in pool: SecretPool) -> SecretBytes {
        var document = SecretBuffer(in: pool)
        document.append(Array("{\n  \"key\": \(JSON.quoted(secret.key)),\n  \"value\": \"".utf8).span.bytes)
        secret.value.withBytes { bytes in
            Base64.encode(bytes, in: pool).withBytes { document.append($0) }
        }
        document.append(Array("\"\n}\n".utf8).span.bytes)
        return document.finish()
    }

    /// Whether a value holds no control characters but line ends and tabs.
    private static func isText(_ value: SecretBytes) -> Bool {
        value.withBytes { bytes in
            (0..<bytes.byteCount).allSatisfy { position in
                switch bytes.unsafeLoad(fromByteOffset: position, as: UInt8.self) {
                case 0x09, 0x0A, 0x0D: true
                case 0..<0x20, 0x7F: false
                // In UTF-8 the control characters from 0x80 to 0x9F begin with this byte.
                case 0xC2:
                    position + 1 >= bytes.byteCount
                        || bytes.unsafeLoad(fromByteOffset: position + 1, as: UInt8.self) >= 0xA0
                default: true
                }
            }
        }
    }
}

extension SecretReading {
    /// What `secrets get-secret SCOPE KEY [--raw]` asks for, without the parser, whose preparations alone take longer than
    /// reading the secret; this is what other programs call, over and over. `nil` for all other arguments.
    init?(plainly arguments: [String]) {
        guard arguments.count >= 4, arguments[0] == "secrets", arguments[1] == "get-secret" else { return nil }
        let names = arguments[2...].filter { $0 != "--raw" }
        guard names.count == 2, arguments.count <= 5, !names.contains(where: { $0.hasPrefix("-") }) else { return nil }
        self.init(scope: names[0], key: names[1], isRaw: arguments.count == 5)
    }
}
