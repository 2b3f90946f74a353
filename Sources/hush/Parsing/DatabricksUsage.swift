import SecretScopes

/// The parser's complaints in the words of the Databricks command line, for the commands that stand in for it.
///
/// Source: the texts of spf13/pflag and spf13/cobra, which that command line is built on. The parser tells what is
/// wrong only as text.
enum DatabricksUsage {
    /// `message` in those words; as it is when there are none for it.
    ///
    /// - Parameter command: The command's name with those of its groups, such as `hush secrets`.
    static func message(for message: String, command: String) -> String {
        let quoted = message.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
        guard quoted.count >= 3 else { return message }
        if message.hasPrefix("Unknown option") {
            // The parser suggests names that are hardly alike.
            let suggestion = quoted.count > 4 ? NearestName.among([quoted[3]], to: quoted[1]) : nil
            return "unknown flag: \(quoted[1])" + (suggestion.map { "\n\nDid you mean \"\($0)\"?" } ?? "")
        }
        if message.hasPrefix("Missing value for") {
            let name = name(of: quoted[1])
            guard name.hasPrefix("--") else { return "flag needs an argument: '\(name.dropFirst())' in \(name)" }
            return "flag needs an argument: \(name)"
        }
        if message.hasPrefix("The value"), quoted.count > 4 {
            return invalidValue(quoted[1], of: name(of: quoted[3]))
        }
        if message.hasPrefix("Unexpected argument") || message.contains("unexpected arguments:") {
            return "unknown command \"\(quoted[1])\" for \"\(command)\""
        }
        return message
    }

    private static func invalidValue(_ value: String, of name: String) -> String {
        switch name {
        case "-o", "--output":
            "invalid argument \"\(value)\" for \"-o, --output\" flag: accepted arguments are json and text"
        case "--limit":
            "invalid argument \"\(value)\" for \"--limit\" flag: strconv.ParseInt: parsing \"\(value)\": invalid syntax"
        default:
            "invalid argument \"\(value)\" for \"\(name)\" flag"
        }
    }

    /// `--name` of `--name <value>`.
    private static func name(of synopsis: String) -> String {
        String(synopsis.prefix { $0 != " " })
    }
}
