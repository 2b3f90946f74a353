// What is done to a workspace as a whole, by whoever can unwrap its root key.

extension ScopeEngine {
    /// Records that a backup is being made at `path`, before its first byte is copied.
    ///
    /// - Throws: ``ScopeError`` when `caller` is not an administrator.
    package func recordBackup(at path: String, by caller: Caller) async throws {
        try await session(for: caller).perform(.createBackup, parameters: [("path", path)]) { context in
            _ = try context.authorizeAdministrator()
        }
    }

    /// Records in a store that was made of a backup that it was.
    ///
    /// - Throws: ``ScopeError`` when `caller` is not an administrator.
    package func recordRestore(from path: String, by caller: Caller) async throws {
        try await session(for: caller).perform(.restoreBackup, parameters: [("path", path)]) { context in
            _ = try context.authorizeAdministrator()
        }
    }

    /// Checks everything in the store, without an event: for a copy, which cannot be written to.
    ///
    /// - Parameter progress: Called now and then with the number of events and rows checked, and of all of them.
    /// - Throws: ``ScopeError`` when the store cannot be read.
    package func verifyCopy(progress: (Int64, Int64) -> Void) throws -> AuditVerification {
        try withoutActuallyEscaping(progress) { progress in
            do {
                var verifier = WorkspaceVerifier(engine: self, checkpoint: nil, progress: progress)
                return try verifier.verify()
            } catch {
                throw ScopeError(describing: error)
            }
        }
    }

    /// The engine over a copy of this engine's store, with this engine's keys.
    ///
    /// - Throws: ``ScopeError`` with `DATA_LOSS` when the copy is not one of this workspace.
    package func engine(over copy: any ScopeStore) throws -> ScopeEngine {
        guard let row = try copy.read({ try $0.workspace() }), row.id == workspace, keys.isAuthentic(row) else {
            throw ScopeError(.dataLoss, "The copy does not hold this workspace.")
        }
        return ScopeEngine(row: row, store: copy, keys: keys, clock: clock, random: random, vaults: NoVaults())
    }

    /// Wraps the root key by `provider` from now on. What it was wrapped by opens the store no more.
    ///
    /// - Throws: ``ScopeError`` when `caller` is not an administrator; ``KeyProviderError``.
    package func changeRootKeyWrapping(to provider: any KeyProvider, by caller: Caller) async throws {
        let wrapped = try await keys.wrapRootKey(by: provider)
        let parameters = [("key_provider", wrapped.provider)]
        try await session(for: caller).perform(.changeRootKeyWrapping, parameters: parameters) { context in
            _ = try context.authorizeAdministrator()
            guard var row = try context.reader.workspace() else {
                throw IntegrityError(object: "the workspace row, which is missing,")
            }
            try context.keys.verify(row)
            row.rootKey = wrapped
            try context.save(row)
        }
    }
}
