import Synchronization

/// What is needed for decisions, as far as it was used lately: true as of one generation of the workspace.
///
/// Entries are put in only when they were read from a snapshot of the cache's own generation, and the generation moves
/// on only together with the change log's entries. So everything that is in it is consistent with everything else.
final class WorkspaceCache: Sendable {
    private struct State {
        var generation: Int64 = -1
        var hits: Int64 = 0
        var misses: Int64 = 0
        var scopes = BoundedCache<String, ScopeEntry>(capacity: 8 << 20)
        var principals = BoundedCache<PrincipalID, PrincipalEntry>(capacity: 8 << 20)
        var credentials = BoundedCache<CredentialID, CredentialRow>(capacity: 2 << 20)
        /// Which credential a token is, by the token's hash.
        var tokens = BoundedCache<[UInt8], CredentialID>(capacity: 1 << 20)
        /// Which tokens there are.
        var index = TokenIndex()
        var secrets = BoundedCache<SecretPlace, SecretEntry>(capacity: 32 << 20)

        mutating func removeAll() {
            index = TokenIndex()
            scopes.removeAll()
            principals.removeAll()
            credentials.removeAll()
            tokens.removeAll()
            secrets.removeAll()
        }

        mutating func drop(_ entries: [CacheInvalidation]) {
            for entry in entries {
                switch entry {
                case .scope(let name): scopes.remove(name)
                case .principal(let id): principals.remove(id)
                case .memberships: principals.removeAll()
                case .credential(let id):
                    index.credentialDidChange(id, tokenHash: credentials[id]?.tokenHash)
                    credentials.remove(id)
                case .secret(let place): secrets.remove(place)
                }
            }
        }
    }

    private let state = Mutex(State())

    /// The generation that the entries are true for; -1 when there are none yet.
    var generation: Int64 {
        state.withLock { $0.generation }
    }

    /// For how many reads everything was here, and for how many something was not.
    var lookups: (hits: Int64, misses: Int64) {
        state.withLock { ($0.hits, $0.misses) }
    }

    // MARK: Looking up and putting in

    /// Everything that a decision about one secret needs, when all of it is here.
    func resolution(
        of caller: Caller, scope: String, secret: String
    ) -> Resolution? {
        state.withLock { state in
            state.misses += 1
            guard let principal = state.principals[caller.principal], let scope = state.scopes[scope] else {
                return nil
            }
            let place = SecretPlace(scope: scope.row.id, foldedName: secret)
            let secret = scope.link == nil ? state.secrets[place] : nil
            // A linked scope's secrets have no rows.
            guard secret != nil || scope.link != nil else { return nil }
            var known: CredentialRow?
            if let credential = caller.credential {
                guard let row = state.credentials[credential] else { return nil }
                known = row
            }
            var holder: PrincipalEntry?
            if let id = caller.holder {
                guard let entry = state.principals[id] else { return nil }
                holder = entry
            }
            state.misses -= 1
            state.hits += 1
            return Resolution(
                generation: state.generation, principal: principal, holder: holder, credential: known, scope: scope,
                secret: secret)
        }
    }

    func scope(_ foldedName: String, at generation: Int64) -> ScopeEntry? {
        state.withLock { $0.generation == generation ? $0.scopes[foldedName] : nil }
    }

    func principal(_ id: PrincipalID, at generation: Int64) -> PrincipalEntry? {
        state.withLock { $0.generation == generation ? $0.principals[id] : nil }
    }

    func credential(_ id: CredentialID, at generation: Int64) -> CredentialRow? {
        state.withLock { $0.generation == generation ? $0.credentials[id] : nil }
    }

    /// What is known of a token.
    enum TokenFinding {
        /// It is that credential: true as of the cache's own generation, so that whoever goes by it must decide again
        /// when the event is committed.
        case known(CredentialRow)
        /// There is none.
        case absent
        /// Only the store can tell.
        case uncertain
    }

    /// Looks for a token, by the same steps whatever it is.
    ///
    /// - Parameter generation: The generation that the store is known to have.
    func find(tokenHash: [UInt8], at generation: Int64?) -> TokenFinding {
        state.withLock { state in
            let id = state.tokens[tokenHash]
            let row = state.credentials[id ?? CredentialID(high: 0, low: 0)]
            let finding = state.index.find(tokenHash)
            guard state.generation == generation else { return .uncertain }
            if let row, row.tokenHash == tokenHash { return .known(row) }
            if case .absent = finding { return .absent }
            return .uncertain
        }
    }

    /// Which tokens have to be read so that the index knows all of them: those of all credentials (`nil`) or of some.
    func missingTokens(at generation: Int64) -> Set<CredentialID>? {
        state.withLock { state in
            guard state.generation == generation else { return [] }
            return state.index.needsFilling ? nil : state.index.changed
        }
    }

    /// Takes all tokens of a snapshot in.
    func fillTokenIndex(_ hashes: [[UInt8]], at generation: Int64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.index.fill(hashes)
        }
    }

    /// Takes the tokens of some credentials of a snapshot in.
    func addToTokenIndex(_ hashes: [[UInt8]], of credentials: Set<CredentialID>, at generation: Int64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.index.add(hashes, of: credentials)
        }
    }

    /// A credential that was used lately, likewise.
    func credential(_ id: CredentialID) -> CredentialRow? {
        state.withLock { $0.credentials[id] }
    }

    func secret(_ place: SecretPlace, at generation: Int64) -> SecretEntry? {
        state.withLock { $0.generation == generation ? $0.secrets[place] : nil }
    }

    func insert(_ entry: ScopeEntry, at generation: Int64) {
        let cost = 400 + entry.row.sealedDataKey.count + entry.row.settings.count * 3 + entry.grants.count * 48
        state.withLock { state in
            guard state.generation == generation else { return }
            state.scopes.insert(entry, for: entry.name.folded, cost: cost)
        }
    }

    func insert(_ entry: PrincipalEntry, at generation: Int64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.principals.insert(entry, for: entry.row.id, cost: 400 + entry.identities.count * 32)
        }
    }

    func insert(_ row: CredentialRow, at generation: Int64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.credentials.insert(row, for: row.id, cost: 400)
            state.tokens.insert(row.id, for: row.tokenHash, cost: 120)
        }
    }

    func insert(_ entry: SecretEntry, for place: SecretPlace, at generation: Int64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.secrets.insert(entry, for: place, cost: 500 + entry.version.sealed.count)
        }
    }

    // MARK: Moving on

    /// Moves on from generation `old` to `new`, whose changes made `entries` useless. Does nothing when another thread
    /// has moved the cache meanwhile: then that one has dropped them.
    func advance(from old: Int64, to new: Int64, dropping entries: [CacheInvalidation]) {
        state.withLock { state in
            guard state.generation == old else { return }
            state.drop(entries)
            state.generation = new
        }
    }

    /// Forgets everything and starts anew at `generation`.
    func reset(to generation: Int64) {
        state.withLock { state in
            state.removeAll()
            state.generation = generation
        }
    }
}
