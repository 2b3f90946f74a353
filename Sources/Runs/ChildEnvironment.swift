public import SecretMemory

/// The environment variables of a child process.
///
/// Values that are secret stay in locked memory until the moment of the start. Printing an environment shows its names
/// and nothing else.
public struct ChildEnvironment: Sendable {
    enum Value: Sendable {
        case plain(String)
        case secret(SecretBytes)
    }

    /// What never passes from our environment into a child's: settings and credentials of ours and of other clients.
    private static let droppedPrefixes = ["HUSH_", "DATABRICKS_", "ARM_"]
    /// Where no proxy may stand between a run and its broker, or it would see the run's token.
    private static let directHosts = ["127.0.0.1", "localhost"]

    private(set) var values: [String: Value]

    /// Creates an environment with the plain variables `variables` and no others.
    public init(_ variables: [String: String] = [:]) {
        self.values = variables.mapValues(Value.plain)
    }

    /// Creates the environment of a run.
    ///
    /// It is `inherited` without every `HUSH_…`, `DATABRICKS_…` and `ARM_…` variable, and with what a Databricks client
    /// needs to find the run's broker, and nothing but it: `DATABRICKS_HOST`, `DATABRICKS_TOKEN`,
    /// `DATABRICKS_AUTH_TYPE`, and a `DATABRICKS_CONFIG_FILE` that is empty. `NO_PROXY` and `no_proxy` name the
    /// broker's address, and crashes do not print what memory holds (`SWIFT_BACKTRACE`).
    ///
    /// - Parameters:
    ///   - inherited: The environment of this process.
    ///   - host: Where the broker listens, as a URL.
    ///   - token: The run's token.
    ///   - emptyFile: The path of a file that is and stays empty.
    public init(
        forRunInheriting inherited: [String: String],
        host: String,
        token: SecretBytes,
        emptyFile: String = "/dev/null"
    ) {
        self.init(Self.scrubbed(inherited))
        for name in ["NO_PROXY", "no_proxy"] {
            let own = inherited["NO_PROXY"] ?? inherited["no_proxy"]
            self[name] = Self.withoutProxy(inherited[name] ?? own)
        }
        self["DATABRICKS_HOST"] = host
        self["DATABRICKS_AUTH_TYPE"] = "pat"
        self["DATABRICKS_CONFIG_FILE"] = emptyFile
        self["SWIFT_BACKTRACE"] = "enable=no"
        set("DATABRICKS_TOKEN", to: token)
    }

    /// `variables` without those that a child must never inherit.
    public static func scrubbed(_ variables: [String: String]) -> [String: String] {
        variables.filter { variable in !droppedPrefixes.contains { variable.key.hasPrefix($0) } }
    }

    /// The names of all variables, in their order.
    public var names: [String] {
        values.keys.sorted()
    }

    /// The value of the plain variable `name`; `nil` for a secret one.
    public subscript(name: String) -> String? {
        get {
            guard case .plain(let value) = values[name] else { return nil }
            return value
        }
        set {
            values[name] = newValue.map(Value.plain)
        }
    }

    /// Gives the variable `name` a secret value.
    public mutating func set(_ name: String, to value: SecretBytes) {
        values[name] = .secret(value)
    }

    private static func withoutProxy(_ list: String?) -> String {
        var hosts = (list ?? "").split(separator: ",").map(String.init)
        // An asterisk alone excludes every host; among others it is no longer understood.
        if hosts == ["*"] { return "*" }
        hosts += directHosts.filter { !hosts.contains($0) }
        return hosts.joined(separator: ",")
    }
}

extension ChildEnvironment: CustomStringConvertible, CustomReflectable {
    /// The names of the variables; never a value.
    public var description: String { "ChildEnvironment(\(names.joined(separator: ", ")))" }
    /// A mirror of the names alone.
    public var customMirror: Mirror { Mirror(self, children: ["names": names]) }
}
