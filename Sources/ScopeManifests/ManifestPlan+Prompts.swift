public import SecretMemory
internal import SecretScopes

extension ManifestPlan {
    /// Gets the values that come from `prompt`, each once, however many secrets are copies of it.
    ///
    /// - Parameter ask: Asks for the value of a secret, by the names of scope and key; `nil` when nobody can be asked.
    /// - Throws: ``ManifestError`` when nobody can be asked, or a value is empty or too large; what `ask` throws.
    public mutating func askForValues(_ ask: (_ scope: String, _ key: String) throws -> SecretBytes?) throws {
        var typed: [SecretPlace: SecretBytes] = [:]
        for index in changes.indices {
            guard let place = changes[index].asked else { continue }
            if typed[place] == nil {
                let position = changes.first { $0.puts(place) }?.position ?? changes[index].position
                typed[place] = try Self.checked(
                    ask(place.scope.rawValue, place.key.rawValue), of: place, at: position)
            }
            changes[index].value = typed[place]
        }
    }

    private static func checked(
        _ value: SecretBytes?, of place: SecretPlace, at position: SourcePosition
    ) throws(ManifestError) -> SecretBytes {
        let problem: String
        if let value {
            guard value.count > ValueReader.largestValue || value.count == 0 else { return value }
            problem =
                value.count == 0
                ? "the value is empty" : "the value is larger than \(ValueReader.largestValue) bytes"
        } else {
            problem = "there is no terminal to ask at. Run it on one, or take the value from env:NAME or file:PATH"
        }
        throw ManifestError([ManifestProblem("prompt: \(place.scope)/\(place.key): \(problem).", at: position)])
    }

    static func missing(_ change: Change) -> ManifestError {
        ManifestError([ManifestProblem("prompt: the value was not asked for.", at: change.position)])
    }
}

extension ManifestPlan.Change {
    /// Whether the value of the secret at `place` is put.
    fileprivate func puts(_ place: SecretPlace) -> Bool {
        guard case .putSecret(let scope, let key, .prompted, _) = action else { return false }
        return ScopeName(rawValue: scope) == place.scope && SecretName(rawValue: key) == place.key
    }
}
