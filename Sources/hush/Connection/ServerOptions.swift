import ArgumentParser

/// The server that a command works on instead of the workspace on this machine.
struct ServerOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Work on the server at this address, not on this machine's workspace.", valueName: "url")
    )
    var host: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The token for the server; better in HUSH_TOKEN, where the shell does not keep it.")
    )
    var token: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Take server and credential from this profile of ~/.databrickscfg.", valueName: "name")
    )
    var profile: String?
}

/// What ``ServerOptions`` say.
struct ServerChoice: Sendable, Hashable {
    /// The server's address.
    var host: String?
    /// The token for it.
    var token: String?
    /// The profile with both.
    var profile: String?
}

extension ServerChoice {
    init(_ options: ServerOptions) {
        self.init(host: options.host, token: options.token, profile: options.profile)
    }

    /// Whether a server is asked for on the command line.
    var isGiven: Bool { host != nil || token != nil || profile != nil }
}
