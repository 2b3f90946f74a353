import ArgumentParser

/// What all commands take that work with secrets and scopes, in this workspace or on a server.
struct SecretsOptions: ParsableArguments {
    @OptionGroup var format: OutputOptions
    @OptionGroup var acting: PrincipalOptions
    @OptionGroup var workspace: WorkspaceOptions
    @OptionGroup var server: ServerOptions
}

/// A request's body from the command line.
struct RequestBodyOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: "The request as a JSON object, or @path of a file that holds it, instead of arguments."
    )
    var json: String?
}

/// How many elements a list shows.
struct LimitOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Show at most so many; 0 shows all.", valueName: "n")
    )
    var limit = 0

    /// The number of elements to show.
    ///
    /// - Throws: ``UsageFailure`` when the limit is negative.
    func count() throws -> Int {
        guard limit >= 0 else { throw UsageFailure("--limit must be a non-negative integer, got \(limit)") }
        return limit == 0 ? .max : limit
    }
}
