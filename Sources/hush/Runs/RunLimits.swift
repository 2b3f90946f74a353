import ArgumentParser

/// How long a run may take.
struct RunLimits: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Give up after so many seconds; compiling a notebook counts.", valueName: "seconds")
    )
    var timeout: Double?

    /// When the token dies of a run without a time limit whose end nobody saw, because the process was killed.
    private static let longestRun = Duration.seconds(7 * 24 * 60 * 60)

    /// How long the run may take; `nil` for as long as it likes.
    ///
    /// - Throws: ``UsageFailure`` when the number makes no sense.
    func limit() throws -> Duration? {
        guard let timeout else { return nil }
        guard timeout > 0, timeout <= 1_000_000_000 else {
            throw UsageFailure("--timeout wants a number of seconds greater than 0, such as --timeout 60")
        }
        return .seconds(timeout)
    }

    /// When the run's token dies even if nobody could revoke it.
    func tokenLifetime() throws -> Duration {
        try (limit() ?? Self.longestRun) + .seconds(60)
    }
}
