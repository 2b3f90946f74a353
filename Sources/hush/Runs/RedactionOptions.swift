public import ArgumentParser
public import Redaction

/// How far redaction goes, and whether it says what it did.
struct RedactionOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "How far to look for values: as they are, in the usual encodings too, or also reversed, spaced out and "
                + "in fragments.",
            valueName: "level"
        )
    )
    var redact = RedactionLevel.encoded

    @Flag(help: "Say on standard error which secret was redacted, in which form, how often, and on which lines.")
    var explain = false
}

extension RedactionLevel: ExpressibleByArgument {
    /// The level of that name.
    public init?(argument: String) {
        self.init(named: argument)
    }

    /// The names of all levels, for help and completion.
    public static var allValueStrings: [String] { allCases.map(\.description) }

    /// The level's name, for help.
    public var defaultValueDescription: String { description }
}
