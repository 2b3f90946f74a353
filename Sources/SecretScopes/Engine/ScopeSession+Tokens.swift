import SecretCrypto
import SecretMemory

extension ScopeSession {
    /// Makes a token and shows it this once.
    ///
    /// Anybody may make one for itself, an administrator for anybody. It never allows more than the credential that it
    /// was made with.
    public func createToken(_ request: CreateTokenRequest) async throws -> IssuedToken {
        let parameters: [(name: String, value: String?)] = [("principal", request.principal)]
        return try await perform(.createToken, parameters: parameters) {
            [random = engine.random, pool = engine.keys.pool, runBy = caller.runBy] context in
            let caller = try context.authorize()
            guard request.kind != .clientSecret else {
                throw ScopeError(.invalidParameterValue, "A client secret is not a token. Call createClientSecret.")
            }
            let owner = try context.owner(named: request.principal, askedBy: caller)
            guard owner.kind != .group else {
                throw ScopeError(.invalidParameterValue, "\(owner.name) is a group, which has no tokens.")
            }
            let allowed = try context.allowedOperations()
            let operations = request.operations ?? allowed
            guard operations.isSubset(of: allowed) else {
                throw ScopeError(
                    .permissionDenied, "A token cannot allow more than the credential that it is made with.")
            }
            let comment = try context.comment(request.comment)
            if request.kind == .personalAccessToken {
                try context.requireRoom(
                    for: .personalAccessToken, of: owner, limit: ScopeEngine.Limits.tokensPerPrincipal)
            }
            let value = AccessToken.make(.personalAccessToken, in: pool)
            let row = CredentialRow(
                id: CredentialID(random: random),
                kind: request.kind,
                principal: owner.id,
                operations: operations,
                tokenHash: AccessToken.hash(of: value),
                created: context.now,
                creator: caller.row.id,
                runBy: request.kind == .runToken ? runBy : owner.name,
                expires: try context.expiry(after: request.lifetime),
                comment: comment
            )
            context.event.parameters.append(.init(name: "token_id", value: row.id.description))
            try context.save(row)
            return IssuedToken(description: try context.describe(row), value: value)
        }
    }

    /// The personal access tokens of one's own, or of others. Everything but one's own needs an administrator.
    public func listTokens(of owner: TokenOwner) async throws -> [TokenDescription] {
        var parameters: [(name: String, value: String?)] = []
        switch owner {
        case .caller: break
        case .principal(let name): parameters.append(("principal", name))
        case .everybody: parameters.append(("principal", PrincipalName.users.rawValue))
        }
        return try await perform(.listTokens, parameters: parameters) { context in
            let caller = try context.authorize()
            let rows: [CredentialRow]
            switch owner {
            case .caller: rows = try context.reader.credentials(of: caller.row.id)
            case .principal(let name):
                rows = try context.reader.credentials(of: context.owner(named: name, askedBy: caller).id)
            case .everybody:
                try Decision.requireAdministrator(caller, for: .listTokens)
                rows = try context.reader.credentials()
            }
            return try context.describe(rows, of: .personalAccessToken)
        }
    }

    /// Makes a token useless before the call returns. Its owner may, whoever made it, and every administrator.
    public func revokeToken(_ id: CredentialID) async throws {
        try await perform(.revokeToken, parameters: [("token_id", id.description)]) { context in
            let caller = try context.authorize()
            try context.delete(try context.token(id, of: caller))
        }
    }
}

extension OperationContext {
    /// What the caller's own credential allows at this moment.
    func allowedOperations() throws -> OperationSet {
        guard let id = caller.credential else { return caller.allowedOperations }
        guard let row = try view.credential(id) else { return OperationSet([]) }
        return OperationSet(rawValue: caller.allowedOperations.rawValue & row.operations.rawValue)
    }

    /// The principal of that name, provided that it is the caller itself or the caller is an administrator.
    fileprivate func owner(named text: String?, askedBy caller: PrincipalEntry) throws -> PrincipalRow {
        guard let name = try text.map({ try PrincipalName(validating: $0) }) else { return caller.row }
        guard name.folded != caller.row.name.lowercased() else { return caller.row }
        try Decision.requireAdministrator(caller, for: event.operation)
        return try existingPrincipal(named: name)
    }

    /// The token with that id, provided that the caller owns it, made it, or is an administrator.
    func token(_ id: CredentialID, of caller: PrincipalEntry) throws -> CredentialRow {
        guard
            let row = try view.credential(id), row.kind != .clientSecret,
            row.principal == caller.row.id || row.creator == caller.row.id || caller.isAdministrator
        else {
            throw ScopeError(.resourceDoesNotExist, "There is no token \(id) of yours.")
        }
        return row
    }

    /// A token's comment, provided that it is not too long.
    func comment(_ text: String) throws -> String {
        guard text.utf8.count <= 256 else {
            throw ScopeError(.invalidParameterValue, "The comment is too long. Use at most 256 bytes.")
        }
        return text
    }

    /// When something ends that is valid for `lifetime` from now on.
    func expiry(after lifetime: Duration?) throws -> Timestamp? {
        guard let lifetime else { return nil }
        guard lifetime <= ScopeEngine.Limits.longestLifetime else {
            throw ScopeError(
                .invalidParameterValue, "The lifetime is too long. Use at most 3650 days, or none for no end.")
        }
        return now.advanced(by: lifetime)
    }

    /// Throws when the principal has `limit` valid credentials of that kind.
    func requireRoom(for kind: CredentialKind, of principal: PrincipalRow, limit: Int) throws {
        let valid = try reader.credentials(of: principal.id).count { row in
            row.kind == kind && row.expires.map { $0 > now } ?? true
        }
        guard valid < limit else {
            throw ScopeError(
                .resourceLimitExceeded,
                "\(principal.name) has \(limit) of them, which is the most. Revoke one that is not used any more."
            )
        }
    }

    /// Rows that were read as callers see them, provided that they are authentic.
    func describe(_ rows: [CredentialRow], of kind: CredentialKind) throws -> [TokenDescription] {
        try rows.filter { $0.kind == kind }.map { row in
            try keys.verify(row)
            return try describe(row)
        }
    }

    /// A row that is known to be authentic as callers see it.
    func describe(_ row: CredentialRow) throws -> TokenDescription {
        guard let owner = try reader.principal(row.principal) else { throw IntegrityError(object: row.label) }
        try keys.verify(owner)
        let creator = try reader.principal(row.creator)
        if let creator { try keys.verify(creator) }
        return TokenDescription(
            id: row.id,
            owner: owner.principal,
            creator: creator?.name,
            created: row.created,
            expires: row.expires,
            comment: row.comment,
            operations: row.operations,
            lastUse: try reader.lastUse(of: row.id).map { .day($0) } ?? .never
        )
    }
}

/// The form of tokens and client secrets: a prefix and 64 hexadecimal digits, 256 random bits. No client has to escape
/// any of these characters, wherever it puts them.
enum AccessToken {
    /// The beginnings, which are those of Databricks' own.
    enum Prefix: String {
        case personalAccessToken = "dapi"
        case clientSecret = "dose"
    }

    /// A new token.
    static func make(_ prefix: Prefix, in pool: SecretPool) -> SecretBytes {
        let beginning = Array(prefix.rawValue.utf8)
        return SymmetricKey.random(in: pool).withBytes { random in
            SecretBytes(count: beginning.count + 2 * random.byteCount, in: pool) { target in
                target.copyBytes(from: beginning)
                write(random, to: UnsafeMutableRawBufferPointer(rebasing: target[beginning.count...]))
            }
        }
    }

    /// Writes two hexadecimal digits for each of `bytes`.
    static func write(_ bytes: RawSpan, to target: UnsafeMutableRawBufferPointer) {
        let digits = Array("0123456789abcdef".utf8)
        for offset in 0..<bytes.byteCount {
            let byte = bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
            target[2 * offset] = digits[Int(byte >> 4)]
            target[2 * offset + 1] = digits[Int(byte & 0x0F)]
        }
    }

    /// What the store keeps of a token. A plain hash is enough: 256 random bits cannot be guessed.
    static func hash(of token: SecretBytes) -> [UInt8] {
        token.withBytes { SHA256.hash($0).bytes }
    }
}
