import Foundation
import Testing

@Suite struct VersionCommandsTests {
    private func home() throws -> Home {
        let home = try Home.withPayments()
        try home.succeed("secrets", "put-secret", "payments", "api-key", input: .text("tok_live_77aa"))
        return home
    }

    @Test func versionsAreListedNewestFirst() throws {
        let home = try home()
        let text = try home.succeed("secrets", "versions", "payments", "api-key")
        #expect(
            text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "TIME") == """
                Version  Put                       Current
                2        TIME  yes
                1        TIME  no

                """)
    }

    @Test func versionsAsJSON() throws {
        let home = try home()
        let document = try home.succeed("secrets", "versions", "payments", "api-key", "-o", "json")
        #expect(
            document.replacing(/\d{13}/, with: "0") == """
                [
                  {
                    "created_timestamp": 0,
                    "current": true,
                    "version": 2
                  },
                  {
                    "created_timestamp": 0,
                    "current": false,
                    "version": 1
                  }
                ]

                """)
    }

    @Test func anEarlierValueIsReadAndRestored() throws {
        let home = try home()
        let get = ["secrets", "get-secret", "payments", "api-key"]
        #expect(try home.process(get + ["--version", "1", "--raw"]).run() == Outcome(0, output: "tok_live_5f2a"))
        #expect(try home.process(get + ["--version=1"]).run().output.contains("dG9rX2xpdmVfNWYyYQ=="))
        #expect(
            try home.succeed("secrets", "restore", "payments", "api-key", "--version", "1")
                == "Version 1 of api-key is current again, as version 3.\n")
        #expect(try home.process(get + ["--raw"]).run() == Outcome(0, output: "tok_live_5f2a"))
        #expect(
            try home.succeed("secrets", "restore", "payments", "api-key", "--version", "2", "-o", "json")
                == "{\n  \"version\": 4\n}\n")
    }

    @Test(arguments: [
        (["restore", "payments", "api-key"], "Error: Missing expected argument '--version <n>'\n"),
        (
            ["restore", "payments", "api-key", "--version", "x"],
            "Error: invalid argument \"x\" for \"--version\" flag\n"
        ),
        (
            ["get-secret", "payments", "api-key", "--version", "9"],
            "Error: Key api-key in scope payments has no version 9. See `hush secrets versions payments api-key`.\n"
        ),
        (
            ["restore", "payments", "api-key", "--version", "2"],
            "Error: Version 2 of key api-key is the current one already.\n"
        ),
        (["versions", "payments", "nothing"], "Error: Secret does not exist with scope: payments and key: nothing\n"),
        (["versions", "payments"], "Error: accepts 2 arg(s), received 1\n"),
    ])
    func whatIsWrongIsNamed(arguments: [String], message: String) throws {
        let home = try home()
        #expect(try home.process(["secrets"] + arguments).run() == Outcome(1, errors: message))
    }
}
