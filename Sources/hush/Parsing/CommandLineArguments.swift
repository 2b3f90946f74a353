/// Brings arguments that the Databricks command line takes into a form that the parser takes.
enum CommandLineArguments {
    /// Options whose value may be a secret.
    static let secretOptions = ["--string-value", "--bytes-value", "--json", "--env", "--token"]

    /// Options with a value. What follows one of them is its value, whatever it looks like.
    static let valueOptions: Set<String> = [
        "-o", "--output", "--as", "--key-file", "--passphrase-fd", "--admin", "--json", "--string-value",
        "--bytes-value", "--initial-manage-principal", "--scope-backend-type", "--limit", "--scope", "--key",
        "--principal", "--apply", "--action", "--status", "--since", "--until", "--against", "--out", "--param",
        "--save",
        "--timeout", "--version", "--new-passphrase-fd", "--env", "--env-file", "--redact", "--isolation", "--comment",
        "--lifetime", "--host", "--token", "--profile", "--client-id", "--listen", "--tls-cert", "--tls-key",
        "--public-url", "--rate-limit", "--config", "--trusted-proxies", "--option", "--credential", "--resource-id",
        "--dns-name", "--from", "--from-profile", "--to", "--to-profile", "--format", "--only", "--rename", "--names",
        "--case", "--words", "--prefix",
    ]

    /// Options that may stand before the command's name.
    private static let globalOptions: Set<String> = [
        "-o", "--output", "--as", "--key-file", "--passphrase-fd", "--host", "--token", "--profile",
    ]

    /// `arguments` with options that stand before or between the words of the command moved behind them, and with
    /// `--name=` as an explicit empty value.
    static func normalized(_ arguments: [String]) -> [String] {
        withExplicitEmptyValues(withOptionsBehindCommand(arguments))
    }

    /// Checks that single letters are options that exist.
    ///
    /// The parser takes `-phone` for five options, finds `-h` among them, and shows help with a status that says that
    /// all went well.
    ///
    /// - Throws: ``UsageFailure`` in the words of spf13/pflag. What follows the letter may be a value, and is left out.
    static func checkLetters(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst(), argument != "--" {
            if valueOptions.contains(argument) {
                rest = rest.dropFirst()
            } else if argument.hasPrefix("-"), !argument.hasPrefix("--"), let letter = argument.dropFirst().first {
                guard letter == "o" || argument == "-h" else {
                    throw UsageFailure("unknown shorthand flag: '\(letter)' in -\(letter)")
                }
            }
        }
    }

    /// Whether the arguments ask for one of the commands under `hush secrets`.
    static func areForSecrets(_ arguments: [String]) -> Bool {
        let words = withOptionsBehindCommand(arguments)
        return words.first == "secrets" || words.first == "help" && words.dropFirst().first == "secrets"
    }

    private static func withOptionsBehindCommand(_ arguments: [String]) -> [String] {
        var words: [String] = []
        var options: [String] = []
        var rest = arguments[...]
        while words.count < 2, let argument = rest.first {
            if globalOptions.contains(argument) {
                options += rest.prefix(2)
                rest = rest.dropFirst(2)
            } else if argument.hasPrefix("-") {
                guard globalOptions.contains(String(argument.prefix { $0 != "=" })) else { break }
                options.append(argument)
                rest = rest.dropFirst()
            } else {
                words.append(argument)
                rest = rest.dropFirst()
            }
        }
        return words + options + rest
    }

    private static func withExplicitEmptyValues(_ arguments: [String]) -> [String] {
        var result: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            if argument == "--" {
                return result + [argument] + rest
            }
            if argument.hasSuffix("="), valueOptions.contains(String(argument.dropLast())) {
                result += [String(argument.dropLast()), ""]
            } else {
                result.append(argument)
                if valueOptions.contains(argument), let value = rest.popFirst() { result.append(value) }
            }
        }
        return result
    }
}
