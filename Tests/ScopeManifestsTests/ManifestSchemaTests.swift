import Foundation
import RepeatableRandomness
import ScopeManifests
import SecretScopes
import TestPrograms
import Testing

@testable import ExternalVaults

/// `scopes/manifest.schema.json`, which editors use, against the parser and the kinds of vaults.
@Suite struct ManifestSchemaTests {
    private static let scopes = PythonProgram.tests.deletingLastPathComponent().appendingPathComponent("scopes")
    private static let schema = scopes.appendingPathComponent("manifest.schema.json")

    /// What is wrong with each text for the schema; nothing at all for those that it lets pass.
    private static func problems(in texts: [String: String]) async throws -> [String: String] {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hush-schema-\(UInt64.random(in: 0...UInt64.max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in texts { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        let output = try await PythonProgram.run(
            "ScopeManifestsTests/validate_manifests.py", [schema.path, folder.path])
        let verdicts = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
        return try #require(verdicts).compactMapValues { $0 as? String }
    }

    /// What is wrong with a text for the parser, or with its links for the vaults that they name.
    private static func parserProblem(_ text: String) -> String? {
        do {
            for scope in try Manifest.parse(text, file: "m.yaml").scopes {
                guard let link = scope.link else { continue }
                _ = try ExternalVaults.storedAddress(
                    of: link.address.value, options: link.options, credential: link.credential)
            }
            return nil
        } catch {
            return "\(error)"
        }
    }

    // MARK: The fields

    private static func definitions() throws -> [String: Any] {
        let document = try JSONSerialization.jsonObject(with: Data(contentsOf: schema)) as? [String: Any]
        let root = try #require(document)
        var definitions = try #require(root["$defs"] as? [String: Any])
        definitions["manifest"] = root
        return definitions
    }

    /// Finds out what the parser knows by a field that it cannot know.
    @Test(arguments: [
        ("zzzzzzzzzzzz: 1", "manifest"), ("scopes: {a: {zzzzzzzzzzzz: 1}}", "scope"),
        ("groups: {a: {zzzzzzzzzzzz: 1}}", "group"), ("scopes: {a: {link: {zzzzzzzzzzzz: 1}}}", "link"),
    ])
    func fieldsAreThoseOfTheParser(text: String, definition: String) throws {
        let error = #expect(throws: ManifestError.self) { try Manifest.parse(text, file: "m.yaml") }
        let message = try #require(error?.problems.first { $0.message.contains("zzzzzzzzzzzz") }?.message)
        let list = try #require(message.components(separatedBy: " Known are ").last)
        let known = list.dropLast().components(separatedBy: ", ")
        let described = try #require(Self.definitions()[definition] as? [String: Any])
        let properties = try #require(described["properties"] as? [String: Any])
        #expect(properties.keys.sorted() == known.sorted())
        #expect(described["additionalProperties"] as? Bool == false)
    }

    /// The options of each kind of vault, with what they take and are for.
    @Test(arguments: VaultKind.allCases)
    func optionsAreThoseOfTheVaults(kind: VaultKind) throws {
        let definitions = try Self.definitions()
        let described = try #require(definitions["options-\(kind)"] as? [String: Any])
        let properties = try #require(described["properties"] as? [String: Any])
        #expect(described["additionalProperties"] as? Bool == false)
        let definition = try #require(VaultCatalog.definition(of: kind))
        let options = LinkOption.common + definition.options
        #expect(properties.keys.sorted() == options.map(\.name).sorted())
        for option in options {
            var given = try #require(properties[option.name] as? [String: Any], "\(option.name)")
            if let reference = given["$ref"] as? String {
                given = try #require(definitions[String(reference.dropFirst("#/$defs/".count))] as? [String: Any])
            }
            #expect(try Self.text(given) == Self.text(Self.description(of: option)), "\(kind) \(option.name)")
        }
        let link = try #require(definitions["link"] as? [String: Any])
        let cases = try #require(link["allOf"] as? [Any]).map { try Self.text($0) }
        let isChosen = cases.filter { $0.contains("\"#/$defs/options-\(kind)\"") && $0.contains("\(kind)") }
        #expect(isChosen.count == 1)
    }

    private static func description(of option: LinkOption) -> [String: Any] {
        let purpose = option.purpose.prefix(1).uppercased() + option.purpose.dropFirst()
        var described: [String: Any] = ["description": purpose + "."]
        switch option.kind {
        case .text:
            described["type"] = ["string", "number", "boolean"]
            described["minLength"] = 1
        case .truth:
            described["enum"] = [true, false, "true", "false"] as [Any]
        case .number(let range):
            described["type"] = ["integer", "string"]
            described["minimum"] = range.lowerBound
            described["maximum"] = range.upperBound
            described["pattern"] = "^[0-9]+$"
        case .duration(let range):
            described["description"] = "\(purpose), from \(range.lowerBound) to \(range.upperBound) seconds."
            described["type"] = ["integer", "string"]
            described["minimum"] = 0
            described["maximum"] = 0
            described["pattern"] = "^([0-9]{1,9}(ms|s|m|h)|0+)$"
        case .choice(let words):
            // Without quotes a number is one.
            described["enum"] = words.flatMap { word in Int(word).map { [word, $0] as [Any] } ?? [word] }
        case .path:
            described["type"] = "string"
            described["pattern"] = "^/."
        case .address:
            described["type"] = "string"
            described["pattern"] = "^https?://"
        }
        return described
    }

    private static func text(_ object: Any) throws -> String {
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try JSONSerialization.data(withJSONObject: object, options: options), as: UTF8.self)
    }

    // MARK: Manifests

    /// All of them, and each tells editors where the schema is.
    @Test func manifestsOfTheRepositoryValidate() async throws {
        var texts: [String: String] = [:]
        for folder in ["demo", "vaults"] {
            let names = try FileManager.default.contentsOfDirectory(
                atPath: Self.scopes.appendingPathComponent(folder).path)
            for name in names where name.hasSuffix(".yaml") {
                texts[name] = try String(
                    contentsOf: Self.scopes.appendingPathComponent("\(folder)/\(name)"), encoding: .utf8)
            }
        }
        #expect(texts.count >= 11)
        for (name, text) in texts {
            #expect(text.hasPrefix("# yaml-language-server: $schema=../manifest.schema.json\n"), "\(name)")
            #expect(Self.parserProblem(text) == nil, "\(name)")
        }
        #expect(try await Self.problems(in: texts) == [:])
    }

    /// The blocks of the pages that are manifests, and not other files of YAML.
    @Test func manifestsOfTheDocumentationValidate() async throws {
        var texts: [String: String] = [:]
        for page in ["README.md", "Documentation/Terraform.md"] {
            let path = Self.scopes.deletingLastPathComponent().appendingPathComponent(page)
            let blocks = try String(contentsOf: path, encoding: .utf8).components(separatedBy: "```yaml\n").dropFirst()
            for block in blocks {
                let text = block.components(separatedBy: "\n```")[0]
                guard ["groups:", "users:", "scopes:"].contains(where: text.hasPrefix) else { continue }
                texts["\(texts.count).yaml"] = text
                #expect(Self.parserProblem(text) == nil, "\(page): \(text)")
            }
        }
        #expect(texts.count >= 2)
        #expect(try await Self.problems(in: texts) == [:])
    }

    /// Whatever the parser and the vaults accept must not be marked in an editor.
    @Test func everyManifestThatIsAcceptedValidates() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        var texts: [String: String] = [:]
        for number in 0..<600 {
            let text = RandomManifest.text(with: &random)
            if Self.parserProblem(text) == nil { texts["\(number).yaml"] = text }
        }
        #expect(texts.count > 200, "seed \(seed): most of them are refused")
        let problems = try await Self.problems(in: texts)
        for (name, problem) in problems { Issue.record("seed \(seed): \(problem)\n\(texts[name] ?? "")") }
    }

    static let wrong = [
        "user: []", "users: ana@example.com", "users: [[ana]]", "users: [' ana']", "users:\n  -\n",
        "users: [\"a\\\\b\"]",
        "groups: [a]", "groups: {a: [b]}", "groups: {a: {member: []}}", "service_principals: {a: b}",
        "- users", "users", "scopes: {pay ments: {}}", "scopes: {a: b}", "scopes: {a: {acl: [READ]}}",
        "scopes: {a: {acl: {ana: RAED}}}", "scopes: {a: {acl: {ana: }}}", "scopes: {a: {redaction: stict}}",
        "scopes: {a: {redaction: }}", "scopes: {a: {secrets: {k k: env:A}}}", "scopes: {a: {secrets: {k: hunter2}}}",
        "scopes: {a: {secrets: {k: }}}", "scopes: {a: {secrets: {k: {}}}}", "scopes: {a: {secrets: {k: [env:A]}}}",
        "scopes: {a: {secrets: {k: env:2A}}}", "scopes: {a: {secrets: {k: 'env:'}}}",
        "scopes: {a: {secrets: {k: 'file:'}}}", "scopes: {a: {secrets: {k: 'prompt:x'}}}",
        "scopes: {a: {secrets: {k: scope:b}}}", "scopes: {a: {secrets: {k: scope:b/c d}}}",
        "scopes: {a: {secrets: {k: generate:7}}}", "scopes: {a: {secrets: {k: generate:4097}}}",
        "scopes: {a: {secrets: {k: {generate: 7}}}}", "scopes: {a: {secrets: {k: {generate: x}}}}",
        "scopes: {a: {secrets: {k: {generate: {length: 9999}}}}}",
        "scopes: {a: {secrets: {k: {generate: {alphabet: roman}}}}}",
        "scopes: {a: {secrets: {k: {generate: {size: 8}}}}}", "scopes: {a: {secrets: {k: {made: 8}}}}",
        "scopes: {a: {link: {}}}", "scopes: {a: {link: }}", "scopes: {a: {link: vault://v/s}}",
        "scopes: {a: {link: {address: 'nowhere://x/y'}}}", "scopes: {a: {link: {address: [x]}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: [x]}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: {cahce: 30s}}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: {cache: soon}}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: {cache: 30}}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: {writable: perhaps}}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: {rate-limit: 0}}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: {ca-file: certificates.pem}}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: {names: as-they-are}}}}",
        "scopes: {a: {link: {address: 'file:///srv', options: {auth: token}}}}",
        "scopes: {a: {link: {address: 'vault://v.example.com/s', credential: hunter2}}}",
        "scopes: {a: {link: {address: 'vault://v.example.com/s', credential: file:token}}}",
        "scopes: {a: {link: {address: 'vault://v.example.com/s', credential: env:T, options: {auth: magic}}}}",
    ]

    @Test func wrongManifestsAreRefusedByBoth() async throws {
        let texts = Dictionary(
            uniqueKeysWithValues: Self.wrong.enumerated().map { ("\($0.offset).yaml", $0.element) })
        let problems = try await Self.problems(in: texts)
        for (name, text) in texts {
            #expect(problems[name] != nil, "the schema lets pass: \(text)")
            #expect(Self.parserProblem(text) != nil, "the parser lets pass: \(text)")
        }
    }
}
