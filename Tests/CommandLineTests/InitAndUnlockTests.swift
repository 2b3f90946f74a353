import Foundation
import GRDB
import Glibc
import Testing

@Suite struct InitAndUnlockTests {
    @Test func initSaysWhatItMadeAndThatLosingTheKeyIsFinal() throws {
        let home = try Home(isInitialized: false)
        let output = try home.succeed("init", "--admin", "ana@example.com")
        let id = try #require(output.firstMatch(of: /Workspace      ([0-9a-f]{32})\n/)?.output.1)
        #expect(
            output == """
                Workspace      \(id)
                Store          \(home.path)/hush.db
                Root key       \(home.path)/root.key
                Administrator  ana@example.com

                Losing the key file is final: nobody can read the values without it, and nobody can help you. \
                Keep a copy of it apart from the store.

                """)
        #expect(try home.succeed("users", "list") == "User             State\nana@example.com  active\n")
    }

    @Test func everythingIsTheUsersAlone() throws {
        let home = try Home.withPayments()
        let files = try FileManager.default.contentsOfDirectory(atPath: home.path)
        #expect(files.contains("hush.db") && files.contains("root.key"))
        for path in [home.path] + files.map({ home.path + "/" + $0 }) {
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(try #require(mode) & 0o077 == 0, "\(path)")
        }
    }

    @Test func existingWorkspaceIsKept() throws {
        let home = try Home.withPayments()
        let outcome = try home.hush("init")
        #expect(
            outcome
                == Outcome(
                    1,
                    errors: """
                        Error: There is a workspace in \(home.path) already. Set HUSH_HOME to another folder, or move this \
                        one away.

                        """))
        #expect(try home.hush("init", "--passphrase-fd", "0", input: .text("correct horse\n")) == outcome)
        #expect(try home.succeed("secrets", "get-secret", "payments", "api-key", "--raw") == "tok_live_5f2a")
    }

    @Test func keyFileCanLieElsewhere() throws {
        let home = try Home(isInitialized: false)
        let key = home.folder.path("stick.key")
        #expect(try home.succeed("init", "--key-file", key).contains("Root key       \(key)\n"))
        #expect(!FileManager.default.fileExists(atPath: home.path + "/root.key"))
        let missing = try home.hush("secrets", "list-scopes")
        #expect(missing.status == 1)
        #expect(missing.errors.hasPrefix("Error: The key file \(home.path)/root.key cannot be read"))
        #expect(try home.succeed("secrets", "list-scopes", "--key-file", key) == "Scope  Backend Type\n")
        let apart = try home.succeed("status", "--key-file", key)
        #expect(apart.contains("Key file    \(key)\n") && !apart.contains("beside the store"))
        try FileManager.default.moveItem(atPath: key, toPath: home.path + "/root.key")
        #expect(try home.succeed("status").contains("The key file lies beside the store"))
        // An existing file is never written over.
        let second = try Home(isInitialized: false)
        let refused = try second.hush("init", "--key-file", home.path + "/root.key")
        #expect(refused.status == 1 && refused.errors.contains("There is a key file at \(home.path)/root.key already."))
        #expect(!FileManager.default.fileExists(atPath: second.path + "/hush.db"))
        #expect(try home.hush("status").status == 0)
    }

    // MARK: Passphrases

    @Test func passphraseUnlocks() throws {
        let home = try Home(isInitialized: false)
        let output = try home.process(["init", "--passphrase-fd", "0"]).run(.text("correct horse\n"))
        #expect(output.status == 0 && output.output.contains("Losing the passphrase is final"))
        #expect(
            try home.hush("secrets", "list-scopes", "--passphrase-fd", "0", input: .text("correct horse")).status == 0)
        #expect(
            try home.hush("secrets", "list-scopes", "--passphrase-fd", "0", input: .text("correct house\n"))
                == Outcome(1, errors: "Error: The passphrase is wrong. Try again.\n"))
        #expect(
            try home.hush("secrets", "list-scopes", "--passphrase-fd", "0")
                == Outcome(1, errors: "Error: The file descriptor 0 holds no passphrase. Write one line to it.\n"))
        #expect(
            try home.hush("secrets", "list-scopes", "--passphrase-fd", "77", input: .text("correct horse\n"))
                == Outcome(1, errors: "Error: The file descriptor 77 cannot be read (Bad file descriptor).\n"))
        // Only one line is taken: what follows is the value.
        #expect(
            try home.hush("secrets", "create-scope", "s", "--passphrase-fd", "0", input: .text("correct horse\n"))
                .status
                == 0)
        #expect(
            try home.hush(
                "secrets", "put-secret", "s", "k", "--passphrase-fd", "0", input: .text("correct horse\ntok_live\n")
            ).status == 0)
        #expect(
            try home.hush(
                "secrets", "get-secret", "s", "k", "--raw", "--passphrase-fd", "0", input: .text("correct horse")
            )
            .output == "tok_live\n")
        #expect(
            try home.hush("status", "--passphrase-fd", "0", input: .text("correct horse\n")).output.contains(
                "passphrase"))
    }

    @Test func shortPassphraseIsRefused() throws {
        let home = try Home(isInitialized: false)
        let outcome = try home.hush("init", "--passphrase-fd", "0", input: .text("hunter2\n"))
        #expect(outcome == Outcome(1, errors: "Error: The passphrase is too short. Use at least 8 bytes.\n"))
        #expect(!FileManager.default.fileExists(atPath: home.path + "/hush.db"))
    }

    @Test func passphraseIsAskedForAtTheTerminalOfTheProcess() throws {
        let home = try Home(isInitialized: false)
        let first = try PseudoTerminal(home.process(["init", "--passphrase"]))
        #expect(first.wait(for: "New passphrase: "))
        #expect(!first.echoes)
        first.type("correct horse\n")
        #expect(first.wait(for: "Repeat it: "))
        first.type("correct horse\n")
        #expect(first.finish() == 0)
        #expect(first.echoes && !first.screen.contains("horse"))
        // Standard input is the value; the passphrase comes from the terminal all the same.
        let second = try PseudoTerminal(home.process(["secrets", "list-scopes"]))
        #expect(second.wait(for: "Passphrase: "))
        second.type("wrong horse\n")
        #expect(second.finish() == 1)
        #expect(second.screen.contains("The passphrase is wrong"))
        let nobody = try home.hush("secrets", "list-scopes")
        #expect(nobody.status == 1)
    }

    @Test func differingPassphrasesAreRefused() throws {
        let home = try Home(isInitialized: false)
        let terminal = try PseudoTerminal(home.process(["init", "--passphrase"]))
        #expect(terminal.wait(for: "New passphrase: "))
        terminal.type("correct horse\n")
        #expect(terminal.wait(for: "Repeat it: "))
        terminal.type("correct house\n")
        #expect(terminal.finish() == 1)
        #expect(terminal.screen.contains("Error: The two passphrases differ."))
        #expect(!FileManager.default.fileExists(atPath: home.path + "/hush.db"))
    }

    // MARK: What cannot be opened

    @Test func brokenWorkspaceIsNamedInOneLine() throws {
        typealias Damage = (name: String, words: [String], do: (Home) throws -> Void)
        let other = try Home()
        let damages: [Damage] = [
            ("no workspace", ["hush init"], { try FileManager.default.removeItem(atPath: $0.path) }),
            (
                "loose mode", ["root.key may be read or written by other users", "chmod 600"],
                { home in
                    chmod(home.path + "/root.key", 0o644)
                }
            ),
            (
                "foreign key", ["root.key belongs to another workspace", "--key-file"],
                { home in
                    try FileManager.default.removeItem(atPath: home.path + "/root.key")
                    try FileManager.default.copyItem(atPath: other.path + "/root.key", toPath: home.path + "/root.key")
                }
            ),
            (
                "not a key file", ["root.key is not a Hush key file", "--key-file"],
                { home in
                    try Data("key".utf8).write(to: URL(fileURLWithPath: home.path + "/root.key"))
                }
            ),
            (
                "newer format", ["newer"],
                { home in
                    try DatabaseQueue(path: home.path + "/hush.db").writeWithoutTransaction {
                        try $0.execute(sql: "PRAGMA user_version = 99")
                    }
                }
            ),
            (
                "truncated store", ["hush.db"],
                { home in
                    try DatabaseQueue(path: home.path + "/hush.db").writeWithoutTransaction {
                        try $0.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
                    }
                    truncate(home.path + "/hush.db", 8192)
                }
            ),
            (
                "empty store", ["hush.db"],
                { home in
                    for suffix in ["", "-wal", "-shm"] { truncate(home.path + "/hush.db" + suffix, 0) }
                }
            ),
            (
                "not a store", ["hush.db"],
                { home in
                    for suffix in ["-wal", "-shm"] { unlink(home.path + "/hush.db" + suffix) }
                    try Data(String(repeating: "not a database ", count: 1000).utf8)
                        .write(to: URL(fileURLWithPath: home.path + "/hush.db"))
                }
            ),
        ]
        for damage in damages {
            let home = try Home.withPayments()
            try damage.do(home)
            let outcome = try home.hush("secrets", "get-secret", "payments", "api-key", "--raw")
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(damage.name): \(outcome)")
            let lines = outcome.errors.split(separator: "\n")
            #expect(lines.count == 1 && lines.first?.hasPrefix("Error: ") == true, "\(damage.name): \(outcome)")
            for word in damage.words { #expect(outcome.errors.contains(word), "\(damage.name): \(outcome)") }
        }
    }

    /// No value leaves without its event, and the event cannot be written.
    @Test func readOnlyFolderRefusesReadsAndWrites() throws {
        let home = try Home.withPayments()
        for file in try FileManager.default.contentsOfDirectory(atPath: home.path) {
            chmod(home.path + "/" + file, 0o400)
        }
        chmod(home.path, 0o500)
        defer { chmod(home.path, 0o700) }
        for arguments in [["get-secret", "payments", "api-key", "--raw"], ["create-scope", "b"]] {
            let outcome = try withoutOverride(home.process(["secrets"] + arguments)).run()
            #expect(outcome.status == 1 && outcome.output.isEmpty, "\(outcome)")
            #expect(
                outcome.errors.hasPrefix("Error: ") && outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
        }
        let new = try Home(isInitialized: false)
        chmod(new.folder.path, 0o500)
        defer { chmod(new.folder.path, 0o700) }
        let outcome = try withoutOverride(new.process(["init"])).run()
        #expect(outcome.status == 1)
        #expect(outcome.errors.hasPrefix("Error: The folder \(new.path) cannot be made (Permission denied)."))
    }

    /// The superuser writes where modes forbid it, unless that right is taken away.
    private func withoutOverride(_ process: HushProcess) -> HushProcess {
        guard geteuid() == 0 else { return process }
        var process = process
        process.wrapper = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", "--inh-caps=-all", "--"]
        return process
    }
}
