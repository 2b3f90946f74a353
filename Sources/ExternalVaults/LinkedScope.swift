internal import SecretMemory
internal import SecretScopes
internal import Synchronization

/// One linked scope: its vault, its names, what is kept of its values, and calls that are on their way.
final class LinkedScope: Sendable {
    /// Which link it is.
    let revision: [UInt8]
    let configuration: LinkConfiguration
    let vault: any Vault
    let naming: VaultNaming
    private let field: ValueField?
    private let context: VaultContext
    private let counts: VaultCounts
    private let values: KeptValues
    private let names = Mutex<(index: NameIndex, end: ContinuousClock.Instant)?>(nil)
    private let calls = SharedCalls<LinkedSecret>()

    /// How long a list of names counts when a key is looked for in it.
    private static let namesLifetime = Duration.seconds(10)

    init(
        revision: [UInt8], configuration: LinkConfiguration, vault: any Vault, prefix: String, field: ValueField?,
        context: VaultContext, counts: VaultCounts
    ) {
        self.revision = revision
        self.configuration = configuration
        self.vault = vault
        self.naming = VaultNaming(
            rules: vault.nameRules, prefix: prefix,
            mode: configuration.text("names") == "escaped" ? .escaped : .identity, kind: configuration.kind)
        self.field = field
        self.context = context
        self.counts = counts
        self.values = KeptValues(
            lifetime: configuration.duration("cache") ?? .zero,
            staleFor: configuration.duration("stale-if-unreachable") ?? .zero, clock: context.steadyClock)
    }

    /// Gives the vault's sessions back.
    func close() async {
        await vault.close()
    }

    // MARK: Reading

    func read(_ key: SecretName, _ access: LinkAccess) async throws(ScopeError) -> LinkedSecret {
        let place = KeptValues.Place(key: key.rawValue, credential: access.credentialRevision)
        do throws(VaultFailure) {
            if let known = try values.fresh(place) {
                counts.countKeptValue(of: configuration.kind, isStale: false)
                return known
            }
            // A request that came through a link may be of somebody who waits for this very call, in a circle.
            guard access.depth == 0 else {
                return try await fetch(key, call(access, configuration.readTimeout * 2))
            }
            let call = call(access, configuration.readTimeout * 2)
            return try await calls.call(place, until: call.deadline) { () async throws(VaultFailure) -> LinkedSecret in
                do throws(VaultFailure) {
                    let secret = try await fetch(key, call)
                    values.keep(secret, at: place)
                    return secret
                } catch {
                    if error.reason == .notFound { values.keepAbsence(at: place) }
                    throw error
                }
            }
        } catch {
            if error.dropsCachedValue, error.reason != .notFound { values.drop(place) }
            if error.allowsStaleValue, var known = values.stale(place) {
                known.isStale = true
                counts.countKeptValue(of: configuration.kind, isStale: true)
                return known
            }
            throw failure(access, key).error(error, during: .read)
        }
    }

    private func fetch(_ key: SecretName, _ call: VaultCall) async throws(VaultFailure) -> LinkedSecret {
        let (name, secret) = try await find(key, call)
        var value = secret.value
        if let field { value = try field.value(in: value, pool: context.pool) }
        guard value.count <= ScopeEngine.Limits.valueBytes else {
            throw VaultFailure(
                .unacceptable,
                detail: "the value has \(value.count) bytes; the most is \(ScopeEngine.Limits.valueBytes)")
        }
        let now = context.clock.now()
        let isOver = secret.expires.map { $0 <= now } ?? false
        let isEarly = secret.notBefore.map { $0 > now } ?? false
        if isOver || isEarly, configuration.text("expiry") == "deny" {
            throw VaultFailure(.expired, detail: isOver ? "it has expired" : "it is not valid yet")
        }
        return LinkedSecret(
            key: naming.key(of: name) ?? key.rawValue, value: value, version: secret.version,
            isExpired: isOver || isEarly, minimumRedaction: secret.minimumRedaction)
    }

    /// Reads the name of a key: as it is asked for, or in the spelling that the vault has.
    private func find(_ key: SecretName, _ call: VaultCall) async throws(VaultFailure) -> (String, VaultSecret) {
        let name = try naming.name(of: key)
        do {
            return (name, try await get(name, call))
        } catch  where error.reason == .notFound && naming.isAmbiguousInCase {
            guard let other = try await otherSpelling(of: key, than: name, call) else { throw error }
            return (other, try await get(other, call))
        }
    }

    private func get(_ name: String, _ call: VaultCall) async throws(VaultFailure) -> VaultSecret {
        try await counts.counting(.get, of: configuration.kind) { () async throws(VaultFailure) -> VaultSecret in
            try await vault.get(name, call)
        }
    }

    /// The name of a key in another case; `nil` when there is none.
    private func otherSpelling(
        of key: SecretName, than name: String, _ call: VaultCall
    ) async throws(VaultFailure) -> String? {
        let index: NameIndex
        do {
            index = try await self.index(call)
        } catch  where error.reason == .denied || error.reason == .notFound {
            // Without the right to list, the usual spelling is worth a try.
            let lower = SecretName(rawValue: key.folded)
            let other = try lower.map { name throws(VaultFailure) in try naming.name(of: name) }
            return other == name ? nil : other
        }
        let other = try index.name(of: key)
        return other == name ? nil : other
    }

    private func index(_ call: VaultCall) async throws(VaultFailure) -> NameIndex {
        if let known = names.withLock({ $0 }), known.end > context.steadyClock.now() { return known.index }
        guard vault.capabilities.canList else { throw VaultFailure(.denied) }
        let entries = try await counts.counting(.list, of: configuration.kind) {
            () async throws(VaultFailure) -> [VaultEntry] in
            try await vault.list(prefix: naming.listPrefix, call)
        }
        let index = NameIndex(entries, naming: naming)
        names.withLock { $0 = (index, context.steadyClock.now() + Self.namesLifetime) }
        return index
    }

    /// Everything that the vault lists, asked anew.
    func names(_ call: VaultCall) async throws(VaultFailure) -> NameIndex {
        names.withLock { $0 = nil }
        return try await index(call)
    }

    func list(_ access: LinkAccess) async throws(ScopeError) -> [LinkedEntry] {
        try await names(access).entries
    }

    /// Everything that the vault lists, asked anew.
    func names(_ access: LinkAccess) async throws(ScopeError) -> NameIndex {
        do throws(VaultFailure) {
            guard vault.capabilities.canList else {
                throw VaultFailure(.refused, detail: "names cannot be listed by this link")
            }
            return try await names(call(access, configuration.readTimeout * 6))
        } catch {
            throw failure(access, nil).error(error, during: .list)
        }
    }

    // MARK: Writing

    func put(_ value: SecretBytes, as key: SecretName, _ access: LinkAccess) async throws(ScopeError) -> String? {
        let call = call(access, configuration.writeTimeout * 2)
        do throws(VaultFailure) {
            guard configuration.isWritable, vault.capabilities.canPut else { throw VaultFailure(.readOnly) }
            guard value.count <= vault.capabilities.largestValue else {
                throw VaultFailure(
                    .unacceptable,
                    detail: "the value has \(value.count) bytes; the most there is \(vault.capabilities.largestValue)")
            }
            guard value.count > 0 || vault.capabilities.acceptsEmptyValues else {
                throw VaultFailure(.unacceptable, detail: "an empty value cannot be stored there")
            }
            let name = try await writtenName(of: key, access, call)
            defer { forget(key, access) }
            return try await counts.counting(.put, of: configuration.kind) {
                () async throws(VaultFailure) -> String? in
                try await vault.put(value, as: name, call)
            }
        } catch {
            throw failure(access, key).error(error, during: .put)
        }
    }

    func delete(_ key: SecretName, _ access: LinkAccess) async throws(ScopeError) {
        let call = call(access, configuration.writeTimeout * 2)
        do throws(VaultFailure) {
            guard configuration.isWritable, vault.capabilities.canDelete else { throw VaultFailure(.readOnly) }
            let name = try await writtenName(of: key, access, call)
            defer { forget(key, access) }
            try await counts.counting(.delete, of: configuration.kind) { () async throws(VaultFailure) in
                try await vault.delete(name, call)
            }
        } catch {
            throw failure(access, key).error(error, during: .delete)
        }
    }

    /// The spelling that is there, or else the one in lower case.
    private func writtenName(
        of key: SecretName, _ access: LinkAccess, _ call: VaultCall
    ) async throws(VaultFailure) -> String {
        guard naming.isAmbiguousInCase else { return try naming.name(of: key) }
        do {
            // Many secrets are moved at a time, and a list for each would take longer than they do.
            let index = access.isLinked ? try await names(call) : try await index(call)
            if let known = try index.name(of: key) { return known }
        } catch  where error.reason == .denied || error.reason == .notFound {}
        guard let lower = SecretName(rawValue: key.folded) else { return try naming.name(of: key) }
        return try naming.name(of: lower)
    }

    private func forget(_ key: SecretName, _ access: LinkAccess) {
        values.drop(key.folded)
        guard access.isLinked else { return }
        names.withLock { $0 = nil }
    }

    // MARK: Calls

    func failure(_ access: LinkAccess, _ key: SecretName?) -> LinkFailure {
        LinkFailure(
            kind: configuration.kind, address: access.link.address, scope: access.isLinked ? access.scopeName : nil,
            key: key)
    }

    private func deadline(_ access: LinkAccess, _ patience: Duration) -> ContinuousClock.Instant {
        min(access.deadline, .now + patience)
    }

    /// A call with the link's credential that ends in time.
    func call(_ access: LinkAccess, _ patience: Duration) -> VaultCall {
        VaultCall(
            deadline: deadline(access, patience),
            credential: LinkCredentialReading(access, environment: context.environment, pool: context.pool).credential,
            scope: access.scopeName.rawValue,
            depth: access.depth)
    }
}
