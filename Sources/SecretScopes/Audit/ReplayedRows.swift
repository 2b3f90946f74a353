import SecretCrypto

/// The rows that there must be, each with its authentication code, as the effects of the recorded events add up to.
///
/// It takes about 150 bytes a secret and 60 a further version.
struct ReplayedRows {
    /// What became of a row that should be there.
    enum Finding {
        /// It is the one that was written last.
        case current
        /// It is one that was written before another.
        case older
        /// It was deleted, or no event tells of it.
        case unknown
    }

    private struct Membership: Hashable {
        var group: PrincipalID
        var member: PrincipalID
    }

    private struct Scope {
        var code: Digest?
        var grants: [PrincipalID: Digest] = [:]
        var secrets: [SecretID: Secret] = [:]
    }

    private struct Secret {
        var code: Digest?
        var versions: [(id: VersionID, code: Digest)] = []
    }

    private var workspaces: [WorkspaceID: Digest] = [:]
    private var principals: [PrincipalID: Digest] = [:]
    private var memberships: [Membership: Digest] = [:]
    private var credentials: [CredentialID: Digest] = [:]
    private var scopes: [ScopeID: Scope] = [:]

    /// Adds what an event did to a row.
    mutating func apply(_ effect: RowEffect) throws(MalformedBytes) {
        let place = try RowPlace(effect.table, effect.row)
        guard let code = effect.code else { return delete(place) }
        guard let digest = Digest(bytes: code.span.bytes) else { throw MalformedBytes() }
        save(place, digest)
    }

    private mutating func save(_ place: RowPlace, _ code: Digest) {
        switch place {
        case .workspace(let id): workspaces[id] = code
        case .principal(let id): principals[id] = code
        case .membership(let group, let member): memberships[Membership(group: group, member: member)] = code
        case .credential(let id): credentials[id] = code
        case .scope(let id): scopes[id, default: Scope()].code = code
        case .grant(let scope, let principal): scopes[scope, default: Scope()].grants[principal] = code
        case .secret(let scope, let id): scopes[scope, default: Scope()].secrets[id, default: Secret()].code = code
        case .version(let scope, let secret, let id):
            scopes[scope, default: Scope()].secrets[secret, default: Secret()].versions.append((id, code))
        }
    }

    /// Forgets a row and all rows below it.
    private mutating func delete(_ place: RowPlace) {
        _ = take(place)
        switch place {
        case .scope(let id): scopes[id] = nil
        case .secret(let scope, let id): scopes[scope]?.secrets[id] = nil
        default: return
        }
    }

    /// Compares a row of the tables with the one that must be there, which is then no longer missing.
    mutating func compare(_ place: RowPlace, code: [UInt8]) -> Finding {
        guard let expected = take(place) else { return .unknown }
        return Digest(bytes: code.span.bytes) == expected ? .current : .older
    }

    /// Takes a row out; the rows below it stay.
    private mutating func take(_ place: RowPlace) -> Digest? {
        switch place {
        case .workspace(let id): return workspaces.removeValue(forKey: id)
        case .principal(let id): return principals.removeValue(forKey: id)
        case .membership(let group, let member):
            return memberships.removeValue(forKey: Membership(group: group, member: member))
        case .credential(let id): return credentials.removeValue(forKey: id)
        case .scope(let id): return scopes[id]?.code.take()
        case .grant(let scope, let principal): return scopes[scope]?.grants.removeValue(forKey: principal)
        case .secret(let scope, let id): return scopes[scope]?.secrets[id]?.code.take()
        case .version(let scope, let secret, let id):
            guard let index = scopes[scope]?.secrets[secret]?.versions.firstIndex(where: { $0.id == id }) else {
                return nil
            }
            return scopes[scope]?.secrets[secret]?.versions.remove(at: index).code
        }
    }

    /// The rows that were not compared: they are missing from the tables.
    var missing: [RowPlace] {
        var places: [RowPlace] = workspaces.keys.map { .workspace($0) }
        places += principals.keys.map { .principal($0) }
        places += memberships.keys.map { .membership(group: $0.group, member: $0.member) }
        places += credentials.keys.map { .credential($0) }
        for (id, scope) in scopes {
            if scope.code != nil { places.append(.scope(id)) }
            places += scope.grants.keys.map { .grant(scope: id, principal: $0) }
            for (secretID, secret) in scope.secrets {
                if secret.code != nil { places.append(.secret(scope: id, id: secretID)) }
                places += secret.versions.map { .version(scope: id, secret: secretID, id: $0.id) }
            }
        }
        return places
    }
}

/// Where a row stands: its table and its ids.
enum RowPlace: Hashable, CustomStringConvertible {
    case workspace(WorkspaceID)
    case principal(PrincipalID)
    case membership(group: PrincipalID, member: PrincipalID)
    case credential(CredentialID)
    case scope(ScopeID)
    case grant(scope: ScopeID, principal: PrincipalID)
    case secret(scope: ScopeID, id: SecretID)
    case version(scope: ScopeID, secret: SecretID, id: VersionID)

    /// Creates a place from the identity that an event records.
    init(_ table: RowTable, _ identity: [UInt8]) throws(MalformedBytes) {
        var reader = ByteReader(identity)
        switch table {
        case .workspace: self = .workspace(try reader.readIdentifier())
        case .principal: self = .principal(try reader.readIdentifier())
        case .membership:
            self = .membership(group: try reader.readIdentifier(), member: try reader.readIdentifier())
        case .credential: self = .credential(try reader.readIdentifier())
        case .scope: self = .scope(try reader.readIdentifier())
        case .grant: self = .grant(scope: try reader.readIdentifier(), principal: try reader.readIdentifier())
        case .secret: self = .secret(scope: try reader.readIdentifier(), id: try reader.readIdentifier())
        case .version:
            self = .version(
                scope: try reader.readIdentifier(),
                secret: try reader.readIdentifier(),
                id: try reader.readIdentifier()
            )
        // The change log is for caches and is cut off from time to time; no event tells of it.
        case .change: throw MalformedBytes()
        }
        guard reader.isAtEnd else { throw MalformedBytes() }
    }

    /// The name by which messages call the row.
    var description: String {
        switch self {
        case .workspace: "the workspace row"
        case .principal(let id): "the row of principal \(id)"
        case .membership(let group, let member): "the membership of principal \(member) in group \(group)"
        case .credential(let id): "the row of token \(id)"
        case .scope(let id): "the row of scope \(id)"
        case .grant(let scope, let principal): "the ACL row of principal \(principal) on scope \(scope)"
        case .secret(let scope, let id): "the row of secret \(id) in scope \(scope)"
        case .version(let scope, let secret, let id): "version \(id) of secret \(secret) in scope \(scope)"
        }
    }
}
