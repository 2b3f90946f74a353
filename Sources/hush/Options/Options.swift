import ArgumentParser

/// The forms of output.
enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
}

/// How a command prints.
struct OutputOptions: ParsableArguments {
    @Option(name: [.customShort("o"), .long], parsing: .unconditional, help: "The form of the output.")
    var output: OutputFormat = .text
}

/// How the workspace is unlocked.
struct WorkspaceOptions: ParsableArguments {
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The file with the root key, if not root.key beside the store.", valueName: "path"),
        completion: .file()
    )
    var keyFile: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Read the passphrase, one line, from this open file descriptor.", valueName: "n")
    )
    var passphraseFd: Int32?
}

/// What ``WorkspaceOptions`` say.
struct WorkspaceUnlocking: Sendable, Hashable {
    /// The file with the root key, if not the one beside the store.
    var keyFile: String?
    /// The descriptor to read the passphrase from.
    var passphraseFd: Int32?
}

extension WorkspaceUnlocking {
    init(_ options: WorkspaceOptions) {
        self.init(keyFile: options.keyFile, passphraseFd: options.passphraseFd)
    }
}

/// Whom a command acts as.
struct PrincipalOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        parsing: .unconditional,
        help: ArgumentHelp("Act as this user or service principal; the record shows both.", valueName: "principal")
    )
    var principal: String?
}
