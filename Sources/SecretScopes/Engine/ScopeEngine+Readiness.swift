import Synchronization

extension ScopeEngine {
    /// Checks that the store can be read and the record can be written, by a transaction that leaves everything as it
    /// is but goes all the way to the disk.
    ///
    /// - Throws: ``ScopeError`` with the reason.
    package func checkReadiness() async throws {
        try await committer.commit { _ in Result<Void, any Error>.success(()) }
        store.restoreReserve()
    }

    /// Whether there was no room on the disk for the last transaction.
    package var isDiskFull: Bool {
        committer.isDiskFull.load(ordering: .relaxed)
    }
}
