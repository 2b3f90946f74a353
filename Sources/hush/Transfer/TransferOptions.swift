import ArgumentParser

/// How secrets are moved.
struct TransferOptions: ParsableArguments {
    @Option(
        name: .customLong("option"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp("An option of the address, as a link has them; can be repeated.", valueName: "name=value"))
    var given: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Where the credential for the address is read: {{secrets/SCOPE/KEY}}, env:NAME or file:PATH.",
            valueName: "reference"))
    var credential: String?

    @Option(parsing: .unconditional, help: "The form of the file, when its name does not tell it.")
    var format: SecretTextFormat?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Copy only the secret of this name; can be repeated.", valueName: "key"))
    var only: [String] = []

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Give a secret another name; can be repeated.", valueName: "old=new"))
    var rename: [String] = []

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Give secrets other names by the lines of this file, OLD=NEW.", valueName: "path"),
        completion: .file())
    var names: String?

    @Option(
        name: .customLong("case"), parsing: .unconditional, help: "Write the names in this case.")
    var letters: NameMapping.Case?

    @Option(parsing: .unconditional, help: "Put this between the words of names instead of - _ . / and @.")
    var words: NameMapping.Words?

    @Option(
        parsing: .unconditional, help: ArgumentHelp("Put this in front of the other names.", valueName: "text"))
    var prefix = ""

    @Flag(help: "Replace values that are there and differ.")
    var overwrite = false

    @Flag(help: "Also grant there what is granted here, when both are scopes.")
    var acl = false

    @Flag(help: "Show what would be done, and do nothing.")
    var dryRun = false

    /// The options of the address by name.
    ///
    /// - Throws: ``UsageFailure`` when one is no `NAME=VALUE`, or given twice.
    func addressOptions() throws -> [String: String] {
        try LinkOptionArguments.values(of: given)
    }

    /// What the secrets are called there.
    func mapping() throws -> NameMapping {
        var mapping = NameMapping()
        if let names { try mapping.rename(byFile: names) }
        for text in rename { try mapping.rename(text) }
        mapping.letters = letters
        mapping.words = words
        mapping.prefix = prefix
        return mapping
    }
}
