internal import SecretCrypto
internal import SecretMemory
internal import SecretScopes

/// The place of a secret.
struct SecretPlace: Hashable {
    let scope: ScopeName
    let key: SecretName
}

/// A value that a secret is to have.
enum WantedValue {
    /// It is there.
    case known(SecretBytes)
    /// Somebody has to type it: that of the secret at this place.
    case asked(SecretPlace)
}

/// Finds the values that manifests ask for, and tells whether others are there.
struct SecretComparison {
    private let services: any ManifestServices
    private let reader: ValueReader
    private let sources: [SecretPlace: Located<ValueSource>]
    private let scopes: Set<ScopeName>
    private var keys: [ScopeName: Set<String>] = [:]
    private var generated: [SecretPlace: SecretBytes] = [:]

    /// - Parameter scopes: The scopes that exist.
    init(of manifest: Manifest, scopes: [SecretScope], services: any ManifestServices, reader: ValueReader) {
        var sources: [SecretPlace: Located<ValueSource>] = [:]
        for scope in manifest.scopes {
            for secret in scope.secrets {
                sources[SecretPlace(scope: scope.name.value, key: secret.name.value)] = secret.source
            }
        }
        self.sources = sources
        self.scopes = Set(scopes.compactMap { ScopeName(rawValue: $0.name) })
        self.services = services
        self.reader = reader
    }

    /// The value that must be put, and whether it replaces another one; `nil` when what is there can stay.
    ///
    /// - Throws: ``ManifestProblem`` when the value cannot be had, ``SecretScopes/ScopeError`` when the workspace
    ///   fails to tell what is there.
    mutating func change(of place: SecretPlace) async throws -> (value: WantedValue, replaces: Bool)? {
        guard let source = sources[place] else { return nil }
        let isPresent = try await isPresent(place)
        // It was made once, and only those who use it need to know it.
        if isPresent, case .generated = source.value { return nil }
        if isPresent, case .prompted = source.value, !reader.asksAgain { return nil }
        let value = try await value(of: place, from: source, askedBy: [])
        if isPresent, case .known(let bytes) = value, try await holds(bytes, place) { return nil }
        return (value, isPresent)
    }

    private mutating func value(
        of place: SecretPlace, from source: Located<ValueSource>, askedBy path: Set<SecretPlace>
    ) async throws -> WantedValue {
        switch source.value {
        case .environment, .file:
            return .known(try reader.value(from: source))
        case .generated(let wanted):
            if try await isPresent(place) { return .known(try await stored(place, for: source)) }
            if let made = generated[place] { return .known(made) }
            let made = reader.make(wanted)
            generated[place] = made
            return .known(made)
        case .prompted:
            if !reader.asksAgain, try await isPresent(place) { return .known(try await stored(place, for: source)) }
            return .asked(place)
        case .secret(let scope, let key):
            let other = SecretPlace(scope: scope, key: key)
            let path = path.union([place])
            guard !path.contains(other) else {
                throw ManifestProblem("\(source.value): the secret would be a copy of itself.", at: source.position)
            }
            guard let further = sources[other] else { return .known(try await stored(other, for: source)) }
            return try await value(of: other, from: further, askedBy: path)
        }
    }

    private mutating func isPresent(_ place: SecretPlace) async throws -> Bool {
        guard scopes.contains(place.scope) else { return false }
        if let known = keys[place.scope] { return known.contains(place.key.folded) }
        let listed = try await services.listSecrets(scope: place.scope.rawValue)
        let found = Set(listed.map { $0.key.lowercased() })
        keys[place.scope] = found
        return found.contains(place.key.folded)
    }

    /// The value in the workspace that `source` refers to.
    private func stored(_ place: SecretPlace, for source: Located<ValueSource>) async throws -> SecretBytes {
        do {
            return try await services.getSecret(scope: place.scope.rawValue, key: place.key.rawValue).value
        } catch let error as ScopeError where [.resourceDoesNotExist, .permissionDenied].contains(error.code) {
            throw ManifestProblem("\(source.value): \(error.message)", at: source.position)
        }
    }

    private func holds(_ value: SecretBytes, _ place: SecretPlace) async throws -> Bool {
        let present = try await services.getSecret(scope: place.scope.rawValue, key: place.key.rawValue).value
        return value.withBytes { wanted in
            present.withBytes { constantTimeEquals($0, wanted) }
        }
    }
}
