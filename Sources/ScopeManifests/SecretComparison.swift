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

/// Finds the values that manifests ask for, and asks the workspace which of them are there: all native ones at once.
struct SecretComparison {
    /// A value that must be put.
    struct Difference {
        let value: WantedValue
        /// The version that it replaces, of a native secret.
        let previous: VersionID?
        /// Whether it replaces another one.
        let replaces: Bool
    }

    private let services: any ManifestServices
    private let reader: ValueReader
    private let state: WorkspaceState
    private let sources: [SecretPlace: Located<ValueSource>]
    private let places: [SecretPlace]
    private var generated: [SecretPlace: SecretBytes] = [:]
    private var linkedKeys: [ScopeName: Set<String>] = [:]

    init(of scopes: [ScopeManifest], state: WorkspaceState, services: any ManifestServices, reader: ValueReader) {
        var sources: [SecretPlace: Located<ValueSource>] = [:]
        var places: [SecretPlace] = []
        for scope in scopes {
            for secret in scope.secrets {
                let place = SecretPlace(scope: scope.name.value, key: secret.name.value)
                sources[place] = secret.source
                places.append(place)
            }
        }
        self.sources = sources
        self.places = places
        self.state = state
        self.services = services
        self.reader = reader
    }

    /// The values that must be put. What is wrong with sources is added to `problems`.
    ///
    /// - Throws: ``SecretScopes/ScopeError`` when the workspace refuses or fails to tell what is there.
    mutating func differences(
        _ problems: inout [ManifestProblem]
    ) async throws -> [SecretPlace: Difference] {
        var differences: [SecretPlace: Difference] = [:]
        var candidates: [(place: SecretPlace, value: SecretBytes)] = []
        for place in places {
            do {
                guard let source = sources[place] else { continue }
                // It was made once, and only those who use it need to know it.
                if case .generated = source.value, try await isPresent(place) { continue }
                if case .prompted = source.value, !reader.asksAgain, try await isPresent(place) { continue }
                switch try await value(of: place, from: source, askedBy: []) {
                case .known(let value) where state.isNative(place.scope):
                    candidates.append((place, value))
                case let value:
                    let isPresent = try await isPresent(place)
                    if isPresent, case .known(let bytes) = value, try await holds(bytes, place) { continue }
                    differences[place] = Difference(
                        value: value, previous: state.version(of: place), replaces: isPresent)
                }
            } catch let problem as ManifestProblem {
                // A copy has the problem of what it is a copy of.
                if !problems.contains(problem) { problems.append(problem) }
            }
        }
        guard problems.isEmpty else { return differences }
        try await compare(candidates, adding: &differences)
        return differences
    }

    private func compare(
        _ candidates: [(place: SecretPlace, value: SecretBytes)],
        adding differences: inout [SecretPlace: Difference]
    ) async throws {
        var requests: [ScopeComparisonRequest] = []
        // What belongs to one scope stands together.
        for (place, value) in candidates {
            let name = state.name(of: place.scope)
            if requests.last?.scope != name { requests.append(ScopeComparisonRequest(scope: name, values: [])) }
            requests[requests.count - 1].values.append((place.key.rawValue, value))
        }
        guard !requests.isEmpty else { return }
        let matches = try await services.compare(requests).joined()
        for (candidate, match) in zip(candidates, matches) {
            switch match {
            case .same: continue
            case .absent:
                differences[candidate.place] = Difference(
                    value: .known(candidate.value), previous: nil, replaces: false)
            case .different(let version):
                differences[candidate.place] = Difference(
                    value: .known(candidate.value), previous: version, replaces: true)
            }
        }
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
        guard let scope = state.scopes[place.scope] else { return false }
        if let secrets = scope.secrets { return secrets[place.key.folded] != nil }
        if let known = linkedKeys[place.scope] { return known.contains(place.key.folded) }
        let listed = try await services.listSecrets(scope: scope.settings.name)
        let found = Set(listed.map { $0.key.lowercased() })
        linkedKeys[place.scope] = found
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
