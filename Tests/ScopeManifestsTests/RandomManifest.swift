import RepeatableRandomness
import SecretScopes

@testable import ExternalVaults

/// Manifests with fields at random, most of which are accepted.
enum RandomManifest {
    static func text(with random: inout SeededGenerator) -> String {
        var parts: [String] = []
        if chance(2, &random) { parts.append("users: \(list(of: principal, &random))") }
        if chance(3, &random) { parts.append("service_principals: \(list(of: principal, &random))") }
        if chance(2, &random) {
            let members = chance(3, &random) ? "" : "members: \(list(of: principal, &random))"
            parts.append("groups:\n  \(principal(&random)): " + (chance(4, &random) ? "" : "{\(members)}"))
        }
        var scopes = "scopes:"
        for number in 0..<Int.random(in: 0...3, using: &random) {
            scopes += "\n  s\(number)\(name(&random)):"
            if chance(4, &random) { continue }
            scopes += scope(&random)
        }
        return (parts + [scopes]).joined(separator: chance(3, &random) ? "\n---\n" : "\n") + "\n"
    }

    private static func scope(_ random: inout SeededGenerator) -> String {
        var text = ""
        if chance(2, &random) {
            text += "\n    redaction: " + (MinimumRedaction.allCases.randomElement(using: &random)?.description ?? "")
        }
        if chance(2, &random) {
            text += "\n    acl:"
            if !chance(4, &random) {
                let word = ["READ", "WRITE", "MANAGE", "read", "Manage"].randomElement(using: &random) ?? ""
                text += "\n      \(principal(&random)): \(word)"
            }
        }
        if chance(2, &random) {
            text += "\n    secrets:"
            for number in 0..<Int.random(in: 0...3, using: &random) {
                text += "\n      k\(number)\(name(&random)): \(source(&random))"
            }
        }
        if chance(2, &random) { text += link(&random) }
        return text.isEmpty ? " {}" : text
    }

    private static func source(_ random: inout SeededGenerator) -> String {
        let length = [8, 32, 64, 999, 1000, 4096].randomElement(using: &random) ?? 8
        let words = ["alphanumeric", "digits", "hexadecimal", "url-safe", "printable"]
        let alphabet = words.randomElement(using: &random) ?? ""
        return [
            "env:A_\(length)", "file:certificates/a b.pem", "\"file:/x/ü\"", "prompt", "generate", "generate:\(length)",
            "generate:00\(length)", "{generate: \(length)}", "{generate: {length: \(length)}}", "{generate: {}}",
            "{generate: {alphabet: \(alphabet)}}", "{generate: {length: '\(length)', alphabet: \(alphabet)}}",
            "scope:other/\(name(&random))",
        ].randomElement(using: &random) ?? ""
    }

    private static func link(_ random: inout SeededGenerator) -> String {
        let places: [(address: String, kind: VaultKind, options: [String])] = [
            ("azure-key-vault://kv1", .azureKeyVault, ["auth: managed-identity"]),
            ("https://kv1.vault.azure.net", .azureKeyVault, ["auth: managed-identity"]),
            ("aws-secrets-manager://eu-west-1/app/", .awsSecretsManager, []),
            ("aws-parameter-store://eu-west-1/app/", .awsParameterStore, []),
            ("gcp-secret-manager://my-project", .gcpSecretManager, ["auth: metadata"]),
            ("vault://vault.example.com:8200/secret/app", .vault, []),
            ("databricks://workspace.example.com/payments", .databricks, []),
            ("file:///srv/secrets", .directory, []), ("exec:///usr/bin/helper", .program, []),
        ]
        let place = places[Int.random(in: 0..<places.count, using: &random)]
        var text = "\n    link:\n      address: \(place.address)"
        if [.vault, .databricks].contains(place.kind) {
            let references = ["\"{{secrets/a/b}}\"", "env:TOKEN", "file:/run/token"]
            text += "\n      credential: " + (references.randomElement(using: &random) ?? "")
        }
        let known = LinkOption.common + (VaultCatalog.definition(of: place.kind)?.options ?? [])
        var options = place.options
        for option in known.shuffled(using: &random).prefix(Int.random(in: 0...2, using: &random))
        where option.name != "auth" {
            options.append("\(option.name): \(value(of: option, &random))")
        }
        guard !options.isEmpty else { return text + (chance(2, &random) ? "" : "\n      options:") }
        return text + "\n      options:" + options.map { "\n        \($0)" }.joined()
    }

    private static func value(of option: LinkOption, _ random: inout SeededGenerator) -> String {
        switch option.kind {
        case .text: ["some-text", "7", "true", "'a b'", "1.5"].randomElement(using: &random) ?? ""
        case .truth: ["true", "false", "\"true\""].randomElement(using: &random) ?? ""
        case .number(let range): "\(Int.random(in: range, using: &random))"
        case .duration(let range):
            ["\(range.lowerBound)s", "\(range.upperBound)s", "\(range.lowerBound * 1000)ms", "0"]
                .randomElement(using: &random) ?? ""
        case .choice(let words): words.randomElement(using: &random) ?? ""
        case .path: "/etc/ssl/certs"
        case .address: ["https://host.example.com", "http://127.0.0.1:8200"].randomElement(using: &random) ?? ""
        }
    }

    private static func name(_ random: inout SeededGenerator) -> String {
        ["payments", "a.b", "x_y", "UPPER", "-dash", "at@home", "a/b"].randomElement(using: &random) ?? ""
    }

    private static func principal(_ random: inout SeededGenerator) -> String {
        let names = ["ana@example.com", "\"nightly report\"", "'#odd'", "o'hara", "\"123\"", "a.b+c", "'[x]'"]
        let name = names.randomElement(using: &random) ?? ""
        return name
    }

    private static func list(
        of element: (inout SeededGenerator) -> String, _ random: inout SeededGenerator
    ) -> String {
        if chance(5, &random) { return "" }
        var names: Set<String> = []
        for _ in 0..<Int.random(in: 0...2, using: &random) { names.insert(element(&random)) }
        return "[\(names.sorted().joined(separator: ", "))]"
    }

    /// One time in `count`.
    private static func chance(_ count: Int, _ random: inout SeededGenerator) -> Bool {
        Int.random(in: 0..<count, using: &random) == 0
    }
}
