import ScopeStorage
import SecretScopes

extension Workspace {
    /// Checks that the store can be read and the audit record can be written.
    ///
    /// - Throws: `ScopeError` with the reason.
    public func checkReadiness() async throws {
        try await engine.checkReadiness()
    }

    /// Whether there was no room on the disk for the last event.
    public var isDiskFull: Bool { engine.isDiskFull }

    /// Holds 8 MiB on the disk from now on, so that secrets can be deleted and rights be taken away when it is full.
    ///
    /// - Throws: `ScopeError` when they cannot be had.
    public func keepReserve() throws {
        try Self.answering { try store.keepReserve() }
    }
}
