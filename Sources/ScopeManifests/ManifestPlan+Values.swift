internal import SecretMemory
internal import SecretScopes

extension ManifestPlan {
    /// The same plan with the values that it puts, read from their sources at this moment: of a plan that was saved. Those
    /// that must be typed are left to ``askForValues(_:)``.
    ///
    /// - Throws: ``ManifestError`` when a value cannot be had; ``SecretScopes/ScopeError`` when the workspace refuses to
    ///   tell one, or a link is no longer the one that was planned with.
    public func readingValues(
        by reader: ValueReader, from services: any ManifestServices
    ) async throws -> ManifestPlan {
        var places: [SecretPlace: Located<ValueSource>] = [:]
        for change in changes {
            guard let (place, source) = change.placeAndSource else { continue }
            places[place] = source
        }
        var values = PlannedValues(places: places, reader: reader, services: services)
        var problems: [ManifestProblem] = []
        var plan = self
        try await checkLinks(in: services)
        for (index, change) in changes.enumerated() {
            guard let (place, source) = change.placeAndSource else { continue }
            do {
                plan.changes[index].want(try await values.value(of: place, from: source, askedBy: []))
            } catch let problem as ManifestProblem {
                if !problems.contains(problem) { problems.append(problem) }
            }
        }
        guard problems.isEmpty else { throw ManifestError(problems) }
        return plan
    }

    /// Throws when one of the links is no longer the one that was planned with.
    private func checkLinks(in services: any ManifestServices) async throws {
        let links = changes.compactMap { change in
            if case .linkScope(let link, let previous) = change.action { (link, previous) } else { nil }
        }
        guard !links.isEmpty else { return }
        let names = Set(try await services.scopeSettings().map { $0.name.lowercased() })
        for (link, previous) in links {
            let exists = names.contains(link.scope.lowercased())
            let present = exists ? try await services.scopeLink(of: link.scope) : nil
            guard
                present?.address == previous?.address, present?.options == previous?.options,
                present?.credential == previous?.credential
            else {
                throw ScopeError(
                    .aborted, "The link of scope \(link.scope) was changed after the plan was made. Plan again.")
            }
        }
    }
}

extension ManifestPlan.Change {
    fileprivate var placeAndSource: (SecretPlace, Located<ValueSource>)? {
        guard
            case .putSecret(let scope, let key, let source, _) = action, let scope = ScopeName(rawValue: scope),
            let key = SecretName(rawValue: key)
        else { return nil }
        return (SecretPlace(scope: scope, key: key), Located(source, at: position))
    }
}

/// The values of one plan; what copies each other is one value.
private struct PlannedValues {
    let places: [SecretPlace: Located<ValueSource>]
    let reader: ValueReader
    let services: any ManifestServices
    private var known: [SecretPlace: WantedValue] = [:]

    init(places: [SecretPlace: Located<ValueSource>], reader: ValueReader, services: any ManifestServices) {
        self.places = places
        self.reader = reader
        self.services = services
    }

    mutating func value(
        of place: SecretPlace, from source: Located<ValueSource>, askedBy path: Set<SecretPlace>
    ) async throws -> WantedValue {
        if let value = known[place] { return value }
        let value: WantedValue
        switch source.value {
        case .generated(let wanted): value = .known(reader.make(wanted))
        case .prompted: value = .asked(place)
        case .secret(let scope, let key):
            let other = SecretPlace(scope: scope, key: key)
            let path = path.union([place])
            guard !path.contains(other) else {
                throw ManifestProblem("\(source.value): the secret would be a copy of itself.", at: source.position)
            }
            if let further = places[other] {
                value = try await self.value(of: other, from: further, askedBy: path)
            } else {
                value = .known(try await services.getSecret(scope: scope.rawValue, key: key.rawValue).value)
            }
        case .environment, .file: value = .known(try reader.value(from: source))
        }
        known[place] = value
        return value
    }
}
