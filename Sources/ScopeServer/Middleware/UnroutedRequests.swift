internal import Hummingbird
internal import SecretScopes

/// Refuses what no route answers, and puts it into the audit record: as one event of a known caller each, counted with the
/// other requests of strangers otherwise.
struct UnroutedRequests: Sendable {
    let reception: RequestReception

    /// Records the request.
    ///
    /// - Returns: The refusal.
    func refuse(_ request: Request, _ context: ScopeRequestContext) async throws -> ScopeError {
        let target = RequestTarget(method: request.method.rawValue, path: request.uri.path)
        try await reception.recordUnknownCall(request, context, target)
        return ScopeError(.endpointNotFound, "No API found for '\(target.quotable)'.")
    }
}
