import SecretMemory

/// What commands work with: the world outside the process, and memory for values.
struct Program: Sendable {
    /// The environment variables.
    let environment: ProcessEnvironment
    /// Standard output.
    let output: TextOutput
    /// Standard error.
    let errors: TextOutput
    /// Standard input's descriptor; `nil` when the program was started without one.
    let input: Int32?
    /// Knows the terminal whose echo is off, and turns it on again.
    let terminal: TerminalGuard
    /// Passes signals on to a child.
    let forwarding: SignalForwarding
    /// Memory for values.
    let pool: SecretPool
    /// What SIGHUP does, when it does not stop the command.
    let hangups = Hangups()
}
