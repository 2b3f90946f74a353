/// The program's own name and version, the one place that says them.
enum Product {
    /// The command's name.
    static let name = "hush"
    /// The version, as `hush --version` prints it.
    static let version = "0.1.0"
    /// How the program describes itself in the audit record and to servers.
    static let userAgent = "\(name)/\(version)"
}
