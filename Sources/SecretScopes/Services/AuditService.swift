/// Questions to the audit record, on behalf of one caller.
///
/// An administrator may ask everything. Whoever has MANAGE on a scope may ask for its events and for who read it, and then
/// is shown what is of this very scope's id, not what was of another one of the name. Every call leaves one audit event itself, granted or refused. Every method throws ``ScopeError``.
public protocol AuditService: Sendable {
    /// The events that match, oldest first; with a limit, the newest ones.
    func events(_ query: AuditQuery) async throws -> [AuditEvent]
    /// The events that match, and those that come, until the caller's task is cancelled.
    func followEvents(_ query: AuditQuery) async throws -> AsyncThrowingStream<AuditEvent, any Error>
    /// The events that match and stand behind a position of the record, oldest first, at most some thousands; when there
    /// are none, those that come within `patience`.
    ///
    /// One's own questions of this kind end no waiting, so that nobody is kept busy by what the record says of oneself.
    ///
    /// - Parameter after: The position; `nil` to be told only where the record ends.
    func events(_ query: AuditQuery, after: Int64?, patience: Duration) async throws -> FollowedEvents
    /// Who read a secret, or any secret of a scope, and who was refused.
    func readers(scope: String, key: String?) async throws -> [ReadSummary]
    /// What a principal read, and what it was refused.
    func reads(by principal: String) async throws -> [ReadSummary]
    /// Checks the whole record, every row and every value: that each event follows the one before it, that every row's
    /// MAC is right and every value opens at its place, and that the rows are just those that the events tell of.
    ///
    /// - Parameters:
    ///   - checkpoint: A checkpoint that was kept elsewhere; the record must contain it.
    ///   - progress: Called now and then with the number of events and rows checked, and of all of them.
    func verify(
        against checkpoint: AuditCheckpoint?,
        progress: @Sendable (Int64, Int64) -> Void
    ) async throws -> AuditVerification
    /// Signs the present end of the record.
    func createCheckpoint() async throws -> AuditCheckpoint
}

/// Which events are wanted; every condition that is given must hold.
public struct AuditQuery: Sendable, Hashable {
    /// The scope's name.
    public var scope: String?
    /// The secret's name.
    public var key: String?
    /// The name of the principal whose permissions counted.
    public var principal: String?
    /// The id of the apply of manifests that they belong to.
    public var apply: String?
    /// The operation.
    public var operation: Operation?
    /// The status: 200, 403…
    public var status: Int?
    /// Not before this moment.
    public var since: Timestamp?
    /// Before this moment.
    public var until: Timestamp?
    /// At most so many, the newest ones.
    public var limit: Int?
    /// Only those before this position in the record.
    public var before: Int64?

    /// Creates a query that matches every event.
    public init() {}
}

/// Events that came, and up to where the record was looked through.
public struct FollowedEvents: Sendable, Hashable {
    /// The events, oldest first.
    public var events: [AuditEvent]
    /// The position of the last event that was looked at.
    public var last: Int64

    /// Creates the answer.
    public init(events: [AuditEvent], last: Int64) {
        self.events = events
        self.last = last
    }
}

/// How often one principal read one secret through one way in.
public struct ReadSummary: Sendable, Hashable {
    /// The scope's name.
    public var scope: String
    /// The secret's name.
    public var key: String
    /// The principal's name.
    public var principal: String
    /// The principal's id; `nil` when the caller was not known.
    public var principalID: PrincipalID?
    /// The way in.
    public var surface: Surface
    /// The notebook, when the way in was one.
    public var notebook: String?
    /// The notebook's cell, from 1.
    public var cell: Int?
    /// How many reads were granted.
    public var reads: Int64
    /// How many reads were refused or failed.
    public var refusals: Int64
    /// The first of them.
    public var first: Timestamp
    /// The last of them.
    public var last: Timestamp

    /// Creates a summary.
    public init(
        scope: String,
        key: String,
        principal: String,
        principalID: PrincipalID?,
        surface: Surface,
        notebook: String?,
        cell: Int?,
        reads: Int64,
        refusals: Int64,
        first: Timestamp,
        last: Timestamp
    ) {
        self.scope = scope
        self.key = key
        self.principal = principal
        self.principalID = principalID
        self.surface = surface
        self.notebook = notebook
        self.cell = cell
        self.reads = reads
        self.refusals = refusals
        self.first = first
        self.last = last
    }
}

/// What `verify` found.
public struct AuditVerification: Sendable, Hashable {
    /// How many events were checked.
    public var events: Int64
    /// How many rows were checked.
    public var rows: Int64
    /// The hash that the chain ends with, in hexadecimal.
    public var hash: String
    /// Everything that is wrong, each naming the event or row; empty when all is well.
    public var problems: [String]

    /// Creates a result.
    public init(events: Int64, rows: Int64, hash: String, problems: [String]) {
        self.events = events
        self.rows = rows
        self.hash = hash
        self.problems = problems
    }

    /// Whether nothing is wrong.
    public var isIntact: Bool { problems.isEmpty }
}
