public import SecretMemory
public import SecretScopes

/// Finds the values that references stand for, through the one read path.
///
/// ```swift
/// let resolver = SecretReferenceResolver(secrets: secrets)
/// let environment = try await resolver.resolve(["API_KEY": "{{secrets/payments/api-key}}", "REGION": "eu"])
/// // ["API_KEY": the value]
/// ```
public struct SecretReferenceResolver: Sendable {
    private let secrets: any SecretService

    /// Creates a resolver that reads with the permissions of `secrets`.
    public init(secrets: any SecretService) {
        self.secrets = secrets
    }

    /// The values of those of the named values that are references, by name; plain values are left out.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` that names the value and the reference; see ``resolve(_:)``.
    public func resolve(_ values: [String: String]) async throws -> [String: SecretBytes] {
        var resolved: [String: SecretBytes] = [:]
        for (name, text) in values.sorted(by: { $0.key < $1.key }) {
            guard let reference = SecretReference(text) else { continue }
            do {
                resolved[name] = try await resolve(reference)
            } catch let error as ScopeError {
                throw ScopeError(error.code, "\(name): \(error.message)")
            }
        }
        return resolved
    }

    /// The value that a reference stands for.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` with `INVALID_PARAMETER_VALUE` when the reference cannot be read, or in
    ///   more than one way into an existing scope, and what reading the secret throws.
    public func resolve(_ reference: SecretReference) async throws -> SecretBytes {
        let candidate = try await candidate(for: reference)
        do {
            return try await secrets.getSecret(scope: candidate.scope.rawValue, key: candidate.key.rawValue).value
        } catch let error as ScopeError {
            throw ScopeError(
                error.code,
                "The reference \(reference) to \(candidate) cannot be resolved. \(error.message)"
            )
        }
    }

    private func candidate(for reference: SecretReference) async throws -> SecretReference.Candidate {
        let candidates = reference.candidates
        guard let first = candidates.first else {
            throw ScopeError(
                .invalidParameterValue,
                "The reference \(reference) cannot be read. Write {{secrets/<scope>/<key>}}."
            )
        }
        guard candidates.count > 1 else { return first }
        let scopes = Set(try await secrets.listScopes().compactMap { ScopeName(rawValue: $0.name) })
        let existing = candidates.filter { scopes.contains($0.scope) }
        switch existing.count {
        case 1:
            return existing[0]
        case 0:
            throw ScopeError(
                .resourceDoesNotExist,
                "The reference \(reference) fits no scope: there is none named "
                    + candidates.map(\.scope.rawValue).joined(separator: " or ") + "."
            )
        default:
            throw ScopeError(
                .invalidParameterValue,
                "The reference \(reference) is ambiguous: it may stand for "
                    + existing.map(\.description).joined(separator: ", or ")
                    + ". Read the secret in code, where scope and key are given separately."
            )
        }
    }
}
