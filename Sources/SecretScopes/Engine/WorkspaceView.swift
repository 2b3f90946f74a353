/// Everything that a decision about one secret looks at, as of one generation.
struct Resolution: Sendable {
    var generation: Int64
    var principal: PrincipalEntry?
    /// Who acts as the principal, when that is another one.
    var holder: PrincipalEntry?
    var credential: CredentialRow?
    var scope: ScopeEntry?
    var secret: SecretEntry?
}

/// Where a decision looks things up: all of it as of one generation.
protocol WorkspaceLookup {
    var generation: Int64 { get }

    func scope(_ name: ScopeName) throws -> ScopeEntry?
    func principal(_ id: PrincipalID) throws -> PrincipalEntry?
    func credential(_ id: CredentialID) throws -> CredentialRow?
    func secret(_ name: SecretName, in scope: ScopeEntry) throws -> SecretEntry?
}

/// What the cache has of one generation. What it does not have may still be in the store, so it is thrown as ``Miss``.
struct CachedWorkspace: WorkspaceLookup {
    /// Only the store can tell.
    struct Miss: Error {}

    let cache: WorkspaceCache
    let generation: Int64

    func scope(_ name: ScopeName) throws -> ScopeEntry? {
        try found(cache.scope(name.folded, at: generation))
    }

    func principal(_ id: PrincipalID) throws -> PrincipalEntry? {
        try found(cache.principal(id, at: generation))
    }

    func credential(_ id: CredentialID) throws -> CredentialRow? {
        try found(cache.credential(id, at: generation))
    }

    func secret(_ name: SecretName, in scope: ScopeEntry) throws -> SecretEntry? {
        try found(cache.secret(SecretPlace(scope: scope.row.id, foldedName: name.folded), at: generation))
    }

    private func found<Entry>(_ entry: Entry?) throws -> Entry {
        guard let entry else { throw Miss() }
        return entry
    }
}

/// One snapshot of the store, with every row's MAC checked when it is read, and helped by the cache where that is true
/// for the snapshot's generation.
struct WorkspaceView: WorkspaceLookup {
    let reader: any StoreReader
    let keys: WorkspaceKeys
    /// `nil` inside a transaction that has changed rows itself.
    let cache: WorkspaceCache?
    let generation: Int64

    /// Brings the cache up to this snapshot's generation by the change log, or empties it when the log does not reach
    /// back far enough.
    static func catchUp(
        _ cache: WorkspaceCache, to generation: Int64, by reader: any StoreReader, keys: WorkspaceKeys
    ) throws {
        let known = cache.generation
        guard known != generation else { return }
        guard known >= 0, known < generation, generation - known <= 1000 else {
            cache.reset(to: generation)
            return
        }
        let changes = try reader.changes(after: known)
        let isComplete = changes.map(\.generation).elementsEqual(known + 1...generation)
        guard isComplete else {
            cache.reset(to: generation)
            return
        }
        var dropped: [CacheInvalidation] = []
        for change in changes {
            try keys.verify(change)
            guard let entries = try? CacheInvalidation.decode(change.entries) else {
                cache.reset(to: generation)
                return
            }
            dropped += entries
        }
        cache.advance(from: known, to: generation, dropping: dropped)
    }

    func resolution(of caller: Caller, scope name: ScopeName, secret: SecretName) throws -> Resolution {
        let scope = try self.scope(name)
        return Resolution(
            generation: generation,
            principal: try principal(caller.principal),
            holder: try caller.holder.flatMap { try principal($0) },
            credential: try caller.credential.flatMap { try credential($0) },
            scope: scope,
            secret: try scope.flatMap { try $0.link == nil ? self.secret(secret, in: $0) : nil }
        )
    }

    func scope(_ name: ScopeName) throws -> ScopeEntry? {
        if let known = cache?.scope(name.folded, at: generation) { return known }
        guard let row = try reader.scope(named: name.folded) else { return nil }
        try keys.verify(row)
        // The MAC covers the name, not the column that the row was found by.
        guard let stored = ScopeName(rawValue: row.name), stored == name else {
            throw IntegrityError(object: row.label)
        }
        var grants: [PrincipalID: Permission] = [:]
        for grant in try reader.grants(on: row.id) {
            try keys.verify(grant)
            grants[grant.principal] = grant.permission
        }
        let entry = try ScopeEntry(row: row, name: stored, grants: grants)
        cache?.insert(entry, at: generation)
        return entry
    }

    func principal(_ id: PrincipalID) throws -> PrincipalEntry? {
        if let known = cache?.principal(id, at: generation) { return known }
        guard let row = try reader.principal(id) else { return nil }
        try keys.verify(row)
        let paths = try GroupPaths(of: id) { member in
            try reader.memberships(of: member).map { membership in
                try keys.verify(membership)
                return membership.group
            }
        }
        let entry = PrincipalEntry(row: row, identities: paths.identities)
        cache?.insert(entry, at: generation)
        return entry
    }

    func credential(_ id: CredentialID) throws -> CredentialRow? {
        if let known = cache?.credential(id, at: generation) { return known }
        guard let row = try reader.credential(id) else { return nil }
        try keys.verify(row)
        cache?.insert(row, at: generation)
        return row
    }

    /// The credential whose token has that hash. When there is none, the index of all tokens is brought up to this
    /// snapshot, so that the next wrong token is known for one without the store.
    func credential(tokenHash: [UInt8]) throws -> CredentialRow? {
        guard let row = try reader.credential(tokenHash: tokenHash) else {
            try completeTokenIndex()
            return nil
        }
        // By its id, so that it is checked and kept like any other.
        guard let checked = try credential(row.id), checked.tokenHash == tokenHash else { return nil }
        return checked
    }

    private func completeTokenIndex() throws {
        guard let cache else { return }
        guard let missing = cache.missingTokens(at: generation) else {
            // Whoever can alter rows can only make it send more requests to the store, where each row is checked.
            return cache.fillTokenIndex(try reader.tokenHashes(), at: generation)
        }
        guard !missing.isEmpty else { return }
        let hashes = try missing.compactMap { try reader.credential($0)?.tokenHash }
        cache.addToTokenIndex(hashes, of: missing, at: generation)
    }

    func secret(_ name: SecretName, in scope: ScopeEntry) throws -> SecretEntry? {
        let place = SecretPlace(scope: scope.row.id, foldedName: name.folded)
        if let known = cache?.secret(place, at: generation) { return known }
        guard let row = try reader.secret(named: name.folded, in: scope.row.id) else { return nil }
        try keys.verify(row)
        guard let stored = SecretName(rawValue: row.name), stored == name else {
            throw IntegrityError(object: row.label)
        }
        guard
            let version = try reader.version(row.currentVersion), version.secret == row.id, version.scope == row.scope,
            version.number == row.versionNumber
        else { throw IntegrityError(object: "the current version of secret \(name) in scope \(scope.name)") }
        let entry = SecretEntry(row: row, version: version)
        cache?.insert(entry, for: place, at: generation)
        return entry
    }

    /// The principal of that name; `nil` when there is none.
    func principal(named name: PrincipalName) throws -> PrincipalRow? {
        guard let row = try reader.principal(named: name.folded) else { return nil }
        try keys.verify(row)
        guard row.name.lowercased() == name.folded else { throw IntegrityError(object: row.label) }
        return row
    }
}
