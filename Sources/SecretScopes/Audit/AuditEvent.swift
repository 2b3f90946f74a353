/// One line of the audit record: who did what to which secret, from where, with which result.
public struct AuditEvent: Sendable, Hashable {
    /// The position in the record, from 1, without gaps.
    public var sequence: Int64
    /// When the event was committed; never earlier than the event before it.
    public var time: Timestamp
    /// What was asked for.
    public var operation: Operation
    /// Who asked.
    public var actor: Actor
    /// From where.
    public var origin: Origin
    /// Through what.
    public var channel: Channel
    /// What it was about.
    public var subject: Subject
    /// The version that was read or written.
    public var version: VersionReference?
    /// Further parameters in the words of the API, such as `principal` and `permission`; never a value.
    public var parameters: [Parameter]
    /// Why it was refused or failed; `nil` when it was done.
    public var error: ScopeError?
    /// The id of the request.
    public var requestID: String?
    /// The rows that were written or deleted, for replaying the record against the tables.
    public var effects: [RowEffect]

    /// Who asked.
    public struct Actor: Sendable, Hashable {
        /// The principal whose permissions counted; `nil` when it is not known.
        public var principal: PrincipalID?
        /// The principal's name at that time.
        public var name: String
        /// Who was authenticated.
        public var runBy: String
    }

    /// From where it was asked.
    public struct Origin: Sendable, Hashable {
        /// The client's address.
        public var address: String?
        /// The client's description of itself.
        public var userAgent: String?
        /// The run.
        public var session: String?
        /// The credential that was shown.
        public var credential: CredentialID?
        /// The apply of manifests that it belongs to.
        public var apply: String?
    }

    /// Through what it was asked.
    public struct Channel: Sendable, Hashable {
        /// The way in.
        public var surface: Surface
        /// The notebook.
        public var notebook: String?
        /// The notebook's cell, from 1.
        public var cell: Int?
    }

    /// What an event is about. A name that breaks the grammar is recorded by its length only.
    public struct Subject: Sendable, Hashable {
        /// The scope's name.
        public var scope: String?
        /// The scope's id; `nil` when there was none of that name.
        public var scopeID: ScopeID?
        /// The secret's name.
        public var key: String?
        /// The secret's id; `nil` when there was none of that name.
        public var secretID: SecretID?
    }

    /// Names one version of a secret.
    public struct VersionReference: Sendable, Hashable {
        /// The version's id.
        public var id: VersionID
        /// The version's number, from 1.
        public var number: Int64
    }

    /// A named parameter.
    public struct Parameter: Sendable, Hashable {
        /// The name.
        public var name: String
        /// The text.
        public var value: String
    }

    /// The HTTP status of the result.
    public var statusCode: Int {
        error?.code.httpStatus ?? 200
    }
}

/// That a row was written with a certain authentication code, or deleted together with all rows below it.
public struct RowEffect: Sendable, Hashable {
    /// The row's table.
    public var table: RowTable
    /// The row's identity: its ids, the containing ones first.
    public var row: [UInt8]
    /// The row's authentication code (for a version, its ciphertext's digest); `nil` when it was deleted.
    public var code: [UInt8]?
}

/// The tables whose rows carry a MAC or a ciphertext bound to its place. The raw values stand in stored events.
public enum RowTable: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    case workspace = 1
    case principal = 2
    case membership = 3
    case scope = 4
    case grant = 5
    case secret = 6
    case version = 7
    case credential = 8
    case change = 9

    /// The name, as messages use it.
    public var description: String {
        switch self {
        case .workspace: "workspace"
        case .principal: "principal"
        case .membership: "membership"
        case .scope: "scope"
        case .grant: "ACL"
        case .secret: "secret"
        case .version: "version"
        case .credential: "credential"
        case .change: "change"
        }
    }
}

// For whoever reads events that a server sent: without what the wire does not tell.

extension AuditEvent {
    /// Creates an event without ids, version and effects.
    package init(
        sequence: Int64,
        time: Timestamp,
        operation: Operation,
        actor: Actor,
        origin: Origin,
        channel: Channel,
        subject: Subject,
        parameters: [Parameter],
        error: ScopeError?,
        requestID: String?
    ) {
        self.init(
            sequence: sequence,
            time: time,
            operation: operation,
            actor: actor,
            origin: origin,
            channel: channel,
            subject: subject,
            version: nil,
            parameters: parameters,
            error: error,
            requestID: requestID,
            effects: []
        )
    }
}

extension AuditEvent.Actor {
    /// Creates an actor of whom only names are known.
    package init(name: String, runBy: String) {
        self.init(principal: nil, name: name, runBy: runBy)
    }
}

extension AuditEvent.Origin {
    /// Creates an origin without the credential.
    package init(address: String?, userAgent: String?, session: String?, apply: String? = nil) {
        self.init(address: address, userAgent: userAgent, session: session, credential: nil, apply: apply)
    }
}

extension AuditEvent.Channel {
    /// Creates a channel.
    package init(through surface: Surface, notebook: String?, cell: Int?) {
        self.init(surface: surface, notebook: notebook, cell: cell)
    }
}

extension AuditEvent.Subject {
    /// Creates a subject without ids.
    package init(scopeNamed scope: String?, keyNamed key: String?) {
        self.init(scope: scope, scopeID: nil, key: key, secretID: nil)
    }
}

extension AuditEvent.Parameter {
    /// Creates a parameter.
    package init(_ name: String, _ value: String) {
        self.init(name: name, value: value)
    }
}
