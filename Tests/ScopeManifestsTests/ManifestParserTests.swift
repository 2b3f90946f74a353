import ScopeManifests
import SecretScopes
import Testing

@Suite struct ManifestParserTests {
    @Test func everyFieldIsRead() throws {
        let manifest = try Manifest.parse(
            """
            # Who works here.
            users: [ana@example.com, bob@example.com]
            service_principals:
              - nightly report
            groups:
              analysts:
                members:
                  - ana@example.com
                  - nightly report
              empty:
            ---
            ---
            scopes:
              payments:
                acl:
                  analysts: READ
                  bob@example.com: manage
                secrets:
                  api-key: env:PAYMENTS_API_KEY
                  certificate: "file:certificates/payments.pem"
              "no":
            """,
            file: "team/all.yaml"
        )
        #expect(manifest.users.map(\.value.rawValue) == ["ana@example.com", "bob@example.com"])
        #expect(manifest.servicePrincipals.map(\.value.rawValue) == ["nightly report"])
        #expect(manifest.groups.map(\.name.value.rawValue) == ["analysts", "empty"])
        #expect(manifest.groups[0].members.map(\.value.rawValue) == ["ana@example.com", "nightly report"])
        #expect(manifest.scopes.map(\.name.value.rawValue) == ["payments", "no"])
        let payments = manifest.scopes[0]
        #expect(payments.name.position == SourcePosition(file: "team/all.yaml", line: 14, column: 3))
        #expect(payments.acl.map(\.principal.value.rawValue) == ["analysts", "bob@example.com"])
        #expect(payments.acl.map(\.permission) == [.read, .manage])
        #expect(payments.secrets.map(\.name.value.rawValue) == ["api-key", "certificate"])
        #expect(
            payments.secrets.map(\.source.value)
                == [.environment("PAYMENTS_API_KEY"), .file("certificates/payments.pem")])
        #expect(payments.secrets[1].source.position.description == "team/all.yaml:20:20")
    }

    /// What YAML 1.1 would take for numbers, truth values and dates are names here.
    @Test func plainScalarsAreTexts() throws {
        let manifest = try Manifest.parse(
            "scopes: {no: {secrets: {1.0: env:A, 2024-01-01: env:B, 0x1F: env:C}}}", file: "m.yaml")
        #expect(manifest.scopes[0].name.value.rawValue == "no")
        #expect(manifest.scopes[0].secrets.map(\.name.value.rawValue) == ["1.0", "2024-01-01", "0x1F"])
    }

    @Test(arguments: ["", "# nothing\n", "---\n---\n", "users:\nscopes:\n", "\u{FEFF}users: []\n"])
    func emptyManifestAsksForNothing(text: String) throws {
        #expect(try Manifest.parse(text, file: "m.yaml").isEmpty)
    }

    struct Case: CustomTestStringConvertible {
        let text: String
        let problems: [String]
        var testDescription: String { problems.first ?? text }

        init(_ text: String, _ problems: String...) {
            self.text = text
            self.problems = problems
        }
    }

    static let cases = [
        // Unknown fields, with and without a near one.
        Case("user: [ana]", #"m.yaml:1:1: a manifest has no field "user". Did you mean "users"?"#),
        Case(
            "colours: red",
            #"m.yaml:1:1: a manifest has no field "colours". Known are groups, scopes, service_principals, users."#),
        Case(
            "scopes:\n  payments:\n    sercets: {}",
            #"m.yaml:3:5: the scope "payments" has no field "sercets". Did you mean "secrets"?"#),
        Case(
            "groups:\n  analysts:\n    member: [ana]",
            #"m.yaml:3:5: the group "analysts" has no field "member". Did you mean "members"?"#),
        Case(
            "scopes: {a: {<<: {acl: {}}}}",
            #"m.yaml:1:14: the scope "a" has no field "<<". Known are acl, link, redaction, secrets."#),
        // Wrong types.
        Case("- users", "m.yaml:1:1: a manifest must be a mapping, not a list."),
        Case("users", "m.yaml:1:1: a manifest must be a mapping, not a text."),
        Case("users: ana@example.com", #"m.yaml:1:8: "users" must be a list, not a text."#),
        Case("users: {ana: {}}", #"m.yaml:1:8: "users" must be a list, not a mapping."#),
        Case("users: [[ana]]", #"m.yaml:1:9: a name in "users" must be a text, not a list."#),
        Case("users:\n  -\n", #"m.yaml:2:4: a name in "users" must be a text, not nothing."#),
        Case("users: [!!int 1]", #"m.yaml:1:9: a name in "users" must be a text, not tagged tag:yaml.org,2002:int."#),
        Case("groups: [analysts]", #"m.yaml:1:9: "groups" must be a mapping, not a list."#),
        Case("groups: {analysts: [ana]}", #"m.yaml:1:20: the group "analysts" must be a mapping, not a list."#),
        Case("scopes: {a: {acl: [READ]}}", #"m.yaml:1:19: "acl" must be a mapping, not a list."#),
        Case("scopes: {a: {acl: {ana: [READ]}}}", #"m.yaml:1:25: the permission of "ana" must be a text, not a list."#),
        Case("scopes: {a: {secrets: {k: }}}", #"m.yaml:1:27: the source of "k" must be a text, not nothing."#),
        Case("scopes: {a: {secrets: {[k]: env:A}}}", #"m.yaml:1:24: a name in "secrets" must be a text, not a list."#),
        // Names and words that break their grammar.
        Case(
            "scopes: {pay ments: {}}",
            #"m.yaml:1:10: "pay ments" is not a scope's name: use 1 to 128 letters, digits and _ . @ / -."#),
        Case(
            "scopes: {a: {secrets: {schlüssel: env:A}}}",
            #"m.yaml:1:24: "schlüssel" is not a secret's name: use 1 to 128 letters, digits and _ . @ / -."#),
        Case(
            "users: [\"a\\tb\"]",
            """
            m.yaml:1:9: "a\tb" is not a principal's name: use 1 to 255 printable ASCII characters without quotes and \
            backslashes.
            """),
        Case(
            "scopes: {a: {acl: {ana: RAED}}}",
            #"m.yaml:1:25: "RAED" is not a permission: use READ, WRITE or MANAGE. Did you mean "READ"?"#),
        Case(
            "scopes: {a: {acl: {ana: CAN_DO}}}",
            #"m.yaml:1:25: "CAN_DO" is not a permission: use READ, WRITE or MANAGE."#),
        Case(
            "scopes: {a: {redaction: stict}}",
            """
            m.yaml:1:25: "stict" is not a level of redaction: use literal, encoded or strict. Did you mean "strict"?
            """),
        // Things that cannot be.
        Case("groups: {users: {members: [ana]}}", #"m.yaml:1:28: "users" holds everybody. Remove its members."#),
        Case("groups: {a: {members: [A]}}", #"m.yaml:1:24: the group "A" cannot hold itself."#),
        Case("users: [admins]", #"m.yaml:1:9: "admins" is the name of a group."#),
        // Twice, with names compared without case.
        Case(
            "users: [ana, bob, ANA]",
            #"m.yaml:1:19: the user "ANA" stands here again; it is already at m.yaml:1:9. Remove one."#),
        Case(
            "groups: {a: {}}\nusers: [A]",
            #"m.yaml:2:9: the user "A" stands here again; it is already at m.yaml:1:10. Remove one."#),
        Case(
            "scopes: {a: {}}\n---\nscopes: {A: {}}",
            #"m.yaml:3:10: the scope "A" stands here again; it is already at m.yaml:1:10. Remove one."#),
        Case(
            "scopes: {a: {acl: {ana: READ, Ana: WRITE}}}",
            #"m.yaml:1:31: "Ana" in the ACL of "a" stands here again; it is already at m.yaml:1:20. Remove one."#),
        Case(
            "scopes: {a: {secrets: {k: env:A, K: env:B}}}",
            #"m.yaml:1:34: the secret "K" of "a" stands here again; it is already at m.yaml:1:24. Remove one."#),
        Case(
            "groups: {a: {members: [ana, ana]}}",
            #"m.yaml:1:29: "ana" as a member of "a" stands here again; it is already at m.yaml:1:24. Remove one."#),
        Case("users: []\nusers: []", #"m.yaml:1:1: "users" stands more than once in the same mapping."#),
        // Not YAML.
        Case("scopes:\n\ta: {}", "m.yaml:2:1: a tab cannot indent a line. Use spaces."),
        Case(
            "scopes: {a: [",
            "m.yaml:2:1: while parsing a flow node: did not find expected node content."),
        Case("users: *missing", "m.yaml:1:8: found undefined alias."),
        Case("a: b: c", "m.yaml:1:5: mapping values are not allowed in this context."),
        // Anchors, even harmless ones.
        Case(
            "users: &all [ana]\n",
            "m.yaml:1:8: anchors and aliases are not used in manifests. Write the text out."),
        // All of them at once, in the order of the text.
        Case(
            "scopes: {a: {acl: {ana: RED}, keys: {}}}\nuser: []",
            #"m.yaml:1:25: "RED" is not a permission: use READ, WRITE or MANAGE. Did you mean "READ"?"#,
            #"m.yaml:1:31: the scope "a" has no field "keys". Known are acl, link, redaction, secrets."#,
            #"m.yaml:2:1: a manifest has no field "user". Did you mean "users"?"#),
    ]

    @Test(arguments: cases)
    func problemIsNamedWithItsPlace(_ row: Case) {
        let error = #expect(throws: ManifestError.self) { try Manifest.parse(row.text, file: "m.yaml") }
        #expect(error?.problems.map(\.description) == row.problems)
    }

    /// Whoever writes the value where its source belongs must not find it in a terminal or a build log.
    @Test(arguments: [
        "hunter2", "env:hunter2!", "'env:'", "env:2hunter", "'file:'", "vault:hunter2", "|\n        hunter2\n",
    ])
    func textInTheSourcesPlaceIsNotRepeated(source: String) throws {
        let error = #expect(throws: ManifestError.self) {
            try Manifest.parse("scopes:\n  a:\n    secrets:\n      k: \(source)", file: "m.yaml")
        }
        let message = try #require(error?.description)
        #expect(!message.contains("hunter2"))
        #expect(message.hasPrefix("m.yaml:4:10: the source of \"k\" must be env:NAME, file:PATH, scope:SCOPE/KEY"))
    }

    /// Nine levels of nine aliases would be 9^9 nodes.
    @Test(arguments: [false, true])
    func anchorBombIsRefusedAtOnce(isKey: Bool) {
        var text = "l0: &l0 [ana, ana, ana, ana, ana, ana, ana, ana, ana]\n"
        for level in 1...9 {
            let aliases = [String](repeating: "*l\(level - 1)", count: 9).joined(separator: ", ")
            text += "l\(level): &l\(level) [\(aliases)]\n"
        }
        text += isKey ? "? *l9\n: end\n" : "users: *l9\n"
        let error = #expect(throws: ManifestError.self) { try Manifest.parse(text, file: "m.yaml") }
        #expect(
            error?.description.hasSuffix("anchors and aliases are not used in manifests. Write the text out.") == true)
    }

    @Test func starsInTextsAndCommentsAreNoAliases() throws {
        let comment = String(repeating: "# *read* this\n", count: 100)
        let manifest = try Manifest.parse(comment + "service_principals: ['*report', \"*export\"]\n", file: "m.yaml")
        #expect(manifest.servicePrincipals.map(\.value.rawValue) == ["*report", "*export"])
    }

    @Test(arguments: ["[", "{a: ", "- "])
    func deepNestingIsAnError(opening: String) {
        let text = "users: " + String(repeating: opening, count: 20_000)
        #expect(throws: ManifestError.self) { try Manifest.parse(text, file: "m.yaml") }
    }
}
