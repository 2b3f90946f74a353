public import DatabricksAPI
public import Hummingbird

/// What is known about a request beside its head and body.
public struct ScopeRequestContext: RequestContext {
    /// What the HTTP library keeps with a request.
    public var coreContext: CoreRequestContextStorage
    /// The client's address, without its port.
    public internal(set) var address: String?
    /// The id that the answer carries and the audit record shows.
    public internal(set) var requestID = ""

    /// Creates the context of a request that came through `source`.
    public init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.address = source.channel.remoteAddress?.ipAddress
    }
}

/// What the audit record can know of a request's origin.
public struct RequestFacts: Sendable, Hashable {
    /// The client's address, without its port.
    public var address: String?
    /// The client's description of itself, as it sent it.
    public var userAgent: String?
    /// The request's id.
    public var requestID: String
    /// What the client claims.
    public var claims: RequestClaims

    init(_ request: Request, _ context: ScopeRequestContext) {
        self.address = context.address
        self.userAgent = request.headers[.userAgent]
        self.requestID = context.requestID
        self.claims = RequestClaims(header: request.headers[.claims])
    }
}
