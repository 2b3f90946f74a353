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
            var owner = caller.row
            if let name = try request.principal.map({ try PrincipalName(validating: $0) }),
                name.folded != owner.name.lowercased()
            {
                try Decision.requireAdministrator(caller, for: .createToken)
                owner = try context.existingPrincipal(named: name)
                guard owner.kind != .group else {
                    throw ScopeError(.invalidParameterValue, "\(owner.name) is a group, which has no tokens.")
                }
            }
            let allowed = try context.allowedOperations()
            guard request.operations.isSubset(of: allowed) else {
                throw ScopeError(
                    .permissionDenied, "A token cannot allow more than the credential that it is made with.")
            }
            guard request.comment.utf8.count <= 256 else {
                throw ScopeError(.invalidParameterValue, "The comment is too long. Use at most 256 bytes.")
            }
            let value = AccessToken.make(in: pool)
            let row = CredentialRow(
                id: CredentialID(random: random),
                kind: request.kind,
                principal: owner.id,
                operations: request.operations,
                tokenHash: AccessToken.hash(of: value),
                created: context.now,
                creator: caller.row.id,
                runBy: request.kind == .runToken ? runBy : owner.name,
                expires: request.lifetime.map { context.now.advanced(by: $0) },
                comment: request.comment
            )
            context.event.parameters.append(.init(name: "token_id", value: row.id.description))
            try context.save(row)
            return IssuedToken(id: row.id, value: value)
        }
    }

    /// Makes a token useless before the call returns. Its owner may, and every administrator.
    public func revokeToken(_ id: CredentialID) async throws {
        try await perform(.revokeToken, parameters: [("token_id", id.description)]) { context in
            let caller = try context.authorize()
            guard
                let row = try context.view.credential(id),
                row.principal == caller.row.id || row.creator == caller.row.id || caller.isAdministrator
            else {
                throw ScopeError(.resourceDoesNotExist, "There is no token \(id) of yours.")
            }
            try context.delete(row)
        }
    }
}

extension OperationContext {
    /// What the caller's own credential allows at this moment.
    fileprivate func allowedOperations() throws -> OperationSet {
        guard let id = caller.credential else { return caller.allowedOperations }
        guard let row = try view.credential(id) else { return OperationSet([]) }
        return OperationSet(rawValue: caller.allowedOperations.rawValue & row.operations.rawValue)
    }
}

/// The form of tokens: `dapi` and 64 hexadecimal digits, 256 random bits.
enum AccessToken {
    private static let prefix = Array("dapi".utf8)

    /// A new token.
    static func make(in pool: SecretPool) -> SecretBytes {
        let digits = Array("0123456789abcdef".utf8)
        return SymmetricKey.random(in: pool).withBytes { random in
            SecretBytes(count: prefix.count + 2 * random.byteCount, in: pool) { target in
                for (offset, character) in prefix.enumerated() { target[offset] = character }
                for offset in 0..<random.byteCount {
                    let byte = random.unsafeLoad(fromByteOffset: offset, as: UInt8.self)
                    target[prefix.count + 2 * offset] = digits[Int(byte >> 4)]
                    target[prefix.count + 2 * offset + 1] = digits[Int(byte & 0x0F)]
                }
            }
        }
    }

    /// What the store keeps of a token. A plain hash is enough: 256 random bits cannot be guessed.
    static func hash(of token: SecretBytes) -> [UInt8] {
        token.withBytes { SHA256.hash($0).bytes }
    }
}
