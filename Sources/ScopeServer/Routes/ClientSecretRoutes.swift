internal import DatabricksAPI
internal import Hummingbird
internal import SecretScopes

/// The client secrets of service principals, for administrators.
struct ClientSecretRoutes: Sendable {
    let reception: RequestReception

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(ClientSecretEndpoint.all), method: .post) { request, context in
            let owner = context.parameters.get("service_principal_id") ?? ""
            return try await reception.answerBody(of: request, context, asking: .createClientSecret) {
                body throws(ScopeError) in
                (try Self.id(owner), try ClientSecretParameters(json: body))
            } _: { services, parameters in
                let secret = try await services.createClientSecret(
                    for: try await applicationID(of: parameters.0, services), lifetime: parameters.1.lifetime)
                return .json(ClientSecretAnswer.issued(secret, pool: reception.pool))
            }
        }
        router.on(RouterPath(ClientSecretEndpoint.all), method: .get) { request, context in
            let owner = context.parameters.get("service_principal_id") ?? ""
            return try await reception.answer(request, context, asking: .listClientSecrets) { _ throws(ScopeError) in
                try Self.id(owner)
            } _: { services, owner in
                let secrets = try await services.listClientSecrets(of: try await applicationID(of: owner, services))
                return .json(ClientSecretAnswer.list(secrets))
            }
        }
        router.on(RouterPath(ClientSecretEndpoint.one), method: .delete) { request, context in
            let owner = context.parameters.get("service_principal_id") ?? ""
            let secret = context.parameters.get("secret_id") ?? ""
            return try await reception.answer(request, context, asking: .deleteClientSecret) { _ throws(ScopeError) in
                (try Self.id(owner), try CredentialID(validatingClientSecret: secret))
            } _: { services, parameters in
                try await services.deleteClientSecret(
                    parameters.1, of: try await applicationID(of: parameters.0, services))
                return .json(Answer.done)
            }
        }
    }

    private func applicationID(of id: PrincipalID, _ services: any WorkspaceServices) async throws -> String {
        let principal = try await services.principal(id).principal
        guard principal.kind == .servicePrincipal else { throw Self.unknown }
        return principal.name
    }

    private static func id(_ text: String) throws(ScopeError) -> PrincipalID {
        guard let id = PrincipalID(text) else { throw unknown }
        return id
    }

    private static var unknown: ScopeError {
        ScopeError(.resourceDoesNotExist, "There is no service principal with that id.")
    }
}
