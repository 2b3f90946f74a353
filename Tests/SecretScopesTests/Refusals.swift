import SecretScopes
import Testing

/// Expects `body` to be refused with `code`.
///
/// - Returns: The refusal, for a look at its message.
@discardableResult
func expectRefusal<Result>(
    _ code: ScopeError.Code,
    _ comment: Comment? = nil,
    location: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Result
) async -> ScopeError? {
    let error = await #expect(throws: ScopeError.self, comment, sourceLocation: location) { _ = try await body() }
    #expect(error?.code == code, comment, sourceLocation: location)
    return error
}

extension ScopeError {
    /// What a principal without `permission` on a scope is told, in Databricks' own words.
    static func denied(_ principal: String, _ permission: Permission, on scope: String) -> ScopeError {
        ScopeError(
            .permissionDenied,
            "User \(principal) does not have \(permission) permission on scope \(scope) to perform this action.")
    }
}
