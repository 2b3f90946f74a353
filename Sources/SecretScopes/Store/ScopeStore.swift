/// Where a workspace keeps its rows. It sees sealed bytes only.
///
/// Implementations throw ``StoreError``; the engine turns it into the answer that callers get.
package protocol ScopeStore: Sendable {
    /// Runs `body` on one consistent snapshot.
    func read<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result

    /// Runs `body` in one write transaction, in turn with other processes, and returns when it is durable. When `body`
    /// or the commit throws, nothing of it is left; only of an error with `.unconfirmed` that is not certain.
    func write<Result>(_ body: (any StoreTransaction) throws -> Result) throws -> Result

    /// The workspace's generation as of the last change that any process was told is durable, without a transaction;
    /// `nil` when that is not known. It is for telling whether what is remembered still holds, not for decisions.
    var announcedGeneration: Int64? { get }

    /// Gives space that was held for deletions back to the disk; returns whether there was any.
    func releaseReserve() -> Bool
    /// Holds such space again, if it was held and there is room for it.
    func restoreReserve()
}

extension ScopeStore {
    package var announcedGeneration: Int64? { nil }
    package func releaseReserve() -> Bool { false }
    package func restoreReserve() {}
}

/// Reads rows of one snapshot.
package protocol StoreReader {
    /// The workspace; `nil` in a store that has none yet.
    func workspace() throws -> WorkspaceRow?
    /// Where the audit record ends.
    func head() throws -> HeadRow?
    /// The audit key of an epoch.
    func auditKey(epoch: Int64) throws -> AuditKeyRow?

    /// The scope of that folded name.
    func scope(named foldedName: String) throws -> ScopeRow?
    /// All scopes, by folded name.
    func scopes() throws -> [ScopeRow]
    /// How many scopes there are.
    func scopeCount() throws -> Int
    /// The ACL of a scope.
    func grants(on scope: ScopeID) throws -> [GrantRow]
    /// What a principal was granted on any scope.
    func grants(to principal: PrincipalID) throws -> [GrantRow]
    /// All grants.
    func grants() throws -> [GrantRow]

    /// The secret of that folded name.
    func secret(named foldedName: String, in scope: ScopeID) throws -> SecretRow?
    /// All secrets of a scope, by folded name.
    func secrets(in scope: ScopeID) throws -> [SecretRow]
    /// Lends the secrets of a scope with their current versions, in no order.
    func forEachCurrentVersion(in scope: ScopeID, _ body: (SecretRow, VersionRow) throws -> Void) throws
    /// How many secrets a scope has.
    func secretCount(in scope: ScopeID) throws -> Int
    /// A version with its ciphertext.
    func version(_ id: VersionID) throws -> VersionRow?
    /// The version of a secret with that number, with its ciphertext.
    func version(_ number: Int64, of secret: SecretID) throws -> VersionRow?
    /// All versions of a secret with their ciphertexts, oldest first.
    func versions(of secret: SecretID) throws -> [VersionRow]
    /// The ids of a secret's versions, oldest first.
    func versionIDs(of secret: SecretID) throws -> [VersionID]

    /// A principal.
    func principal(_ id: PrincipalID) throws -> PrincipalRow?
    /// The principal of that folded name.
    func principal(named foldedName: String) throws -> PrincipalRow?
    /// All principals, of one kind or of any, by folded name.
    func principals(of kind: PrincipalKind?) throws -> [PrincipalRow]
    /// The groups that directly contain a principal.
    func memberships(of member: PrincipalID) throws -> [MembershipRow]
    /// The direct members of a group.
    func members(of group: PrincipalID) throws -> [MembershipRow]
    /// All memberships.
    func memberships() throws -> [MembershipRow]

    /// A credential.
    func credential(_ id: CredentialID) throws -> CredentialRow?
    /// The credential whose token has that SHA-256.
    func credential(tokenHash: [UInt8]) throws -> CredentialRow?
    /// The SHA-256 of the tokens of all credentials, in no order.
    func tokenHashes() throws -> [[UInt8]]
    /// The credentials of a principal.
    func credentials(of principal: PrincipalID) throws -> [CredentialRow]
    /// All credentials.
    func credentials() throws -> [CredentialRow]
    /// The day on which a credential was last used; `nil` when it was not yet.
    func lastUse(of credential: CredentialID) throws -> Timestamp?

    /// How many rows of principals, memberships, credentials, scopes, grants, secrets and versions there are.
    func rowCount() throws -> Int64
    /// What is filed under a name that is not the folded form of its own, each by the name that messages call it.
    func misfiledRows() throws -> [String]

    /// What is wrong with the tables and indexes themselves: parts that Hush did not make, rows that an index does not
    /// find. The index of events is left out, as checking it takes longer than reading them.
    func structureProblems() throws -> [String]

    /// The change log after a generation, in order.
    func changes(after generation: Int64) throws -> [ChangeRow]

    /// Events from `first` on, in order, at most `limit`.
    func events(from first: Int64, limit: Int) throws -> [EventRow]
    /// Lends events from `first` on, in order, at most `limit`, without copying them; returns how many there were.
    func scanEvents(from first: Int64, limit: Int, _ body: (EventSpan) throws -> Void) throws -> Int
    /// Events before `end` that are about one of `subjects` (any, when `nil`), newest first, at most `limit`.
    func events(before end: Int64, subjects: [Int64]?, limit: Int) throws -> [EventRow]
    /// The term with that number.
    func term(_ id: Int64) throws -> TermRow?
    /// The number of the term with those bytes.
    func termID(kind: TermKind, body: [UInt8]) throws -> Int64?
    /// The terms of a kind that are looked for by one text, or by any text with a prefix.
    func terms(kind: TermKind, lookup: String, isPrefix: Bool) throws -> [TermRow]
    /// Terms from `first` on, in order, at most `limit`.
    func terms(from first: Int64, limit: Int) throws -> [TermRow]
    /// The summaries about any of `subjects`.
    func readSummaries(subjects: [Int64]) throws -> [ReadSummaryRow]
    /// The summaries of any of `actors`.
    func readSummaries(actors: [Int64]) throws -> [ReadSummaryRow]
    /// All summaries.
    func readSummaries() throws -> [ReadSummaryRow]
}

/// Reads and writes rows in one write transaction.
package protocol StoreTransaction: StoreReader {
    /// Whether the transaction still stands. Some failures, a full disk among them, end it at once.
    var isActive: Bool { get }
    /// Runs `body` so that, when it throws, its writes alone are taken back.
    func savepoint<Result>(_ body: () throws -> Result) throws -> Result

    /// Writes the workspace row.
    func save(_ row: WorkspaceRow) throws
    /// Writes the head.
    func save(_ row: HeadRow) throws
    /// Adds an audit key.
    func insert(_ row: AuditKeyRow) throws
    /// Adds or replaces a scope.
    func save(_ row: ScopeRow) throws
    /// Deletes a scope with its grants, secrets and versions.
    func delete(_ scope: ScopeID) throws
    /// Adds or replaces a grant.
    func save(_ row: GrantRow) throws
    /// Deletes a grant.
    func deleteGrant(scope: ScopeID, principal: PrincipalID) throws
    /// Adds or replaces a secret.
    func save(_ row: SecretRow) throws
    /// Deletes a secret with its versions.
    func delete(_ secret: SecretID) throws
    /// Adds a version.
    func insert(_ row: VersionRow) throws
    /// Deletes a version.
    func delete(_ version: VersionID) throws
    /// Adds or replaces a principal.
    func save(_ row: PrincipalRow) throws
    /// Deletes a principal with its grants, memberships and credentials.
    func delete(_ principal: PrincipalID) throws
    /// Adds a membership.
    func save(_ row: MembershipRow) throws
    /// Deletes a membership.
    func deleteMembership(group: PrincipalID, member: PrincipalID) throws
    /// Adds a credential, or changes the comment of one.
    func save(_ row: CredentialRow) throws
    /// Notes the day of a credential's last use, if the credential is there.
    func saveLastUse(of credential: CredentialID, on day: Timestamp) throws
    /// Deletes a credential.
    func delete(_ credential: CredentialID) throws
    /// Adds to the change log and cuts off what is older than `oldestKept`.
    func insert(_ row: ChangeRow, oldestKept: Int64) throws
    /// Adds an event.
    func insert(_ row: EventRow) throws
    /// Adds a term.
    func insert(_ row: TermRow) throws
    /// Adds to a summary.
    func add(_ row: ReadSummaryRow) throws
}

/// Why the store failed.
package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The classes of failures that are answered differently.
    package enum Code: Sendable, Hashable {
        /// There is no room left.
        case full
        /// The store may not be written.
        case readOnly
        /// Another process held the store for too long.
        case busy
        /// The file is not a store, or its structure is damaged.
        case damaged
        /// The store was written by a newer version.
        case newerFormat
        /// A row stands where only a new one may be.
        case conflict
        /// There is no store.
        case missing
        /// There is one already.
        case exists
        /// Reading or writing failed.
        case inputOutput
        /// The transaction's end failed. It is taken back here, but may be found when the store is next opened.
        case unconfirmed
    }

    /// The class.
    package var code: Code
    /// What failed and what to do.
    package var message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    package var description: String { message }

    /// Whether the store as a whole could not work, so that the error says nothing about what was asked of it.
    package var isOutage: Bool {
        switch code {
        case .full, .readOnly, .busy, .inputOutput, .unconfirmed: true
        case .damaged, .newerFormat, .conflict, .missing, .exists: false
        }
    }
}
