/// Who asks, by what right, and from where.
///
/// It carries identifiers only. Groups, whether the principal is still active and whether the credential is still
/// valid are looked up inside each decision and never remembered here.
public struct Caller: Sendable, Hashable {
    /// The principal whose permissions count.
    public var principal: PrincipalID
    /// The administrator who acts as that principal, and whose the credential is; `nil` when the principal acts itself.
    public var holder: PrincipalID?
    /// The credential that was shown; `nil` for the local administrator of an embedded workspace, who proved the
    /// right by unwrapping the root key.
    public var credential: CredentialID?
    /// The operations that the credential allows.
    public var allowedOperations: OperationSet
    /// Who was authenticated: the operating system's user when embedded, the principal's name over the network.
    public var runBy: String
    /// Where the request came from.
    public var origin: RequestOrigin

    /// Creates a caller.
    public init(
        principal: PrincipalID,
        holder: PrincipalID? = nil,
        credential: CredentialID?,
        allowedOperations: OperationSet,
        runBy: String,
        origin: RequestOrigin
    ) {
        self.principal = principal
        self.holder = holder
        self.credential = credential
        self.allowedOperations = allowedOperations
        self.runBy = runBy
        self.origin = origin
    }
}

/// The ways into the services. The raw values stand in stored events and never change.
public enum Surface: UInt8, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// The `hush` command with an embedded workspace.
    case commandLine = 1
    /// The REST API.
    case rest = 2
    /// A notebook's run.
    case notebook = 3
    /// A command that `hush` runs.
    case command = 4
    /// A Swift program that opened the workspace itself.
    case library = 5

    /// The name that audit queries show.
    public var description: String {
        switch self {
        case .commandLine: "CLI"
        case .rest: "REST"
        case .notebook: "notebook"
        case .command: "command"
        case .library: "library"
        }
    }
}

/// Where a request came from, for the audit record. The longest texts that are recorded are given per member; longer
/// ones are cut.
public struct RequestOrigin: Sendable, Hashable {
    /// The way in.
    public var surface: Surface
    /// The client's address, at most 64 bytes.
    public var address: String?
    /// The client's description of itself, at most 256 bytes.
    public var userAgent: String?
    /// The request's id, at most 64 bytes.
    public var requestID: String?
    /// The run that the request belongs to, at most 64 bytes.
    public var session: String?
    /// The notebook whose cell asks, at most 256 bytes.
    public var notebook: String?
    /// The number of the cell that asks, from 1.
    public var cell: Int?
    /// The apply of manifests that the request belongs to, at most 64 bytes.
    public var apply: String?
    /// Why it is asked, in a word or two of the program's own, recorded as the parameter `reason`.
    public var reason: String?
    /// How many links between servers the request came through, so that those that lead in a circle are found.
    public var linkDepth: Int

    /// Creates an origin.
    public init(
        surface: Surface,
        address: String? = nil,
        userAgent: String? = nil,
        requestID: String? = nil,
        session: String? = nil,
        notebook: String? = nil,
        cell: Int? = nil,
        apply: String? = nil,
        reason: String? = nil,
        linkDepth: Int = 0
    ) {
        self.surface = surface
        self.address = address
        self.userAgent = userAgent
        self.requestID = requestID
        self.session = session
        self.notebook = notebook
        self.cell = cell
        self.apply = apply
        self.reason = reason
        self.linkDepth = linkDepth
    }
}
