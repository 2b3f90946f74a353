public import ArgumentParser
public import SecretScopes

extension MinimumRedaction: ExpressibleByArgument {
    /// The level of that name.
    public init?(argument: String) {
        self.init(named: argument)
    }

    /// The names of all levels, for help and completion.
    public static var allValueStrings: [String] { allCases.map(\.description) }
}
