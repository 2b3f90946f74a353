import Foundation
import Testing

/// Where manifests are applied to: the workspace itself, or a server on it.
enum ApplyTarget: String, CaseIterable, CustomTestStringConvertible {
    case embedded, remote
    var testDescription: String { rawValue }
}

/// A workspace to which manifests are applied in one of the two ways.
private struct Fixture {
    let home: Home
    let remote: RemoteHome?

    init(_ target: ApplyTarget) throws {
        home = try Home.withPayments()
        remote = target == .remote ? try RemoteHome(home) : nil
    }

    func hush(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
        guard let remote else { return try home.process(arguments, environment).run() }
        return try remote.away.process(arguments, remote.environment.merging(environment) { $1 }).run()
    }

    /// The actions of the record in their order, with the status and the apply's id of each.
    func events(_ arguments: String...) throws -> [(action: String, status: Int, apply: String?)] {
        let lines = try home.process(["audit", "events", "-o", "json"] + arguments).run().output
        return try lines.split(separator: "\n").map { line in
            let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            let response = try #require(event["response"] as? [String: Any])
            return (
                try #require(event["actionName"] as? String), try #require(response["statusCode"] as? Int),
                event["applyId"] as? String
            )
        }
    }
}

/// An apply makes all of its changes or none, and the record tells which belong together.
@Suite struct ApplyTogetherTests {
    private static let manifest = """
        users: [bob@example.com]
        service_principals: [nightly]
        groups: {night: {members: [nightly, bob@example.com]}}
        scopes:
          payments:
            redaction: strict
            acl: {analysts: WRITE, night: READ}
            secrets: {api-key: env:KEY, second: generate}
          reports:
            acl: {nightly: MANAGE}
            secrets: {first: "scope:payments/api-key"}
        """

    @Test(arguments: ApplyTarget.allCases)
    func allEventsHaveOneApplyID(target: ApplyTarget) throws {
        let fixture = try Fixture(target)
        let file = try fixture.home.folder.write(Self.manifest, to: "m.yaml")
        let outcome = try fixture.hush("apply", file, "--yes", environment: ["KEY": "tok_live_9c1e"])
        #expect(outcome.status == 0 && outcome.output.hasSuffix("Made 13 changes.\n"), "\(outcome)")
        let id = try #require(try fixture.events("--action", "applyChanges").first?.apply)
        let events = try fixture.events("--apply", id)
        // What was asked while comparing, then the whole and each change.
        let begin = try #require(events.firstIndex { $0.action == "applyChanges" })
        #expect(
            events[begin...].map(\.action) == [
                "applyChanges", "createPrincipal", "createPrincipal", "createPrincipal", "addPrincipalToGroup",
                "addPrincipalToGroup", "setScopeRedaction", "putAcl", "putAcl", "putSecret", "putSecret",
                "createScope", "putAcl", "putSecret",
            ])
        #expect(events.allSatisfy { $0.status == 200 })
        #expect(events[..<begin].map(\.action).contains("compareSecrets"))
        #expect(
            try fixture.home.hush("audit", "events", "--apply", id).output.contains("CLI, apply \(id)")
                == (target == .embedded))
        #expect(try fixture.home.hush("verify").status == 0)
        #expect(
            try fixture.home.succeed("secrets", "get-secret", "reports", "first", "--raw") == "tok_live_9c1e")
        #expect(
            try fixture.hush("apply", file, environment: ["KEY": "tok_live_9c1e"])
                == Outcome(0, output: "Nothing to do.\n"))
    }

    /// The scope is full after the first of three secrets.
    @Test(arguments: ApplyTarget.allCases)
    func aRefusalInTheMiddleLeavesNothing(target: ApplyTarget) throws {
        let fixture = try Fixture(target)
        let many = (0..<1000).map { "key-\($0): generate:8" }.joined(separator: ", ")
        let full = try fixture.home.folder.write("scopes: {full: {secrets: {\(many)}}}", to: "full.yaml")
        #expect(try fixture.hush("apply", full, "--yes").status == 0)
        let file = try fixture.home.folder.write(
            "users: [eve@example.com]\nscopes: {new: {secrets: {a: generate}}, full: {secrets: {more: generate}}}",
            to: "m.yaml")
        let outcome = try fixture.hush("apply", file, "--yes")
        #expect(
            outcome
                == Outcome(
                    1,
                    errors: """
                        Error: \(file):2:58: + secret full/more from generate:32 failed: Scope full has 1000 secrets, \
                        which is the most. Delete one first. Nothing was changed.

                        """))
        #expect(!(try fixture.home.succeed("users", "list").contains("eve@example.com")))
        #expect(!(try fixture.home.succeed("secrets", "list-scopes").contains("new")))
        // The refusal stands there, and nothing of what was taken back.
        let id = try #require(try fixture.events("--action", "applyChanges").last?.apply)
        let events = try fixture.events("--apply", id).drop { $0.action != "applyChanges" }
        #expect(events.map(\.action) == ["applyChanges", "putSecret"])
        #expect(events.map(\.status) == [400, 400])
        #expect(try fixture.home.hush("verify").status == 0)
    }

    @Test(arguments: ApplyTarget.allCases)
    func whoMayNotMakeOneChangeMakesNone(target: ApplyTarget) throws {
        // Only over the wire does the program act as somebody who is no administrator.
        guard target == .remote else { return }
        let fixture = try Fixture(target)
        let remote = try #require(fixture.remote)
        try fixture.home.succeed("secrets", "put-acl", "payments", "ana@example.com", "WRITE")
        let token = try RemoteHome.token(in: fixture.home, for: "ana@example.com")
        let file = try fixture.home.folder.write(
            "scopes: {mine: {secrets: {a: generate}}, payments: {redaction: strict, secrets: {b: generate}}}",
            to: "m.yaml")
        let outcome = try remote.process(["apply", file, "--yes"], token: token).run()
        #expect(outcome.status == 1 && outcome.errors.hasSuffix("Nothing was changed.\n"), "\(outcome)")
        #expect(outcome.errors.contains("does not have MANAGE permission on scope payments"))
        #expect(!(try fixture.home.succeed("secrets", "list-scopes").contains("mine")))
        let events = try fixture.events("--principal", "ana@example.com").suffix(2)
        #expect(events.map(\.action) == ["applyChanges", "setScopeRedaction"])
        #expect(events.map(\.status) == [403, 403])
    }

    /// What the workspace itself holds is made all the same; what a vault takes part in is told one by one.
    @Test(arguments: ApplyTarget.allCases)
    func aLinkThatFailsIsToldWithWhatWasMade(target: ApplyTarget) throws {
        let fixture = try Fixture(target)
        let file = try fixture.home.folder.write(
            "scopes: {native: {secrets: {a: generate}}, mounted: {link: {address: file:///nowhere}, acl: {analysts: READ}}}",
            to: "m.yaml")
        let outcome = try fixture.hush("apply", file, "--yes")
        #expect(outcome.status == 1)
        #expect(
            outcome.output == "+ scope native\n+ secret native/a from generate:32\n", "\(outcome)")
        #expect(
            outcome.errors.hasPrefix("Error: \(file):1:70: + scope mounted linked to file:///nowhere failed: ")
                && outcome.errors.hasSuffix(" 2 of 4 changes were made before it.\n"), "\(outcome)")
        #expect(try fixture.home.succeed("secrets", "list-scopes").contains("native"))
        #expect(!(try fixture.home.succeed("secrets", "list-scopes").contains("mounted")))
        // It is safe to run again, and goes on where it stopped.
        #expect(try fixture.hush("plan", file).output.hasSuffix("Would make 2 changes.\n"))
    }

    /// Two plans that both found nothing there do not both make a value.
    @Test(arguments: ApplyTarget.allCases)
    func ofTwoAppliesOneMakesTheValue(target: ApplyTarget) throws {
        let fixture = try Fixture(target)
        let file = try fixture.home.folder.write("scopes: {payments: {secrets: {made: generate}}}", to: "m.yaml")
        let plan = fixture.home.folder.path("m.plan")
        #expect(try fixture.hush("plan", file, "--out", plan).status == 2)
        #expect(try fixture.hush("apply", file, "--yes").output.hasSuffix("Made 1 change.\n"))
        let value = try fixture.home.succeed("secrets", "get-secret", "payments", "made", "--raw")
        #expect(
            try fixture.hush("apply", plan, "--yes")
                == Outcome(
                    1,
                    errors: """
                        Error: \(file):1:31: + secret payments/made from generate:32 failed: The secret made in scope \
                        payments appeared after the plan was made. Plan again. Nothing was changed.

                        """))
        #expect(try fixture.home.succeed("secrets", "get-secret", "payments", "made", "--raw") == value)
    }

    @Test func whoMayNotAskTheRecordIsToldSo() throws {
        let fixture = try Fixture(.remote)
        let remote = try #require(fixture.remote)
        try fixture.home.succeed("secrets", "put-acl", "payments", "ana@example.com", "WRITE")
        let token = try RemoteHome.token(in: fixture.home, for: "ana@example.com")
        let file = try fixture.home.folder.write("scopes: {payments: {secrets: {api-key: env:KEY}}}", to: "m.yaml")
        var process = remote.process(["plan", file, "--detailed"], token: token)
        process.environment["KEY"] = "tok_live_9c1e"
        #expect(
            try process.run()
                == Outcome(
                    2,
                    output: """
                        ~ secret payments/api-key from env:KEY
                            who changed it last is not known: you may not ask the audit record
                        Would make 1 change.

                        """))
    }

    /// A file that somebody altered is no plan, and nothing is done by it.
    @Test func alteredPlansAreRefused() throws {
        let home = try Home()
        let file = try home.folder.write("scopes: {a: {secrets: {b: generate}}}", to: "m.yaml")
        let plan = home.folder.path("m.plan")
        #expect(try home.hush("plan", file, "--out", plan).status == 2)
        let text = try String(contentsOfFile: plan, encoding: .utf8)
        for (old, new) in [
            (#""action":"create_scope""#, #""action":"create_scope","is_apart":true"#),
            (#""hush_plan":1"#, #""hush_plan":2"#), (#""action":"put_secret""#, #""action":"delete_secret""#),
            (#""line":1"#, #""line":"1""#), ("generate:32", "generate:3"), ("create_scope", "create"),
        ] {
            #expect(text.contains(old))
            let altered = try home.folder.write(text.replacing(old, with: new), to: "altered.plan")
            #expect(
                try home.hush("apply", altered, "--yes")
                    == Outcome(
                        1,
                        errors: """
                            Error: \(altered): the plan was altered, or saved by another version. Make it anew by hush plan \
                            --out.

                            """), "\(new)")
        }
        #expect(!(try home.succeed("secrets", "list-scopes").contains("a  ")))
    }
}
