import Foundation
import RepeatableRandomness
import ScopeManifests
import SecretMemory
import SecretScopes
import Testing
import Workspace
import WorkspaceFixtures

/// Manifests of what exists.
@Suite(.timeLimit(.minutes(10))) struct ManifestExportTests {
    private static func workspace() async throws -> TemporaryWorkspace {
        try await TemporaryWorkspace(links: LinkSettings(directories: ["/"]))
    }

    private static func export(_ workspace: TemporaryWorkspace, _ scopes: String...) async throws -> String {
        try await ManifestExport(of: scopes, from: workspace.services()).text
    }

    private static func plan(_ text: String, in workspace: TemporaryWorkspace) async throws -> ManifestPlan {
        try await ManifestPlan(
            for: Manifest.parse(text, file: "m.yaml"), in: workspace.services(),
            values: ValueReader(pool: workspace.pool) { _ in nil },
            canonicalAddress: { link throws(ManifestProblem) in
                do throws(ScopeError) {
                    return try LinkSettings.storedAddress(
                        of: link.address.value, options: link.options, credential: link.credential)
                } catch {
                    throw ManifestProblem(error.message, at: link.address.position)
                }
            })
    }

    /// What a manifest asks for: names of secrets are comments.
    private static func withoutComments(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("#") }
    }

    @Test func everythingThatExistsIsExported() async throws {
        let workspace = try await Self.workspace()
        try await workspace.makeUsers("ana@example.com", "no", "bob@example.com")
        try await workspace.services().setActive(false, kind: .user, name: "bob@example.com")
        let program = try await workspace.makeServicePrincipal("nightly report")
        try await workspace.makeGroup("analysts", of: "ana@example.com", program)
        try await workspace.makeGroup("empty")
        try await workspace.makeScope("payments", holding: ["api-key": "tok_live_5f2a", "1": "x"])
        try await workspace.allow("analysts", .read, on: "payments")
        try await workspace.allow(program, .write, on: "payments")
        try await workspace.services().setMinimumRedaction(.strict, of: "payments")
        try await workspace.services().linkScope(
            LinkScopeRequest(
                scope: "mounted", address: "file:///srv/a%20b", options: ["trim": "final-newline", "cache": "30s"]))
        let text = try await Self.export(workspace)
        #expect(
            text == """
                users:
                  - ana@example.com
                  - bob@example.com  # inactive
                  - "no"
                  - root@example.com
                service_principals:
                  - "nightly report"
                groups:
                  admins:
                    members:
                      - root@example.com
                  analysts:
                    members:
                      - ana@example.com
                      - "nightly report"
                  empty: {}
                scopes:
                  mounted:
                    link:
                      address: "file:///srv/a%20b"
                      options:
                        cache: "30s"
                        trim: final-newline
                    acl:
                      root@example.com: MANAGE
                  payments:
                    redaction: strict
                    acl:
                      analysts: READ
                      "nightly report": WRITE
                      root@example.com: MANAGE
                    # The values of these are in the workspace alone.
                    # secrets:
                    #   "1":
                    #   api-key:

                """)
        #expect(try await Self.plan(text, in: workspace).changes.isEmpty)
        #expect(try await workspace.events(.getSecret).isEmpty)
        #expect(!text.contains("5f2a"))
    }

    @Test func namedScopesBringOnlyThePrincipalsThatTheyReferTo() async throws {
        let workspace = try await Self.workspace()
        try await workspace.makeUsers("ana@example.com", "bob@example.com")
        try await workspace.makeGroup("inner", of: "ana@example.com")
        try await workspace.makeGroup("outer", of: "inner")
        try await workspace.makeScope("payments")
        try await workspace.makeScope("other")
        try await workspace.allow("outer", .read, on: "payments")
        try await workspace.allow("users", .read, on: "payments")
        try await workspace.allow("bob@example.com", .read, on: "other")
        try await workspace.services().deleteACL(scope: "payments", principal: "root@example.com")
        #expect(
            try await Self.export(workspace, "PAYMENTS") == """
                users:
                  - ana@example.com
                groups:
                  inner:
                    members:
                      - ana@example.com
                  outer:
                    members:
                      - inner
                scopes:
                  payments:
                    acl:
                      outer: READ
                      users: READ

                """)
        let error = await #expect(throws: ScopeError.self) { try await Self.export(workspace, "payment") }
        #expect(error?.message == "There is no scope \"payment\". Did you mean \"payments\"?")
    }

    /// Names that could be taken for somebody else are not used.
    @Test func servicePrincipalsOfOneNameAreCalledByTheirApplicationIDs() async throws {
        let workspace = try await Self.workspace()
        let first = try await workspace.makeServicePrincipal("twin")
        _ = try await workspace.makeServicePrincipal("Twin")
        try await workspace.makeUsers("robot")
        let robot = try await workspace.makeServicePrincipal("robot")
        try await workspace.makeScope("a")
        try await workspace.allow(first, .read, on: "a")
        try await workspace.allow(robot, .write, on: "a")
        let text = try await Self.export(workspace)
        #expect(text.contains("\(first)\": READ") || text.contains("\(first): READ"), "\(text)")
        #expect(try await Self.plan(text, in: workspace).changes.isEmpty)
    }

    /// A random workspace, its export applied to a fresh one, and the export of that.
    @Test func exportAppliedElsewhereIsExportedAlike() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let templates = (try await Self.workspace(), try await Self.workspace())
        // As many at a time as keep two processors busy while files are written.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                group.addTask { try await Self.check(number * 250..<(number + 1) * 250, seed, templates) }
            }
            try await group.waitForAll()
        }
    }

    private static func check(
        _ numbers: Range<Int>, _ seed: UInt64, _ templates: (source: TemporaryWorkspace, target: TemporaryWorkspace)
    ) async throws {
        let links = LinkSettings(directories: ["/"])
        for number in numbers {
            var random = SeededGenerator(seed: seed &+ UInt64(number))
            let source = try await TemporaryWorkspace(copying: templates.source, links: links)
            try await Self.fill(source, with: &random)
            let exported = try await Self.export(source)
            let note: Comment = "seed \(seed) case \(number)\n\(exported)"
            #expect(try await Self.plan(exported, in: source).changes.map(\.description) == [], note)
            let target = try await TemporaryWorkspace(copying: templates.target, links: links)
            try await Self.plan(exported, in: target).apply(to: target.services(), pool: target.pool) { _ in }
            #expect(try await Self.plan(exported, in: target).changes.map(\.description) == [], note)
            let again = try await Self.export(target)
            #expect(Self.withoutComments(again) == Self.withoutComments(exported), note)
        }
    }

    private static let names = [
        "ana@example.com", "no", "NULL", "a: b", "# c", "- d", "[e]", "{f}", "1.0", "2026-01-01", "*g", "&h", "!i",
        "a, b",
        "x/y", "%j", "@k", "true", "~", "l#m", "n:", "o", "=", "? p", "| q", "> r", "0x1F", ".inf", "<<",
    ]

    private static func fill(_ workspace: TemporaryWorkspace, with random: inout SeededGenerator) async throws {
        let services = try workspace.services()
        var members: [String] = []
        for name in names.shuffled(using: &random).prefix(Int.random(in: 0...6, using: &random)) {
            let kind = PrincipalKind.allCases.randomElement(using: &random) ?? .user
            let made = try await services.createPrincipal(kind: kind, name: name)
            if kind == .group {
                // Only earlier ones, so that no group comes to hold itself.
                for member in members where Bool.random(using: &random) {
                    try await services.addGroupMember(member, to: made.name)
                }
            }
            members.append(made.name)
        }
        let scopeNames = ["payments", "No", "123", "a/b", "-x", "@y", "null", "_", "1e3", "z.z"]
        for name in scopeNames.shuffled(using: &random).prefix(Int.random(in: 0...4, using: &random)) {
            if Int.random(in: 0..<3, using: &random) == 0 {
                var options: [String: String] = [:]
                if Bool.random(using: &random) { options["trim"] = "final-newline" }
                if Bool.random(using: &random) { options["cache"] = "30s" }
                let path = ["/srv/a", "/srv/a b", "/srv/ü", "/srv/#x"].randomElement(using: &random) ?? "/srv/a"
                let encoded = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
                let address = "file://" + encoded
                try await services.linkScope(LinkScopeRequest(scope: name, address: address, options: options))
            } else {
                try await services.createScope(CreateScopeRequest(scope: name))
                for key in ["api-key", "1", "no", "a/b"] where Int.random(in: 0..<4, using: &random) == 0 {
                    try await workspace.put("tok_live_5f2a", scope: name, key: key)
                }
            }
            if let level = MinimumRedaction.allCases.randomElement(using: &random) {
                try await services.setMinimumRedaction(level, of: name)
            }
            for principal in members + ["users", "admins"] where Bool.random(using: &random) {
                let permission = Permission.allCases.randomElement(using: &random) ?? .read
                try await workspace.allow(principal, permission, on: name)
            }
        }
    }
}
