import ArgumentParser

/// Turns arguments into the command that they ask for.
enum CommandParsing {
    /// Parses `arguments`, which are normalized.
    ///
    /// - Throws: The parser's error, also when help was asked for.
    static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        try plainGetSecret(arguments) ?? HushCommand.parseAsRoot(arguments)
    }

    /// `secrets get-secret SCOPE KEY [--raw]` without the parser, whose preparations alone take longer than reading the
    /// secret; this is what other programs call, over and over. `nil` for anything else.
    private static func plainGetSecret(_ arguments: [String]) -> GetSecretCommand? {
        guard arguments.starts(with: ["secrets", "get-secret"]) else { return nil }
        let rest = arguments.dropFirst(2)
        let names = rest.filter { $0 != "--raw" }
        guard names.count == 2, rest.count <= 3, !names.contains(where: { $0.hasPrefix("-") }) else { return nil }
        return .plain(names: Array(names), raw: rest.count == 3)
    }
}
