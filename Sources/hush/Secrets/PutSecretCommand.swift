import ArgumentParser
import DatabricksAPI
import Glibc
import Redaction
import SecretMemory
import SecretScopes

/// `hush secrets put-secret`.
struct PutSecretCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "put-secret",
        abstract: "Add a secret, or replace its value.",
        usage: "hush secrets put-secret SCOPE KEY [flags]",
        discussion: """
            Without a flag the value is read from standard input, every byte of it; on a terminal you are asked for \
            one line, which does not show. That is the best way: a value on the command line can be seen by others \
            with ps until the program has started, and stays in the shell's history.

            A value has at most 131072 bytes. It needs the permission WRITE.

            EXAMPLE:
              printf %s "$API_KEY" | hush secrets put-secret payments api-key
              hush secrets put-secret payments certificate < payments.pem
            """
    )

    @Argument(help: ArgumentHelp("The name of the scope and that of the secret.", valueName: "scope> <key"))
    var arguments: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The value, as text. Standard input is safer.", valueName: "value")
    )
    var stringValue: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The value, sent as bytes. Standard input is safer.", valueName: "value")
    )
    var bytesValue: String?

    @OptionGroup var request: RequestBodyOptions
    @OptionGroup var options: SecretsOptions

    func run(in program: Program) async throws {
        var body = try request(in: program.pool)
        let service = try await options.service(in: program)
        if body.stringValue == nil, body.bytesValue == nil, request.json == nil {
            // Not before the workspace is open: its passphrase may come first on the same descriptor.
            let value = try SecretInput(program: program).read()
            body.bytesValue = value.withBytes { Base64.encode($0, in: program.pool) }
        }
        let strength = strength(of: body, in: program.pool)
        try await service.putSecret(body)
        warn(about: strength, of: body, in: program)
    }

    /// The request as far as the command line says it: without a value when that is to be read from standard input.
    private func request(in pool: SecretPool) throws -> PutSecretRequest {
        guard stringValue == nil || bytesValue == nil else {
            throw UsageFailure("cannot specify both --bytes-value and --string-value")
        }
        if let json = try request.body(in: pool) {
            guard stringValue == nil, bytesValue == nil else {
                throw UsageFailure("cannot specify --json together with --bytes-value or --string-value")
            }
            _ = try PositionalArguments.exactly(0, of: arguments)
            return try json.withBytes { try PutSecretRequest(json: $0, pool: pool) }
        }
        let names = try PositionalArguments.exactly(2, of: arguments)
        return PutSecretRequest(
            scope: names[0],
            key: names[1],
            stringValue: stringValue.map { SecretBytes(copying: Array($0.utf8).span.bytes, in: pool) },
            bytesValue: bytesValue.map { Base64.encode(Array($0.utf8).span.bytes, in: pool) }
        )
    }

    private func strength(of body: PutSecretRequest, in pool: SecretPool) -> ValueStrength? {
        let value =
            body.stringValue
            ?? body.bytesValue.flatMap { encoded in
                encoded.withBytes { Base64.decode($0, in: pool) }
            }
        return value.map { ValueStrength(of: $0) }
    }

    /// Says when runs cannot redact the value as one would expect.
    private func warn(about strength: ValueStrength?, of body: PutSecretRequest, in program: Program) {
        let name = "\(body.scope)/\(body.key)"
        switch strength {
        case .tooShort:
            program.errors.writeMessage(
                """
                Warning: \(name) was put, but is too short to be redacted: runs print it as it is. \
                Use at least 4 bytes that are not all white space.
                """
            )
        case .weak:
            program.errors.writeMessage(
                """
                Warning: \(name) was put, but is an everyday word or a short number: runs redact it only where it \
                stands as a word by itself. Use a value that nobody guesses.
                """
            )
        case .redacted, nil:
            break
        }
    }
}

/// A value from standard input.
struct SecretInput {
    let program: Program

    /// On a terminal one line, without its end; else everything, with the line end that may be last.
    ///
    /// - Throws: ``CommandFailure`` when there is nothing: that is rather a producer that failed than a value.
    func read() throws -> SecretBytes {
        guard let input = program.input else { throw absent("Standard input is closed.") }
        guard isatty(input) == 1 else { return try readAll(from: input) }
        let prompt = HiddenPrompt(
            terminal: input, output: program.errors, echo: program.terminal, pool: program.pool)
        guard let value = try prompt.read("Please enter your secret value") else {
            throw absent("Nothing was entered.")
        }
        return value
    }

    private func readAll(from input: Int32) throws -> SecretBytes {
        var value = SecretBuffer(in: program.pool)
        do {
            // One byte more than a value may have: the service refuses it, and the record shows that.
            _ = try value.appendAll(from: input, limit: ScopeEngine.Limits.valueBytes + 1)
        } catch {
            throw CommandFailure("Standard input cannot be read (\(String(cString: strerror(error.number)))).")
        }
        guard value.count > 0 else { throw absent("Standard input is empty.") }
        return value.finish()
    }

    private func absent(_ reason: String) -> CommandFailure {
        CommandFailure("\(reason) Pass the value there; --string-value '' stores an empty one.")
    }
}
