package import SecretCrypto
package import SecretMemory
package import SecretScopes
internal import Synchronization

/// All external vaults that scopes are linked to: what the engine asks.
///
/// ```swift
/// let vaults = ExternalVaults(policy: policy, environment: environment, pool: pool)
/// let link = try vaults.validate(LinkScopeRequest(scope: "app", address: "vault://vault.example.com/secret/app"))
/// ```
package final class ExternalVaults: LinkedVaults {
    private let context: VaultContext
    private let scopes = Mutex<[ScopeID: LinkedScope]>([:])
    private let counts = VaultCounts()

    /// - Parameters:
    ///   - policy: What the settings of this machine let links reach.
    ///   - environment: The process's variables, for ways to authenticate and proxies.
    ///   - pool: Where values live.
    package init(
        policy: LinkPolicy,
        environment: [String: String],
        pool: SecretPool,
        clock: any WallClock = SystemWallClock(),
        random: any RandomSource = SystemRandomSource()
    ) {
        self.context = VaultContext(
            transport: VaultTransport(policy: policy, environment: environment, pool: pool, random: random),
            pool: pool, clock: clock, random: random, environment: environment, policy: policy)
    }

    package func validate(_ request: LinkScopeRequest) throws(ScopeError) -> ValidatedLink {
        let reader = LinkReader(policy: context.policy)
        do {
            let link = try reader.read(
                address: request.address, options: request.options, credential: request.credential)
            try reader.checkPolicy(link.shape)
            _ = try Self.field(of: link.configuration)
            _ = try link.definition.vault(link.configuration, context)
            let isReference = if case .secret = link.credential { true } else { false }
            return ValidatedLink(
                kind: link.definition.kind,
                address: link.shape.address,
                options: link.options,
                credential: link.credential,
                authority: link.shape.authority,
                isWritable: link.configuration.isWritable,
                // A directory and a program are the machine's as well.
                usesMachine: !isReference
            )
        } catch {
            throw ScopeError(.invalidParameterValue, error.message)
        }
    }

    /// The form in which a link's address is stored, whatever may be linked here.
    ///
    /// - Throws: `ScopeError` with `INVALID_PARAMETER_VALUE` when address, options and credential make no link.
    package static func storedAddress(
        of address: String, options: [String: String], credential: String?
    ) throws(ScopeError) -> String {
        do {
            return try LinkReader(policy: LinkPolicy())
                .read(address: address, options: options, credential: credential).shape.address
        } catch {
            throw ScopeError(.invalidParameterValue, error.message)
        }
    }

    /// What may be reached by somebody who names a vault with a credential of their own, in a process of their own: what
    /// they name, and what that leads to.
    ///
    /// - Throws: `ScopeError` with `INVALID_PARAMETER_VALUE` when address, options and credential make no link.
    package static func policy(
        forOwnCallsOf address: String, options: [String: String], credential: String?
    ) throws(ScopeError) -> LinkPolicy {
        do {
            let link = try LinkReader(policy: LinkPolicy())
                .read(address: address, options: options, credential: credential)
            let program: Set = [link.shape.authority]
            var policy = LinkPolicy(
                programs: link.definition.kind == .program ? program : [], directories: ["/"])
            policy.reachesEverything = true
            return policy
        } catch {
            throw ScopeError(.invalidParameterValue, error.message)
        }
    }

    package func read(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) -> LinkedSecret {
        try await scope(access).read(key, access)
    }

    package func list(through access: LinkAccess) async throws(ScopeError) -> [LinkedEntry] {
        try await scope(access).list(access)
    }

    /// All names, with how many of them are no keys.
    package func names(through access: LinkAccess) async throws(ScopeError) -> NameIndex {
        try await scope(access).names(access)
    }

    /// Why a key can be no name in the vault; `nil` when it can.
    package func problem(with key: SecretName, through access: LinkAccess) throws(ScopeError) -> String? {
        let naming = try scope(access).naming
        do throws(VaultFailure) {
            _ = try naming.name(of: key)
            return nil
        } catch {
            return error.detail ?? "its name is not accepted there"
        }
    }

    package func put(
        _ value: SecretBytes, as key: SecretName, through access: LinkAccess
    ) async throws(ScopeError) -> String? {
        try await scope(access).put(value, as: key, access)
    }

    package func delete(_ key: SecretName, through access: LinkAccess) async throws(ScopeError) {
        try await scope(access).delete(key, access)
    }

    package func check(through access: LinkAccess) async -> [LinkCheckStep] {
        do {
            // What was kept may hide what is wrong.
            forget(access.scope)
            return await LinkCheck(scope: try scope(access), access: access).steps()
        } catch {
            return [LinkCheckStep(name: "address and options", detail: error.message, succeeded: false)]
        }
    }

    package func forget(_ scope: ScopeID) {
        guard let old = scopes.withLock({ $0.removeValue(forKey: scope) }) else { return }
        Task { await old.close() }
    }

    package var figures: VaultFigures { counts.figures }

    /// The vault that a scope is linked to, with what is kept of it in memory.
    private func scope(_ access: LinkAccess) throws(ScopeError) -> LinkedScope {
        if let known = scopes.withLock({ $0[access.scope] }), known.revision == access.revision { return known }
        let made: LinkedScope
        do {
            let reader = LinkReader(policy: context.policy)
            let link = try reader.read(
                address: access.link.address, options: access.link.options,
                credential: access.link.credential?.description)
            // Settings may have changed since the scope was linked.
            try reader.checkPolicy(link.shape)
            made = LinkedScope(
                revision: access.revision,
                configuration: link.configuration,
                vault: try link.definition.vault(link.configuration, context),
                prefix: link.shape.prefix + (link.configuration.text("prefix") ?? ""),
                field: try Self.field(of: link.configuration),
                context: context,
                counts: counts
            )
        } catch {
            throw ScopeError(
                .permissionDenied, "The link of scope \(access.scopeName) cannot be used here: \(error.message)")
        }
        let old = scopes.withLock { scopes in
            let old = scopes[access.scope]
            if old?.revision != access.revision { scopes[access.scope] = made }
            return old
        }
        guard let old else { return made }
        if old.revision == access.revision { return old }
        Task { await old.close() }
        return made
    }

    private static func field(of link: LinkConfiguration) throws(LinkProblem) -> ValueField? {
        guard let text = link.text("field") else { return nil }
        guard let field = ValueField(text) else {
            throw LinkProblem("The option field must be a JSON pointer such as #/password.")
        }
        guard !link.isWritable else {
            throw LinkProblem(
                "A link that reads a field cannot be writable: the other fields would be lost. Leave out one.")
        }
        return field
    }
}
