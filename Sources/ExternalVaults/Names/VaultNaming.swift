internal import SecretCrypto
package import SecretScopes

/// How a link writes keys as names in its vault, and reads names back as keys: no two keys have one name.
package struct VaultNaming: Sendable, Hashable {
    /// The two ways.
    package enum Mode: Sendable, Hashable {
        /// The name is the prefix and the key, for vaults that others fill.
        case identity
        /// The name is the prefix and the key in lower case, with what the vault does not accept escaped.
        case escaped
    }

    private let rules: NameRules
    private let prefix: String
    private let mode: Mode
    private let kind: VaultKind

    package init(rules: NameRules, prefix: String, mode: Mode, kind: VaultKind) {
        self.rules = rules
        self.prefix = prefix
        self.mode = mode
        self.kind = kind
    }

    /// What the names of this link begin with.
    package var listPrefix: String { prefix }

    /// Whether names of one key may differ in case.
    package var isAmbiguousInCase: Bool { mode == .identity && rules.isCaseSensitive }

    /// The name of a key.
    ///
    /// - Throws: ``VaultFailure`` with `unacceptable` when the vault cannot have such a name.
    package func name(of key: SecretName) throws(VaultFailure) -> String {
        switch mode {
        case .identity:
            try check(key.rawValue)
            return prefix + key.rawValue
        case .escaped:
            let name = escaped(key.folded)
            guard prefix.utf8.count + name.utf8.count <= rules.longest else {
                throw VaultFailure(.unacceptable, detail: "the link's prefix leaves no room for names")
            }
            return prefix + name
        }
    }

    /// The key that a name of the vault stands for; `nil` when it is none of this link.
    package func key(of name: String) -> String? {
        guard name.hasPrefix(prefix) else { return nil }
        let rest = String(name.dropFirst(prefix.count))
        switch mode {
        case .identity:
            return SecretName(rawValue: rest)?.rawValue
        case .escaped:
            guard let key = unescaped(rest), SecretName(rawValue: key) != nil, escaped(key) == rest.foldedUnless(rules)
            else { return nil }
            return key
        }
    }

    private func check(_ key: String) throws(VaultFailure) {
        func refuse(_ reason: String) -> VaultFailure {
            VaultFailure(
                .unacceptable,
                detail: "\(kind.title) \(reason). The option names=escaped is for other names")
        }
        let isAccepted = key.unicodeScalars.allSatisfy { accepts($0) }
        guard isAccepted else {
            let all =
                rules.punctuation.isEmpty ? "" : " and " + rules.punctuation.map(String.init).joined(separator: " ")
            throw refuse("accepts letters, digits\(all) in names")
        }
        guard prefix.utf8.count + key.utf8.count <= rules.longest else {
            throw refuse("accepts names of at most \(rules.longest) characters")
        }
        guard !(rules.refusesTrailingPeriod && key.hasSuffix(".")) else {
            throw refuse("refuses names that end in a period")
        }
        guard !isReserved(key) else {
            throw refuse("refuses names that begin with \(rules.reservedBeginnings.joined(separator: " or "))")
        }
    }

    private func accepts(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        default: rules.punctuation.unicodeScalars.contains(scalar)
        }
    }

    private func isReserved(_ key: String) -> Bool {
        prefix.isEmpty && rules.reservedBeginnings.contains { key.lowercased().hasPrefix($0) }
    }

    // MARK: Escapes

    /// What stands between the beginning of a name that is too long and its hash; no escape has these letters.
    private static let hashMark = "zz"

    private func escaped(_ key: String) -> String {
        let lead = rules.escapeLead
        var name = ""
        let last = key.utf8.count - 1
        for (index, byte) in key.lowercased().utf8.enumerated() {
            let scalar = Unicode.Scalar(byte)
            let mustEscape =
                !accepts(scalar) || Character(scalar) == lead
                || (index == last && rules.refusesTrailingPeriod && scalar == ".") || (index == 0 && isReserved(key))
            name += mustEscape ? "\(lead)\(Hexadecimal.encode([byte]))" : String(Character(scalar))
        }
        guard prefix.utf8.count + name.utf8.count > rules.longest else { return name }
        let digest = Hexadecimal.encode(SHA256.hash(Array(key.lowercased().utf8).span.bytes).bytes)
        return name.prefix(60) + "\(lead)\(Self.hashMark)\(digest.prefix(32))"
    }

    private func unescaped(_ name: String) -> String? {
        var key: [UInt8] = []
        var rest = Array(name.utf8)[...]
        let lead = rules.escapeLead.asciiValue
        while let byte = rest.popFirst() {
            guard byte == lead else {
                key.append(byte)
                continue
            }
            guard
                rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            key.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: key, as: UTF8.self)?.lowercased()
    }
}

extension String {
    /// In lower case where the vault does not tell cases apart.
    fileprivate func foldedUnless(_ rules: NameRules) -> String {
        rules.isCaseSensitive ? self : lowercased()
    }
}
