import ScopeManifests
import SecretCrypto
import SecretMemory
import SecretScopes
import Testing
import WorkspaceFixtures

/// Values that are made, and values that are copied from other secrets.
@Suite struct SecretSourceTests {
    /// Counts up, so that what is made of it is known.
    private struct CountingSource: RandomSource {
        func fill(_ target: UnsafeMutableRawBufferPointer) {
            for index in target.indices { target[index] = UInt8(truncatingIfNeeded: 250 + index) }
        }
    }

    private static func plan(
        _ text: String, in workspace: TemporaryWorkspace, random: any RandomSource = SystemRandomSource()
    ) async throws -> ManifestPlan {
        let reader = ValueReader(pool: workspace.pool, random: random) { name in
            name == "KEY" ? workspace.secret("tok_live_5f2a") : nil
        }
        return try await ManifestPlan(
            for: Manifest.parse(text, file: "m.yaml"), in: workspace.services(), values: reader,
            canonicalAddress: { $0.address.value })
    }

    @discardableResult
    private static func apply(
        _ text: String, to workspace: TemporaryWorkspace, random: any RandomSource = SystemRandomSource()
    ) async throws -> [String] {
        let plan = try await plan(text, in: workspace, random: random)
        try await plan.apply(to: workspace.services(), pool: workspace.pool) { _ in }
        return plan.changes.map(\.description)
    }

    private static func problems(_ text: String, in workspace: TemporaryWorkspace) async throws -> [String] {
        let error = await #expect(throws: ManifestError.self) { try await plan(text, in: workspace) }
        return try #require(error).problems.map(\.description)
    }

    private static func value(_ key: String, in workspace: TemporaryWorkspace) async throws -> String {
        try await workspace.services().getSecret(scope: "a", key: key).value.text
    }

    @Test func generatedValueIsMadeOnceAndKept() async throws {
        let workspace = try await TemporaryWorkspace()
        let text = """
            scopes:
              a:
                secrets:
                  usual: generate
                  long: generate:64
                  pin: {generate: {length: 12, alphabet: digits}}
                  number: {generate: 16}
                  hex: {generate: {alphabet: hexadecimal}}
            """
        #expect(
            try await Self.apply(text, to: workspace) == [
                "+ scope a", "+ secret a/usual from generate:32", "+ secret a/long from generate:64",
                "+ secret a/pin from generate:12 (digits)", "+ secret a/number from generate:16",
                "+ secret a/hex from generate:32 (hexadecimal)",
            ])
        let first = try await Self.value("usual", in: workspace)
        #expect(first.wholeMatch(of: /[A-Za-z0-9]{32}/) != nil)
        #expect(try await Self.value("long", in: workspace).wholeMatch(of: /[A-Za-z0-9]{64}/) != nil)
        #expect(try await Self.value("pin", in: workspace).wholeMatch(of: /[0-9]{12}/) != nil)
        #expect(try await Self.value("number", in: workspace).wholeMatch(of: /[A-Za-z0-9]{16}/) != nil)
        #expect(try await Self.value("hex", in: workspace).wholeMatch(of: /[0-9a-f]{32}/) != nil)
        let reads = try await workspace.events(.getSecret).count
        #expect(try await Self.apply(text.replacing("generate:64", with: "generate:128"), to: workspace) == [])
        #expect(try await Self.value("usual", in: workspace) == first)
        // Planning it again read no value; the one read is this test's own.
        #expect(try await workspace.events(.getSecret).count == reads + 1)
    }

    /// The bytes from 250 on would make `0` to `5` likelier than the other digits, and are drawn again.
    @Test func everyCharacterIsAsLikelyAsTheOthers() async throws {
        let workspace = try await TemporaryWorkspace()
        try await Self.apply(
            "scopes: {a: {secrets: {k: {generate: {length: 10, alphabet: digits}}}}}", to: workspace,
            random: CountingSource())
        #expect(try await Self.value("k", in: workspace) == "0123012301")
    }

    @Test(arguments: GeneratedValue.Alphabet.allCases)
    func everyCharacterOfAnAlphabetComesUp(alphabet: GeneratedValue.Alphabet) async throws {
        let workspace = try await TemporaryWorkspace()
        try await Self.apply(
            "scopes: {a: {secrets: {k: {generate: {length: 4096, alphabet: \(alphabet.rawValue)}}}}}", to: workspace)
        let counts: [GeneratedValue.Alphabet: Int] = [
            .alphanumeric: 62, .digits: 10, .hexadecimal: 16, .urlSafe: 64, .printable: 89,
        ]
        #expect(try await Set(Self.value("k", in: workspace)).count == counts[alphabet])
    }

    @Test func copyFollowsItsOriginal() async throws {
        let workspace = try await TemporaryWorkspace()
        try await workspace.makeScope("legacy", holding: ["api/key": "tok_old_1111"])
        let text = """
            scopes:
              a:
                secrets:
                  copy: scope:A/original
                  copy-of-copy: scope:a/copy
                  original: env:KEY
                  made: generate
                  made-copy: scope:a/made
                  old: scope:Legacy/API/key
            """
        #expect(try await Self.apply(text, to: workspace).count == 7)
        for key in ["copy", "copy-of-copy", "original"] {
            #expect(try await Self.value(key, in: workspace) == "tok_live_5f2a")
        }
        #expect(try await Self.value("made", in: workspace) == Self.value("made-copy", in: workspace))
        #expect(try await Self.value("old", in: workspace) == "tok_old_1111")
        #expect(try await Self.apply(text, to: workspace) == [])
        try await workspace.put("tok_old_2222", scope: "legacy", key: "api/key")
        #expect(try await Self.apply(text, to: workspace) == ["~ secret a/old from scope:Legacy/API/key"])
    }

    @Test func whatCannotBeCopiedIsNamedWithItsPlace() async throws {
        let workspace = try await TemporaryWorkspace()
        try await workspace.makeScope("legacy")
        #expect(
            try await Self.problems("scopes: {a: {secrets: {k: scope:legacy/none, l: scope:nowhere/k}}}", in: workspace)
                == [
                    "m.yaml:1:27: scope:legacy/none: Secret does not exist with scope: legacy and key: none",
                    "m.yaml:1:49: scope:nowhere/k: Secret does not exist with scope: nowhere and key: k",
                ])
        #expect(
            try await Self.problems("scopes: {a: {secrets: {k: scope:a/l, l: scope:a/K}}}", in: workspace) == [
                "m.yaml:1:27: scope:a/l: the secret would be a copy of itself.",
                "m.yaml:1:41: scope:a/K: the secret would be a copy of itself.",
            ])
        #expect(
            try await Self.problems("scopes: {a: {secrets: {k: scope:a/l, l: env:MISSING}}}", in: workspace)
                == ["m.yaml:1:41: env:MISSING: the variable is not set. Set MISSING."])
    }

    @Test(arguments: [
        ("generate:7", "1:27: the source of \"k\" must be env:NAME"),
        ("generate:4097", "1:27: the source of \"k\" must be env:NAME"),
        ("{generate: 7}", "1:38: the length in the source of \"k\" must be a number from 8 to 4096."),
        ("{generate: {length: -9}}", "1:47: the length in the source of \"k\" must be a number from 8 to 4096."),
        (
            "{generate: {alphabet: digit}}",
            """
            1:49: the alphabet in the source of "k" must be one of alphanumeric, digits, hexadecimal, url-safe, \
            printable. Did you mean "digits"?
            """
        ),
        ("{generate: {size: 9}}", "1:39: \"generate\" has no field \"size\". Known are alphabet, length."),
        ("{generated: 32}", "1:28: the source of \"k\" has no field \"generated\". Did you mean \"generate\"?"),
        ("scope:a", "1:27: the source of \"k\" must be env:NAME"),
        ("scope:/k", "1:27: the source of \"k\" must be env:NAME"),
    ])
    func wrongSourceIsNamedWithItsPlace(source: String, problem: String) throws {
        let error = #expect(throws: ManifestError.self) {
            try Manifest.parse("scopes: {a: {secrets: {k: \(source)}}}", file: "m.yaml")
        }
        let problems = try #require(error).problems.map(\.description)
        #expect(problems.count == 1 && problems[0].hasPrefix("m.yaml:\(problem)"), "\(problems)")
    }

    @Test func misspeltKindIsSuggestedWithoutTheText() throws {
        let error = #expect(throws: ManifestError.self) {
            try Manifest.parse("scopes: {a: {secrets: {k: evn:hunter2}}}", file: "m.yaml")
        }
        let text = try #require(error).description
        #expect(text.hasSuffix("Did you mean \"env\"?") && !text.contains("hunter2"))
    }
}
