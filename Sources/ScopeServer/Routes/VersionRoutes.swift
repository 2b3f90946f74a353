internal import DatabricksAPI
internal import Hummingbird
internal import SecretScopes

/// The versions of secrets.
struct VersionRoutes: Sendable {
    let reception: RequestReception

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(VersionEndpoint.list), method: .get) { request, context in
            try await reception.answer(request, context, asking: .listVersions, SecretParameters.init(query:)) {
                services, parameters in
                .json(
                    VersionAnswer.versions(
                        try await services.versions(scope: parameters.scope, key: parameters.key)))
            }
        }
        router.on(RouterPath(VersionEndpoint.get), method: .get) { request, context in
            try await reception.answer(request, context, asking: .getSecret, VersionParameters.init(query:)) {
                services, parameters in
                .value(
                    of: try await services.getSecret(
                        scope: parameters.scope, key: parameters.key, version: parameters.version))
            }
        }
        router.on(RouterPath(VersionEndpoint.restore), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .restoreVersion, VersionParameters.init(json:)
            ) { services, parameters in
                .json(
                    VersionAnswer.restored(
                        try await services.restoreSecret(
                            scope: parameters.scope, key: parameters.key, version: parameters.version)))
            }
        }
    }
}
