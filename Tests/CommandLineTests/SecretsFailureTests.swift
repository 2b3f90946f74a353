import Testing

/// What the commands under `hush secrets` say when they fail, and that they always exit with 1.
@Suite struct SecretsFailureTests {
    struct Case: CustomTestStringConvertible {
        let arguments: [String]
        let message: String
        var testDescription: String { arguments.joined(separator: " ") }

        init(_ arguments: String, _ message: String) {
            self.arguments = arguments.split(separator: " ").map(String.init)
            self.message = message
        }

        init(_ arguments: [String], _ message: String) {
            self.arguments = arguments
            self.message = message
        }
    }

    static let usage = [
        Case("create-scope", "accepts 1 arg(s), received 0"),
        Case("create-scope a b", "accepts 1 arg(s), received 2"),
        Case("delete-scope", "accepts 1 arg(s), received 0"),
        Case("list-scopes a", "accepts 0 arg(s), received 1"),
        Case("put-secret a", "accepts 2 arg(s), received 1"),
        Case("get-secret a b c", "accepts 2 arg(s), received 3"),
        Case("delete-secret a", "accepts 2 arg(s), received 1"),
        Case("list-secrets", "accepts 1 arg(s), received 0"),
        Case("put-acl a b", "accepts 3 arg(s), received 2"),
        Case("get-acl a", "accepts 2 arg(s), received 1"),
        Case("delete-acl a", "accepts 2 arg(s), received 1"),
        Case("list-acls", "accepts 1 arg(s), received 0"),
        Case(
            "create-scope a --json {}",
            """
            when --json flag is specified, no positional arguments are allowed. Provide 'scope' in your JSON input
            """),
        Case(
            "delete-secret a b --json {}",
            """
            when --json flag is specified, no positional arguments are allowed. Provide 'scope', 'key' in your JSON \
            input
            """),
        Case(
            "put-acl a --json {}",
            """
            when --json flag is specified, no positional arguments are allowed. Provide 'scope', 'principal', \
            'permission' in your JSON input
            """),
        Case("put-secret a b --json {}", "accepts 0 arg(s), received 2"),
        Case(
            "put-secret a b --string-value c --bytes-value d",
            "cannot specify both --bytes-value and --string-value"),
        Case("get-secret a b --raw -o json", "cannot specify both --raw and --output json"),
        Case("list-scopes --limit -1", "--limit must be a non-negative integer, got -1"),
        Case("list-secrets a --limit=-7", "--limit must be a non-negative integer, got -7"),
        Case(
            "list-acls a --limit many",
            #"invalid argument "many" for "--limit" flag: strconv.ParseInt: parsing "many": invalid syntax"#),
        Case("list-scopes --limit", "flag needs an argument: --limit"),
        Case("list-scopes -o", "flag needs an argument: 'o' in -o"),
        Case(
            "list-scopes -o xml",
            #"invalid argument "xml" for "-o, --output" flag: accepted arguments are json and text"#),
        Case("list-scopes --color", "unknown flag: --color"),
        Case("list-scopes --limt 2", "unknown flag: --limt\n\nDid you mean \"--limit\"?"),
        Case("list-scopes -x", "unknown shorthand flag: 'x' in -x"),
        Case("put-secret a b -phunter2", "unknown shorthand flag: 'p' in -p"),
        Case("lst-scopes", #"unknown command "lst-scopes" for "hush secrets""#),
        Case("put-acl a b DO", "invalid PERMISSION: DO"),
        Case("put-acl a b read", "invalid PERMISSION: read"),
        Case(["put-secret", "--json", ""], "expected inline JSON or @path/to/file, got an empty string"),
        Case("put-secret --json @missing.json", "The file missing.json cannot be read (No such file or directory)."),
        Case(
            ["delete-scope", "--json", #"{"scope": hunter2}"#],
            "The request's body is not valid JSON: a value is missing (byte 10)."),
        Case("delete-scope --json []", "The request's body must be a JSON object."),
        Case("delete-scope --json {}", "Missing required field: scope"),
    ]

    /// None of these reaches the workspace, so none is needed.
    @Test(arguments: usage)
    func wrongUsageIsNamedInTheKnownWords(_ row: Case) throws {
        let home = try Home(isInitialized: false)
        let outcome = try home.process(["secrets"] + row.arguments).run()
        #expect(outcome == Outcome(1, errors: "Error: \(row.message)\n"))
    }

    @Test func whatTheWorkspaceRefusesIsNamed() throws {
        let home = try Home.withPayments()
        let cases = [
            Case("get-secret nope api-key", "Secret does not exist with scope: nope and key: api-key"),
            Case("get-secret payments nope", "Secret does not exist with scope: payments and key: nope"),
            Case("list-secrets nope", "Scope nope does not exist!"),
            Case("delete-scope nope", "Scope nope does not exist!"),
            Case("create-scope PAYMENTS", "Scope PAYMENTS already exists!"),
            Case(
                "list-acls payments --as ana@example.com",
                "User ana@example.com does not have MANAGE permission on scope payments to perform this action."),
            Case(
                "delete-secret payments api-key --as ana@example.com",
                "User ana@example.com does not have WRITE permission on scope payments to perform this action."),
            Case(
                "get-secret payments api-key --as bob@example.com",
                "There is no user or service principal bob@example.com. See `hush users list`."),
        ]
        for row in cases {
            let outcome = try home.process(["secrets"] + row.arguments).run()
            #expect(outcome == Outcome(1, errors: "Error: \(row.message)\n"), "\(row)")
        }
        for arguments in [
            ["create-scope", "pay ments"], ["put-acl", "payments", "nobody", "READ"], ["get-acl", "payments", "users"],
        ] {
            let outcome = try home.process(["secrets"] + arguments).run()
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(arguments): \(outcome)")
            #expect(outcome.errors.hasPrefix("Error: ") && outcome.errors.split(separator: "\n").count == 1)
        }
    }

    /// Names come from scripts and files; what they hold must not act on the terminal that shows the message.
    @Test func controlCharactersInMessagesAreVisible() throws {
        let home = try Home()
        let outcome = try home.hush("secrets", "list-secrets", "\u{1B}[2Jpayments\u{202E}")
        #expect(outcome.status == 1)
        #expect(!outcome.errors.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x202E })
    }
}
