import ArgumentParser
import SecretMemory
import SecretScopes

/// `hush secrets get-secret`.
struct GetSecretCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "get-secret",
        abstract: "Get a secret.",
        usage: "hush secrets get-secret SCOPE KEY [--raw] [--version N] [flags]",
        discussion: """
            Prints a JSON object with the value in base64, or with --raw the value itself. It needs the permission READ.

            EXAMPLE:
              hush secrets get-secret payments api-key --raw
              hush secrets get-secret payments api-key --version 3
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope and that of the secret.", valueName: "scope> <key"))
    var arguments: [String] = []

    @Flag(help: "Print the bytes of the value and nothing else.")
    var raw = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Get the value of this version instead of the current one.", valueName: "n")
    )
    var version: Int64?

    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        let names = try PositionalArguments.exactly(2, of: arguments)
        guard !raw || options.format.output == .text else {
            throw UsageFailure("cannot specify both --raw and --output json")
        }
        let secret =
            if let version {
                try await options.versions(in: program).getSecret(scope: names[0], key: names[1], version: version)
            } else {
                try await options.service(in: program).getSecret(scope: names[0], key: names[1])
            }
        guard raw else {
            try program.output.write(document(of: secret, in: program.pool))
            return
        }
        guard !program.output.isTerminal || Self.isText(secret.value) else {
            throw CommandFailure(
                "The value holds bytes that the terminal would act upon. Redirect the output to a file or a program.")
        }
        try program.output.write(secret.value)
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

extension GetSecretCommand {
    /// The command with these names and no other option than `--raw`, as the parser would make it.
    static func plain(names: [String], raw: Bool) -> GetSecretCommand {
        var command = GetSecretCommand()
        command.arguments = names
        command.raw = raw
        command.version = nil
        command.options = .none
        return command
    }
}
