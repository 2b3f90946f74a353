internal import DatabricksAPI
internal import Hummingbird
internal import SecretScopes

/// Questions to the audit record: for administrators, and about a scope for those who manage it.
struct AuditRoutes: Sendable {
    let reception: RequestReception
    let workspace: WorkspaceID

    func add(to router: some RouterMethods<ScopeRequestContext>) {
        router.on(RouterPath(AuditEndpoint.events), method: .get) { request, context in
            try await reception.answer(request, context, asking: .queryEvents, EventsQuery.init(query:)) {
                services, page in
                try await offEventLoop {
                    .json(
                        AuditAnswer.events(try await services.events(page.query), of: page.query, workspace: workspace))
                }
            }
        }
        router.on(RouterPath(AuditEndpoint.whoRead), method: .get) { request, context in
            try await reception.answer(request, context, asking: .queryReaders, ReadsQuery.init(secretsIn:), answer)
        }
        router.on(RouterPath(AuditEndpoint.reads), method: .get) { request, context in
            try await reception.answer(request, context, asking: .queryReaders, ReadsQuery.init(principalIn:), answer)
        }
        router.on(RouterPath(AuditEndpoint.follow), method: .get) { request, context in
            try await reception.answer(request, context, asking: .queryEvents, FollowQuery.init(query:)) {
                services, page in
                try await offEventLoop {
                    let found = try await services.events(
                        page.query, after: page.after, patience: .seconds(page.wait))
                    return .json(AuditAnswer.followed(found, workspace: workspace))
                }
            }
        }
        router.on(RouterPath(AuditEndpoint.verify), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .verifyAudit, VerificationParameters.init(json:)
            ) { services, parameters in
                try await offEventLoop {
                    .json(
                        AuditAnswer.verification(
                            try await services.verify(against: parameters.checkpoint) { _, _ in }))
                }
            }
        }
        router.on(RouterPath(AuditEndpoint.checkpoint), method: .post) { request, context in
            try await reception.answerBody(
                of: request, context, asking: .createCheckpoint, { _ throws(ScopeError) in }
            ) { services, _ in
                .json(AuditAnswer.checkpoint(try await services.createCheckpoint()))
            }
        }
    }

    private func answer(_ services: any WorkspaceServices, _ query: ReadsQuery) async throws -> Response {
        try await offEventLoop {
            switch query.subject {
            case .secrets(let scope, let key):
                .json(AuditAnswer.reads(try await services.readers(scope: scope, key: key), of: query))
            case .principal(let name):
                .json(AuditAnswer.reads(try await services.reads(by: name), of: query))
            }
        }
    }
}
