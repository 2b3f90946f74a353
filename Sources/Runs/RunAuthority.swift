public import SecretMemory
public import SecretScopes

/// Where the rights of runs come from: a workspace that is open here, or a server.
public protocol RunAuthority: Sendable {
    /// The number by which Databricks clients know the workspace.
    var workspaceNumber: Int64 { get }

    /// Gives a run its rights.
    ///
    /// - Parameters:
    ///   - id: The run's id.
    ///   - options: What sort of run it is.
    ///   - place: Where the run is at the moment, for the record.
    func grant(
        _ id: String, _ options: RunOptions, at place: @escaping @Sendable () -> RunPlace
    ) async throws -> RunGrant

    /// Takes them back, also when the run was cancelled.
    func revoke(_ grant: RunGrant) async throws
}

/// Where a run is at a moment.
public struct RunPlace: Sendable, Hashable {
    /// The run's id.
    public var run: String
    /// The notebook's path.
    public var notebook: String?
    /// The number of the notebook's cell, from 1; `nil` outside any cell.
    public var cell: Int?
}

/// The rights of one run.
public struct RunGrant: Sendable {
    /// The token that the run's broker accepts.
    public var token: SecretBytes
    /// Turns that token into services.
    public var gateway: any ServiceGateway
    /// Values that must show in no output from the beginning, beside the token, each with a name for people.
    public var hiddenValues: [(name: String, value: SecretBytes)]
    /// Names the token in the workspace, if it is known there.
    public var credential: CredentialID?

    /// Creates rights.
    public init(
        token: SecretBytes,
        gateway: any ServiceGateway,
        hiddenValues: [(name: String, value: SecretBytes)] = [],
        credential: CredentialID? = nil
    ) {
        self.token = token
        self.gateway = gateway
        self.hiddenValues = hiddenValues
        self.credential = credential
    }
}

/// Gives runs tokens of an open workspace, which record what the runs do as this process knows it.
public struct WorkspaceRunAuthority: RunAuthority {
    private let services: any WorkspaceServices
    private let gateway: any ServiceGateway
    /// The number by which Databricks clients know the workspace.
    public let workspaceNumber: Int64

    /// Creates the authority.
    ///
    /// - Parameters:
    ///   - services: The services of the caller whom the runs stand for.
    ///   - gateway: The workspace's gateway; it must accept run tokens.
    ///   - workspaceNumber: The number by which Databricks clients know the workspace.
    public init(services: any WorkspaceServices, gateway: any ServiceGateway, workspaceNumber: Int64) {
        self.services = services
        self.gateway = gateway
        self.workspaceNumber = workspaceNumber
    }

    /// Makes a run token.
    public func grant(
        _ id: String, _ options: RunOptions, at place: @escaping @Sendable () -> RunPlace
    ) async throws -> RunGrant {
        let issued = try await services.createToken(
            CreateTokenRequest(
                kind: .runToken,
                operations: options.allowedOperations,
                lifetime: options.lifetime,
                comment: "run \(id)"
            )
        )
        return RunGrant(token: issued.value, gateway: gateway, credential: issued.id)
    }

    /// Revokes the run token.
    public func revoke(_ grant: RunGrant) async throws {
        guard let credential = grant.credential else { return }
        do {
            try await services.revokeToken(credential)
        } catch let error as ScopeError {
            throw ScopeError(
                error.code, "The run ended, but its token \(credential) was not revoked. \(error.message)")
        }
    }
}
