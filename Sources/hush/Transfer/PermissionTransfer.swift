import SecretScopes

/// Permissions on their way from one workspace's scope to another's: who has less there is granted what they have here.
/// Nothing is taken away.
struct PermissionTransfer {
    let source: any TransferPermissions
    let target: any TransferPermissions

    /// What is to be granted.
    func items() async throws -> [ACLItem] {
        var present: [String: Permission] = [:]
        for item in try await target.grants() { present[item.principal.lowercased()] = item.permission }
        return try await source.grants().filter { item in
            present[item.principal.lowercased()].map { $0 < item.permission } ?? true
        }
    }

    /// Grants all that can be granted.
    ///
    /// - Throws: ``CommandFailure`` that names those that could not.
    func carryOut(didGrant: (ACLItem) throws -> Void) async throws {
        var problems: [String] = []
        for item in try await items() {
            do {
                try await target.grant(item)
                try didGrant(item)
            } catch let error as ScopeError {
                problems.append("\(item.permission) for \(item.principal): \(error.message)")
            }
        }
        guard problems.isEmpty else {
            let lines = problems.map { "\n  " + $0 }.joined()
            throw CommandFailure("All values were written, but not all permissions were granted.\(lines)")
        }
    }
}
