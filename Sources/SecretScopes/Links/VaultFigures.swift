/// What was counted about the calls of external vaults, and about values that links keep. It names no scope and no secret.
public struct VaultFigures: Sendable, Hashable {
    /// A kind of calls.
    public struct Call: Sendable, Hashable {
        /// The kind of the vault.
        public var vault: VaultKind
        /// What was asked of it: `get`, `list`, `put` or `delete`.
        public var operation: String
        /// `ok`, or the condition that it failed with, such as `not_found`; one of a fixed list.
        public var outcome: String

        /// Creates a kind of calls.
        public init(vault: VaultKind, operation: String, outcome: String) {
            self.vault = vault
            self.operation = operation
            self.outcome = outcome
        }
    }

    /// How many calls there were, each with the requests that it took.
    public var calls: [Call: Int64] = [:]
    /// How long they took.
    public var durations: [VaultKind: DurationHistogram] = [:]
    /// Reads that were served from memory, without asking the vault.
    public var keptValues: [VaultKind: Int64] = [:]
    /// Reads that were served from memory because the vault could not be reached.
    public var staleValues: [VaultKind: Int64] = [:]

    /// Creates figures of vaults that were never asked.
    public init() {}
}
