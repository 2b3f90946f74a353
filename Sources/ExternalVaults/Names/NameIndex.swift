package import SecretScopes

/// The names that a vault lists, by keys: which name a key has in a vault that tells cases apart.
package struct NameIndex: Sendable {
    private let names: [String: [String]]
    private let naming: VaultNaming
    /// The entries that are keys of this link, one for each key.
    package let entries: [LinkedEntry]
    /// How many names are left out because they are no keys.
    package let hidden: Int
    /// Keys that several names stand for.
    package let clashes: [String]

    init(_ listed: [VaultEntry], naming: VaultNaming) {
        var names: [String: [String]] = [:]
        var entries: [LinkedEntry] = []
        var hidden = 0
        for entry in listed {
            guard let key = naming.key(of: entry.name) else {
                hidden += 1
                continue
            }
            let folded = key.lowercased()
            if names[folded]?.contains(entry.name) ?? false { continue }
            if names[folded] == nil { entries.append(LinkedEntry(key: key, updated: entry.updated)) }
            names[folded, default: []].append(entry.name)
        }
        self.names = names
        self.naming = naming
        self.entries = entries.sorted { $0.key.lowercased() < $1.key.lowercased() }
        self.hidden = hidden
        self.clashes = names.filter { $0.value.count > 1 }.keys.sorted()
    }

    /// The name of a key: the only one there is, or else the one in the same case.
    ///
    /// - Returns: `nil` when there is none.
    /// - Throws: ``VaultFailure`` with `unacceptable` when there are several and none is in the same case.
    func name(of key: SecretName) throws(VaultFailure) -> String? {
        guard let candidates = names[key.folded] else { return nil }
        if candidates.count == 1 { return candidates[0] }
        if let exact = candidates.first(where: { naming.key(of: $0) == key.rawValue }) { return exact }
        let list = candidates.sorted().joined(separator: ", ")
        throw VaultFailure(
            .unacceptable,
            detail:
                "several of its names differ from the key \(key) in case only: \(list). Write the key as one of them")
    }
}
