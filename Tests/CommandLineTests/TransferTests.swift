import Foundation
import Glibc
import TestPrograms
import Testing

/// `hush import` and `hush push` with files, embedded and against a server.
@Suite(.timeLimit(.minutes(10))) struct TransferTests {
    enum Way: CaseIterable { case embedded, server }

    /// A workspace and how it is called.
    struct Place {
        let home: Home
        let remote: RemoteHome?
        /// A folder for files.
        let folder: TestFolder

        init(_ way: Way) throws {
            home = try Home.withPayments()
            remote = way == .server ? try RemoteHome(home) : nil
            folder = try TestFolder()
        }

        func hush(_ arguments: String..., input: String = "") throws -> Outcome {
            try (remote?.process(arguments) ?? home.process(arguments)).run(.text(input))
        }

        func value(_ scope: String, _ key: String) throws -> String {
            try home.succeed("secrets", "get-secret", scope, key, "--raw")
        }

        func keys(_ scope: String) throws -> [String] {
            let list = try home.succeed("secrets", "list-secrets", scope, "-o", "json")
            let objects = try JSONSerialization.jsonObject(with: Data(list.utf8)) as? [[String: Any]] ?? []
            return objects.compactMap { $0["key"] as? String }.sorted()
        }

        func events(_ action: String) throws -> [String] {
            try home.succeed("audit", "events", "--action", action, "-o", "json").split(separator: "\n")
                .map(String.init).filter { $0.contains(action) }
        }
    }

    @Test(arguments: Way.allCases) func dotenvFileIsImportedAndPushed(way: Way) throws {
        let place = try Place(way)
        let file = try place.folder.write("# x\nAPI_KEY=tok_1\nexport DB_PASSWORD='a b'\n", to: ".env")
        let outcome = try place.hush("import", "--from", file, "app", "--case", "lower", "--words", "dashes")
        #expect(
            outcome
                == Outcome(
                    0,
                    output: """
                        + API_KEY -> api-key
                        + DB_PASSWORD -> db-password
                        Copied 2 secrets to scope app.

                        """))
        #expect(try place.keys("app") == ["api-key", "db-password"])
        #expect(try place.value("app", "db-password") == "a b")
        let target = place.folder.path("out.env")
        let arguments = ["push", "app", "--to", target, "--case", "upper", "--words", "underscores"]
        let process = place.remote?.process(arguments) ?? place.home.process(arguments)
        #expect(try process.run().status == 0)
        #expect(
            try String(decoding: place.folder.bytes(of: "out.env"), as: UTF8.self)
                == "API_KEY=tok_1\nDB_PASSWORD='a b'\n")
        var status = stat()
        #expect(stat(target, &status) == 0 && status.st_mode & 0o777 == 0o600)
        // What is there is not replaced, and nothing is read for it.
        let reads = try place.events("getSecret").count
        let again = try process.run()
        #expect(again.status == 1 && again.errors.contains("out.env is there already"))
        #expect(try place.events("getSecret").count == reads)
        let forced = try place.hush("push", "payments", "--to", target, "--force", "--rename", "api-key=OTHER")
        #expect(forced.status == 0, "\(forced)")
        #expect(try String(decoding: place.folder.bytes(of: "out.env"), as: UTF8.self) == "OTHER=tok_live_5f2a\n")
    }

    @Test(arguments: Way.allCases) func jsonComesFromStandardInputAndGoesToStandardOutput(way: Way) throws {
        let place = try Place(way)
        let text = "{\n  \"a\": \"1\\n\\\"é\",\n  \"b\": \"\"\n}\n"
        #expect(try place.hush("import", "--from", "-", "app", input: text).status == 0)
        #expect(try place.value("app", "a") == "1\n\"é")
        let outcome = try place.hush("push", "app", "--to", "-")
        #expect(outcome.output == text)
        #expect(outcome.errors == "+ a\n+ b\nCopied 2 secrets to standard output.\n")
    }

    @Test(arguments: Way.allCases) func whatIsThereAndEqualIsLeftAloneAndWhatDiffersIsNamedFirst(way: Way) throws {
        let place = try Place(way)
        let file = try place.folder.write(#"{"api-key": "tok_live_5f2a", "new": "tok_new_77aa"}"#, to: "a.json")
        #expect(
            try place.hush("import", "--from", file, "payments")
                == Outcome(0, output: "+ new\nCopied 1 secret to scope payments; 1 was there already.\n"))
        let puts = try place.events("putSecret").count
        #expect(
            try place.hush("import", "--from", file, "payments").output
                == "Copied 0 secrets to scope payments; 2 were there already.\n")
        #expect(try place.events("putSecret").count == puts)
        let other = try place.folder.write(#"{"API-KEY": "tok_live_9c1e", "newer": "tok_new_88bb"}"#, to: "b.json")
        let refused = try place.hush("import", "--from", other, "payments")
        #expect(
            refused
                == Outcome(
                    1,
                    errors: """
                        Error: Nothing was written to scope payments. Use --overwrite, --rename or --prefix.
                          API-KEY is there already with another value.

                        """))
        #expect(try place.keys("payments") == ["api-key", "new"])
        let dry = try place.hush("import", "--from", other, "payments", "--overwrite", "--dry-run")
        #expect(dry == Outcome(0, output: "~ API-KEY\n+ newer\nWould copy 2 secrets to scope payments.\n"))
        #expect(try place.keys("payments") == ["api-key", "new"])
        let replaced = try place.hush("import", "--from", other, "payments", "--overwrite", "-o", "json")
        #expect(
            replaced
                == Outcome(
                    0,
                    output: """
                        {
                          "acl": [],
                          "dry_run": false,
                          "secrets": [
                            {
                              "action": "replace",
                              "name": "API-KEY",
                              "target_name": "API-KEY"
                            },
                            {
                              "action": "create",
                              "name": "newer",
                              "target_name": "newer"
                            }
                          ],
                          "source": "\(other)",
                          "target": "scope payments"
                        }

                        """))
        #expect(try place.value("payments", "api-key") == "tok_live_9c1e")
    }

    @Test(arguments: Way.allCases) func everyValueIsAuditedWithItsReason(way: Way) throws {
        let place = try Place(way)
        let file = try place.folder.write(#"{"one": "tok_1_5f2a", "two": "tok_2_5f2a"}"#, to: "a.json")
        #expect(try place.hush("import", "--from", file, "app").status == 0)
        let puts = try place.events("putSecret").filter { $0.contains("\"scope\":\"app\"") }
        #expect(puts.count == 2 && puts.allSatisfy { $0.contains("\"reason\":\"import from \(file)\"") }, "\(puts)")
        #expect(try place.hush("push", "app", "--to", place.folder.path("b.json")).status == 0)
        let reads = try place.events("getSecret").filter { $0.contains("\"scope\":\"app\"") }
        #expect(reads.count == 2 && reads.allSatisfy { $0.contains("\"reason\":\"push to ") }, "\(reads)")
        #expect(try place.home.succeed("audit", "verify").contains("intact"))
    }

    @Test func namesThatCollideOrCannotBeAreNamedBeforeAnythingIsRead() throws {
        let place = try Place(.embedded)
        let file = try place.folder.write(
            #"{"a-b": "1", "a_b": "2", "with space": "3", "A": "4", "a": "5"}"#, to: "a.json")
        #expect(
            try place.hush("import", "--from", file, "app", "--words", "dashes", "--rename", "nothing=x")
                == Outcome(
                    1,
                    errors: """
                        Error: Nothing was written to scope app.
                          nothing is to be renamed and is not there.
                          A, a would all be A.
                          a-b, a_b would all be a-b.

                        """))
        let second = try place.hush("import", "--from", file, "app")
        #expect(second.errors.contains("  with space is no key: use 1 to 128 letters, digits and _ . @ / -.\n"))
        let pushed = try place.hush("push", "payments", "--to", place.folder.path("x.env"))
        #expect(
            pushed.errors.contains(
                "  api-key is no name of a variable: use letters, digits and _. "
                    + "Add --case upper --words underscores, or --rename.\n"))
        #expect(try place.events("getSecret").isEmpty)
        #expect(!(try place.home.succeed("secrets", "list-scopes").contains("app ")))
    }

    /// A scope holds a thousand secrets, as Databricks' do.
    @Test func moreThanAScopeHoldsIsRefusedFirst() throws {
        let place = try Place(.embedded)
        let object = (1...1000).map { "\"k\($0)\": \"tok_value_\($0)\"" }.joined(separator: ",")
        let file = try place.folder.write("{\(object)}", to: "a.json")
        #expect(
            try place.hush("import", "--from", file, "payments")
                == Outcome(
                    1,
                    errors: """
                        Error: Nothing was written to scope payments.
                          1001 secrets would be there, and the most is 1000.

                        """))
        #expect(try place.keys("payments") == ["api-key"])
        #expect(try place.hush("import", "--from", file, "app").status == 0)
        #expect(try place.keys("app").count == 1000)
        // All of them in a file, in the order of their names.
        #expect(try place.hush("push", "app", "--to", place.folder.path("b.env")).status == 0)
        let text = try String(decoding: place.folder.bytes(of: "b.env"), as: UTF8.self)
        let numbers = (1...1000).map { (name: "k\($0)", line: "k\($0)=tok_value_\($0)") }.sorted { $0.name < $1.name }
        #expect(text == numbers.map { $0.line + "\n" }.joined())
    }

    @Test func namesAreMapped() throws {
        let place = try Place(.embedded)
        let file = try place.folder.write(#"{"Db.Password": "tok_1", "api/key": "tok_2", "x": "tok_3"}"#, to: "a.json")
        let names = try place.folder.write("# names\nx = renamed-X\n\n", to: "names")
        let outcome = try place.hush(
            "import", "--from", file, "app2", "--names", names, "--case", "lower", "--words", "underscores", "--prefix",
            "p-")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try place.keys("app2") == ["p-api_key", "p-db_password", "renamed-X"])
        try place.folder.write("x=y\nz\n", to: "names")
        let wrong = try place.hush("import", "--from", file, "app2", "--names", names)
        #expect(wrong == Outcome(1, errors: "Error: \(names):2: --rename wants OLD=NEW, such as api-key=API_KEY\n"))
        let some = try place.hush("import", "--from", file, "app3", "--only", "x")
        #expect(some.output == "+ x\nCopied 1 secret to scope app3.\n")
    }

    @Test func permissionsAreThoseOfTheScope() throws {
        let place = try Place(.embedded)
        let file = try place.folder.write(#"{"new": "tok_new_77aa"}"#, to: "a.json")
        let imported = try place.hush("import", "--from", file, "payments", "--as", "ana@example.com")
        #expect(imported.status == 1 && imported.errors.contains("does not have WRITE permission"), "\(imported)")
        #expect(try place.keys("payments") == ["api-key"])
        let pushed = try place.hush("push", "payments", "--to", place.folder.path("b.json"), "--as", "ana@example.com")
        #expect(pushed.status == 0, "\(pushed)")
        try place.home.succeed("users", "create", "bob@example.com")
        let refused = try place.hush("push", "payments", "--to", place.folder.path("c.json"), "--as", "bob@example.com")
        #expect(refused.status == 1 && !FileManager.default.fileExists(atPath: place.folder.path("c.json")))
    }

    @Test func whatCannotBeTextIsNamedAndNoFileIsLeft() throws {
        let place = try Place(.embedded)
        try place.home.succeed("secrets", "put-secret", "payments", "binary", input: .text("tok\u{0}live"))
        let outcome = try place.hush("push", "payments", "--to", place.folder.path("x.env"), "--words", "underscores")
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: binary was not written to"), "\(outcome)")
        #expect(outcome.errors.contains("the value has a zero byte in it"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.folder.path) == [])
    }

    @Test func terminalShowsHowFarItHasCome() throws {
        let place = try Place(.embedded)
        let file = try place.folder.write(#"{"one": "tok_1_5f2a", "two": "tok_2_5f2a"}"#, to: "a.json")
        let terminal = try PseudoTerminal(place.home.process(["import", "--from", file, "app"]))
        #expect(terminal.finish() == 0)
        #expect(terminal.screen.contains("Writing 1 of 2"), "\(terminal.screen)")
        #expect(terminal.screen.hasSuffix("Copied 2 secrets to scope app.\r\n"), "\(terminal.screen)")
        #expect(!terminal.screen.contains("tok_"))
    }

    @Test(arguments: [
        (["import", "app"], "--from or --from-profile is needed"),
        (["push", "payments"], "--to or --to-profile is needed"),
        (["import", "--from", "somewhere", "app"], "its name tells no form"),
        (["import", "--from", "x.env", "app", "--credential", "env:A"], "--option and --credential are for addresses"),
        (["push", "payments", "--to", "x.json", "--acl"], "--acl is for scopes of two workspaces"),
        (["push", "payments", "--to", "file:///tmp", "--force"], "--force is for files"),
        (["import", "--from", "nowhere://x/y", "app"], "nowhere"),
        (["import", "--from", "databricks://h/s", "app"], "credential"),
    ])
    func wrongUsageIsNamed(arguments: [String], message: String) throws {
        let home = try Home.withPayments()
        let outcome = try home.process(arguments).run()
        #expect(outcome.status != 0 && outcome.errors.contains(message), "\(outcome)")
    }
}
