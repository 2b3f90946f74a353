public import DatabricksAPI
internal import SecretCrypto
public import SecretMemory
internal import SecretScopes

/// Lets runs read from a server with the caller's own credential, which the runs do not get to know.
///
/// A run's token is made up here and means nothing to the server. Its broker asks the server for what the token allows,
/// and the server records run, notebook and cell as claimed. What the broker refuses by itself the server does not learn.
public struct ServerRunAuthority: RunAuthority {
    private let client: DatabricksClient
    private let principal: Principal
    private let hiddenValues: [(name: String, value: SecretBytes)]
    private let pool: SecretPool
    /// The number by which Databricks clients know the workspace.
    public let workspaceNumber: Int64

    /// Asks the server whom the client stands for.
    ///
    /// - Parameters:
    ///   - client: The client, with the caller's credential.
    ///   - hiddenValues: Parts of that credential, which must show in no output.
    ///   - pool: Where tokens live.
    /// - Throws: ``SecretScopes/ScopeError`` when the server cannot be asked, or does not know the credential.
    public init(
        client: DatabricksClient, hiddenValues: [(name: String, value: SecretBytes)], pool: SecretPool
    ) async throws {
        self.client = client
        let caller = try await client.caller()
        self.principal = caller.principal
        self.workspaceNumber = caller.workspaceNumber
        // A service principal's access token, which is asked for by now.
        self.hiddenValues = hiddenValues + [("the token for the server", try await client.bearerToken())]
        self.pool = pool
    }

    /// Makes up a token.
    public func grant(
        _ id: String, _ options: RunOptions, at place: @escaping @Sendable () -> RunPlace
    ) async throws -> RunGrant {
        let client = client.claiming {
            let place = place()
            return RequestClaims(run: place.run, notebook: place.notebook, cell: place.cell)
        }
        let services = ProxiedServices(
            client: client, principal: principal.name, allowedOperations: options.allowedOperations)
        let token = RunToken.make(in: pool)
        return RunGrant(
            token: token, gateway: ProxyGateway(services: services), hiddenValues: hiddenValues)
    }

    /// Does nothing: the token is worth nothing without the run's broker.
    public func revoke(_ grant: RunGrant) async throws {}
}

/// Tokens that only a run's broker knows.
private enum RunToken {
    static func make(in pool: SecretPool) -> SecretBytes {
        SymmetricKey.random(in: pool).withBytes { random in
            var text = SecretBuffer(in: pool)
            for byte in Array("dapi".utf8) { text.append(byte) }
            let digits = Array("0123456789abcdef".utf8)
            for offset in 0..<random.byteCount {
                let byte = random.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                text.append(digits[Int(byte >> 4)])
                text.append(digits[Int(byte & 0x0F)])
            }
            return text.finish()
        }
    }
}

/// Gives the services to whoever shows a token: ``RunGateway``, in front of it, lets no other than the run's pass.
private struct ProxyGateway: ServiceGateway {
    let services: ProxiedServices

    func services(forToken token: SecretBytes?, origin: RequestOrigin) async throws -> any WorkspaceServices {
        guard token != nil else {
            throw ScopeError(
                .unauthenticated, "The request has no valid token. Send one as \"Authorization: Bearer …\".")
        }
        return services
    }
}
