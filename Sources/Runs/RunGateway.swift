internal import Redaction
internal import SecretCrypto
internal import SecretMemory
internal import SecretScopes

/// The way into a workspace that a run's broker offers: for the bearer of this run's token alone, and with every value
/// known to the redactor before it is handed out.
struct RunGateway: ServiceGateway {
    let workspace: any ServiceGateway
    let token: SecretBytes
    let redactor: Redactor

    func services(forToken shown: SecretBytes?, origin: RequestOrigin) async throws -> any WorkspaceServices {
        // Any other token is treated like none, so that one of the workspace's own cannot be tried out here, and the
        // attempt is counted.
        let isOwn = shown.map { shown in
            shown.withBytes { shown in token.withBytes { constantTimeEquals(shown, $0) } }
        }
        let services = try await workspace.services(forToken: isOwn == true ? shown : nil, origin: origin)
        return RedactingServices(services: services, redactor: redactor)
    }
}
