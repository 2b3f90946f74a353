import DatabricksAPI
import Glibc
import Runs
import SecretCrypto
import SecretMemory

/// What runs are started from, and what of it must be hidden from them.
struct RunOrigin {
    let starter: RunStarter
    /// The folder of the workspace, or of what is kept of a server's.
    let folder: String
    /// The file with the root key, or with the credential for the server.
    let keyFile: String?
    /// Where compiled notebooks are kept.
    let notebooks: String
    /// Authenticates them.
    let authenticator: MessageAuthenticator

    /// Runs that read from a server through `client`.
    static func server(
        _ connection: ServerConnection, _ client: DatabricksClient, in program: Program
    ) async throws -> RunOrigin {
        let secret = connection.credential.secret
        let authority = try await ServerRunAuthority(
            client: client, hiddenValues: [("the credential for the server", secret)], pool: program.pool)
        let folder = try program.environment.workspaceFolder()
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
            throw CommandFailure("The folder \(folder) cannot be made (\(String(cString: strerror(errno)))).")
        }
        // Whoever starts runs knows the credential, and runs do not.
        let purpose = Array("hush notebook builds of a server".utf8)
        let key = HMACSHA256.authenticate(purpose.span.bytes, underKeyOfAnyLength: secret)
        return RunOrigin(
            starter: RunStarter(authority: authority, pool: program.pool),
            folder: folder,
            keyFile: connection.file,
            notebooks: folder + "/server-notebooks",
            authenticator: MessageAuthenticator(
                key: try SymmetricKey(SecretBytes(copying: key.bytes.span.bytes, in: program.pool)))
        )
    }
}

extension ClientCredential {
    /// The part of it that nobody else may know.
    var secret: SecretBytes {
        switch self {
        case .token(let token): token
        case .clientSecret(let credentials): credentials.clientSecret
        }
    }
}
