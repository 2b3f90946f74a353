import RepeatableRandomness
import SecretScopes
import Testing

@testable import ExternalVaults

/// Section 11: keys as names.
@Suite struct VaultNamingTests {
    private static let azure = NameRules(punctuation: "-", longest: 127, isCaseSensitive: false, escapeLead: "-")
    private static let gcp = NameRules(punctuation: "_-", longest: 255)
    private static let vault = NameRules(punctuation: "_-.@/", longest: 500, refusesTrailingPeriod: true)
    private static let ssm = NameRules(
        punctuation: "_.-/", longest: 1000, reservedBeginnings: ["aws", "ssm"])

    private func name(_ text: String) throws -> SecretName { try #require(SecretName(rawValue: text)) }

    private func escaping(_ rules: NameRules, prefix: String = "") -> VaultNaming {
        VaultNaming(rules: rules, prefix: prefix, mode: .escaped, kind: .azureKeyVault)
    }

    @Test func theEscapesOfTheSpecification() throws {
        #expect(try escaping(Self.azure).name(of: name("db_pass.v1")) == "db-5fpass-2ev1")
        #expect(try escaping(Self.gcp).name(of: name("a@b_c")) == "a_40b_5fc")
        #expect(try escaping(Self.vault).name(of: name("key.")) == "key_2e")
        #expect(try escaping(Self.ssm).name(of: name("aws-key")) == "_61ws-key")
        #expect(try escaping(Self.ssm, prefix: "/p/").name(of: name("aws-key")) == "/p/aws-key")
    }

    @Test func aNameThatIsTooLongIsCutAndHashed() throws {
        let key = try name(String(repeating: "a_", count: 64))
        let name = try escaping(Self.azure).name(of: key)
        #expect(name.count == 60 + 1 + 2 + 32)
        #expect(name.dropFirst(60).hasPrefix("-zz"))
    }

    @Test func whatAVaultCannotHaveIsRefusedInIdentity() throws {
        let naming = VaultNaming(rules: Self.azure, prefix: "", mode: .identity, kind: .azureKeyVault)
        for key in ["a.b", "a_b", "a@b", "a/b", String(repeating: "a", count: 128)] {
            #expect(throws: VaultFailure.self) { try naming.name(of: name(key)) }
        }
        #expect(try naming.name(of: name("Ab-9")) == "Ab-9")
    }

    /// No two keys have one name, every name is legal and comes back as its key.
    @Test func escapedNamesAreInjectiveLegalAndReversible() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let letters = Array("abcXYZ019-_.@/")
        for rules in [Self.azure, Self.gcp, Self.vault, Self.ssm] {
            let naming = escaping(rules)
            var seen: [String: String] = [:]
            for _ in 0..<2000 {
                let key = try name(
                    String(
                        (0..<Int.random(in: 1...12, using: &random)).map { _ in letters.randomElement(using: &random)! }
                    ))
                let written = try naming.name(of: key)
                let folded = rules.isCaseSensitive ? written : written.lowercased()
                #expect(seen[folded] == nil || seen[folded] == key.folded)
                seen[folded] = key.folded
                #expect(naming.key(of: written) == key.folded)
                #expect(
                    written.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || rules.punctuation.contains($0)) },
                    "\(key) is \(written)")
                #expect(written.utf8.count <= rules.longest)
            }
        }
    }
}
