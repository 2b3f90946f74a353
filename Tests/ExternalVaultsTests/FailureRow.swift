import Testing

@testable import ExternalVaults

/// One condition of a table: the name of a secret that a double fails for, and the reason that is told.
struct FailureRow: Sendable, CustomTestStringConvertible {
    let name: String
    let reason: VaultFailure.Reason?
    /// How long the caller waits: less than the pause that a vault asks for, where one does.
    var patience = Duration.seconds(60)

    var testDescription: String { name }
}
