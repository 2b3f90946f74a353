import ArgumentParser
import SecretMemory
import SecretScopes

/// `hush tokens`.
struct TokensCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokens",
        abstract: "Create, list and revoke personal access tokens for the server.",
        discussion: """
            EXAMPLE:
              hush tokens create --as ana@example.com --lifetime 90d --comment laptop
            """,
        subcommands: [CreateTokenCommand.self, ListTokensCommand.self, RevokeTokenCommand.self]
    )
}

/// `hush tokens create`.
struct CreateTokenCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a token and print it, this once.",
        discussion: """
            Whoever holds the token is the principal that it was made for, with that principal's permissions. It is \
            stored as a hash only and cannot be shown again.

            EXAMPLE:
              hush tokens create --as ana@example.com --lifetime 90d --comment laptop
            """
    )

    @OptionGroup var lifetime: LifetimeOptions

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A note that is shown beside the token, at most 256 bytes.", valueName: "text")
    )
    var comment = ""

    @OptionGroup var options: TokenOptions

    func run(in program: Program) async throws {
        let request = CreateTokenRequest(
            kind: .personalAccessToken, operations: nil, lifetime: try lifetime.duration(), comment: comment)
        let token = try await options.service(in: program).createToken(request)
        try options.print(token, named: "token", in: program)
    }
}

/// `hush tokens list`.
struct ListTokensCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List one's own tokens, or everybody's.",
        discussion: """
            Shows what a token is for and how long it is valid, never the token itself. --all needs an administrator.

            EXAMPLE:
              hush tokens list --all
            """
    )

    @Flag(help: "List the tokens of all principals.")
    var all = false

    @OptionGroup var options: TokenOptions

    func run(in program: Program) async throws {
        let tokens = try await options.service(in: program).listTokens(of: all ? .everybody : .caller)
        var table = Table(["ID", "Owner", "Created", "Expires", "Last used", "Comment"])
        for token in tokens {
            table.append([
                token.id.description, token.owner.name, TimeText.text(token.created),
                token.expires.map { TimeText.text($0) } ?? "never",
                text(of: token.lastUse),
                TextOutput.printable(token.comment),
            ])
        }
        try options.print(table.takeText(), or: .array(tokens.map { .token($0) }), in: program)
    }

    private func text(of use: LastUse) -> String {
        switch use {
        case .never: "never"
        case .day(let day): String(TimeText.text(day).prefix(10))
        case .untold: "not told"
        }
    }
}

/// `hush tokens revoke`.
struct RevokeTokenCommand: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Make a token useless at once.",
        discussion: """
            When the command is done no request with the token succeeds any more.

            EXAMPLE:
              hush tokens revoke 0e2b5a5e5d1f4c598d350b6a3c1d9f42
            """
    )

    @Argument(help: "The token's id, as the list shows it.")
    var id: String

    @OptionGroup var options: TokenOptions

    func run(in program: Program) async throws {
        let token = try TokenOptions.id(id)
        try await options.service(in: program).revokeToken(token)
        try options.print("Revoked token \(token).\n", or: .object([("token_id", .text(id))]), in: program)
    }
}

/// What all commands on tokens and client secrets take.
struct TokenOptions: ParsableArguments {
    @OptionGroup var format: OutputOptions
    @OptionGroup var acting: PrincipalOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions

    /// The principals of the workspace.
    func service(in program: Program) async throws -> any IdentityService {
        try await WorkspaceAccess(program, workspace, server).identities(as: acting.principal)
    }

    /// Prints a text or a document, as the user asked for.
    func print(_ text: String, or document: JSON, in program: Program) throws {
        switch format.output {
        case .text: try program.output.write(text)
        case .json: try program.output.write(document.indented)
        }
    }

    /// Prints a new token or client secret, in memory for secrets. In text it is all of the output, so that a script
    /// can take it; what it is known by goes to standard error.
    func print(_ token: IssuedToken, named name: String, in program: Program) throws {
        var text = SecretBuffer(in: program.pool)
        switch format.output {
        case .text:
            token.value.withBytes { text.append($0) }
            text.append(UInt8(ascii: "\n"))
            program.errors.writeMessage("It is shown this once. Its id is \(token.id).")
        case .json:
            let document = JSON.object([("\(name)_info", .token(token.description))]).indented
            // In place of the closing brace and the line ends around it.
            text.append(Array((document.dropLast(3) + ",\n  \"\(name)_value\": \"").utf8).span.bytes)
            token.value.withBytes { text.append($0) }
            text.append(Array("\"\n}\n".utf8).span.bytes)
        }
        try program.output.write(text.finish())
    }

    /// Reads an id.
    ///
    /// - Throws: ``UsageFailure`` when it has another form, which may be a token that was pasted here.
    static func id(_ text: String) throws -> CredentialID {
        guard let id = CredentialID(text) else {
            throw UsageFailure("an id has 32 hexadecimal digits. Look it up in the list.")
        }
        return id
    }
}

/// How long something is valid.
struct LifetimeOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How long it is valid, such as 90d, 12h, 30m or 60s; until it is revoked when left out.",
            valueName: "time")
    )
    var lifetime: String?

    /// The time.
    ///
    /// - Throws: ``UsageFailure`` when it is not written so, or is nothing.
    func duration() throws -> Duration? {
        guard let lifetime else { return nil }
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard
            let unit = lifetime.last.flatMap({ units[$0] }), lifetime.count <= 8,
            lifetime.dropLast().allSatisfy(\.isASCII), let number = Int64(lifetime.dropLast()), number > 0
        else {
            throw UsageFailure(
                "--lifetime wants a number of days, hours, minutes or seconds, such as 90d, 12h, 30m, 60s")
        }
        return .seconds(number * unit)
    }
}

extension JSON {
    /// A token or a client secret; times in milliseconds, -1 for no end, as Databricks has it. The day of the last use is
    /// `null` when there was none, and left out when it was not told.
    static func token(_ token: TokenDescription) -> JSON {
        let lastUse: [(String, JSON)] =
            switch token.lastUse {
            case .never: [("last_used_day", .null)]
            case .day(let day): [("last_used_day", .integer(day.rawValue))]
            case .untold: []
            }
        return .object(
            [
                ("token_id", .text(token.id.description)),
                ("owner", .text(token.owner.name)),
                ("created_by", token.creator.map { .text($0) } ?? .null),
                ("creation_time", .integer(token.created.rawValue)),
                ("expiry_time", .integer(token.expires?.rawValue ?? -1)),
            ] + lastUse + [("comment", .text(token.comment))])
    }
}
