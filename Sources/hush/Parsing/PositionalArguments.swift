/// Counts positional arguments as the Databricks command line does.
enum PositionalArguments {
    /// The arguments, which must be `count`.
    ///
    /// - Throws: ``UsageFailure`` with that command line's text.
    static func exactly(_ count: Int, of arguments: [String]) throws -> [String] {
        guard arguments.count == count else {
            throw UsageFailure("accepts \(count) arg(s), received \(arguments.count)")
        }
        return arguments
    }

    /// Checks that there are none, since `--json` says everything.
    ///
    /// - Parameter fields: The fields that the JSON text must have.
    static func none(of arguments: [String], besideJSONWith fields: [String]) throws {
        guard !arguments.isEmpty else { return }
        let names = fields.map { "'\($0)'" }.joined(separator: ", ")
        throw UsageFailure(
            "when --json flag is specified, no positional arguments are allowed. Provide \(names) in your JSON input")
    }
}
