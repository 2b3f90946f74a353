/// The names of secrets in AWS Secrets Manager.
enum SecretsManagerName {
    static let longest = 512

    /// All characters of keys are legal in them.
    static let rules = NameRules(punctuation: "/_+=.@-", longest: longest)

    static func accepts(_ byte: UInt8) -> Bool {
        (0x30...0x39) ~= byte || (0x41...0x5A) ~= byte || (0x61...0x7A) ~= byte || "/_+=.@-".utf8.contains(byte)
    }

    /// - Throws: ``VaultFailure`` with `unacceptable` for what cannot be the name of a new secret.
    static func check(_ name: String) throws(VaultFailure) {
        guard (1...longest).contains(name.utf8.count), name.utf8.allSatisfy(accepts) else {
            throw VaultFailure(
                .unacceptable,
                detail: "names in Secrets Manager are at most 512 letters, digits and characters of /_+=.@-")
        }
    }
}
