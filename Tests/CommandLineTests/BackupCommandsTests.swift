import Foundation
import Testing

@Suite struct BackupCommandsTests {
    @Test func backupAndRestoreSayWhatTheyDid() throws {
        let home = try Home.withPayments()
        let file = home.folder.path("hush-backup.db")
        let output = try home.succeed("backup", file)
        let counts = try #require(output.firstMatch(of: /Backed up (\d+) events and (\d+) rows/)?.output)
        #expect(
            output == """
                Backed up \(counts.1) events and \(counts.2) rows to \(file), and checked the copy.
                It opens only with the key file, which is not in it.

                """)
        let other = home.folder.path("other")
        let restored = try home.process(
            ["restore", file, "--key-file", home.path + "/root.key"], ["HUSH_HOME": other]
        ).run()
        #expect(
            restored
                == Outcome(
                    0,
                    output: """
                        Restored \(counts.1) events and \(counts.2) rows to \(other).
                        What happened after the backup is not in it: tokens revoked and permissions withdrawn since \
                        are there again.

                        """))
        let value = try home.process(
            ["secrets", "get-secret", "payments", "api-key", "--raw", "--key-file", home.path + "/root.key"],
            ["HUSH_HOME": other]
        ).run()
        #expect(value == Outcome(0, output: "tok_live_5f2a"))
    }

    @Test func asJSON() throws {
        let home = try Home.withPayments()
        let file = home.folder.path("backup.db")
        let document =
            try JSONSerialization.jsonObject(
                with: Data(try home.succeed("backup", file, "-o", "json").utf8)) as? [String: Any]
        #expect(document?.keys.sorted() == ["events", "hash", "key_provider", "rows"])
        #expect(document?["key_provider"] as? String == "key-file")
    }

    @Test func whatIsThereIsNeverReplaced() throws {
        let home = try Home.withPayments()
        let file = home.folder.path("backup.db")
        try home.succeed("backup", file)
        #expect(
            try home.hush("backup", file)
                == Outcome(
                    1, errors: "Error: There is a file \(file) already. Name another one, or move it away.\n"))
        #expect(
            try home.hush("restore", file)
                == Outcome(
                    1,
                    errors: """
                        Error: There is a workspace in \(home.path) already. Set HUSH_HOME to another folder, or move \
                        this one away.

                        """))
    }

    @Test func whatIsNoBackupIsNamedAndNothingIsMade() throws {
        let home = try Home(isInitialized: false)
        let file = home.folder.path("missing")
        #expect(
            try home.hush("restore", file)
                == Outcome(1, errors: "Error: There is no file \(file). Name one that `hush backup` wrote.\n"))
        let note = try home.folder.write("not a backup", to: "note")
        let outcome = try home.hush("restore", note)
        #expect(outcome.status == 1 && outcome.errors.hasPrefix("Error: ") && outcome.errors.contains(note))
        #expect(!FileManager.default.fileExists(atPath: home.path))
    }

    @Test func progressIsShownOnATerminalAlone() throws {
        let home = try Home.withPayments()
        let terminal = try PseudoTerminal(home.process(["backup", home.folder.path("backup")]))
        #expect(terminal.finish() == 0)
        #expect(terminal.screen.contains(/\rCopied \d+ of \d+ pages/))
    }

    @Test func passphraseCanBeChanged() throws {
        let home = try Home(isInitialized: false)
        try home.folder.write("correct horse\n", to: "old")
        try home.folder.write("battery staple\n", to: "new")
        let outcome = try home.process([]).runShell(
            """
            cd \(home.folder.path)
            $HUSH init --passphrase-fd 3 3<old >/dev/null
            $HUSH keys change-passphrase --passphrase-fd 3 --new-passphrase-fd 4 3<old 4<new
            $HUSH status --passphrase-fd 3 3<old
            $HUSH secrets list-scopes --passphrase-fd 3 3<new
            """)
        #expect(
            outcome
                == Outcome(
                    0,
                    output: """
                        The workspace opens with the new passphrase now. Backups made before open with the old key.
                        Scope  Backend Type

                        """,
                    errors: "Error: The passphrase is wrong. Try again.\n"
                ))
    }

    /// The key file that still lies there is not tried: the store tells that it needs a passphrase.
    @Test func workspaceWithAKeyFileCanBePutUnderAPassphrase() throws {
        let home = try Home.withPayments()
        try home.folder.write("battery staple\n", to: "new")
        let outcome = try home.process([]).runShell(
            """
            cd \(home.folder.path)
            $HUSH keys change-passphrase --new-passphrase-fd 4 4<new >/dev/null
            $HUSH secrets get-secret payments api-key --raw --passphrase-fd 3 3<new
            """)
        #expect(outcome == Outcome(0, output: "tok_live_5f2a"))
        let terminal = try PseudoTerminal(home.process(["secrets", "list-scopes"]))
        #expect(terminal.wait(for: "Passphrase"))
        terminal.type("battery staple\n")
        #expect(terminal.finish() == 0)
        #expect(terminal.screen.contains("payments"))
    }

    @Test func shortPassphraseIsRefused() throws {
        let home = try Home.withPayments()
        try home.folder.write("short\n", to: "new")
        let outcome = try home.process([]).runShell(
            "$HUSH keys change-passphrase --new-passphrase-fd 4 4<\(home.folder.path("new"))")
        #expect(outcome == Outcome(1, errors: "Error: The passphrase is too short. Use at least 8 bytes.\n"))
        #expect(try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw") == "tok_live_5f2a")
    }
}
