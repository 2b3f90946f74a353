import Foundation
import Glibc
import SecretMemory
import SecretScopes
import Testing
import Workspace

/// `hush redact`: a Unix filter.
@Suite struct RedactCommandTests {
    private func home() throws -> Home {
        let home = try Home.withPayments()
        try home.succeed("secrets", "create-scope", "other")
        try home.succeed("secrets", "put-secret", "other", "password", input: .text("correct-horse-9"))
        return home
    }

    @Test func standardInputIsCopiedWithoutValues() throws {
        let home = try home()
        let text = "one tok_live_5f2a\ntwo correct-horse-9tok_live_5f2a\n"
        #expect(
            try home.hush("redact", input: .text(text))
                == Outcome(0, output: "one [REDACTED]\ntwo [REDACTED][REDACTED]\n"))
        #expect(
            try home.hush("redact", "--scope", "other", input: .text(text))
                == Outcome(0, output: "one tok_live_5f2a\ntwo [REDACTED]tok_live_5f2a\n"))
        #expect(
            try home.hush("redact", "--scope", "OTHER", "--scope", "payments", input: .text(text)).output
                == "one [REDACTED]\ntwo [REDACTED][REDACTED]\n")
        #expect(try home.hush("redact", input: .text("")) == Outcome(0))
    }

    @Test func filesAreCopiedOneAfterTheOther() throws {
        let home = try home()
        // A value must not come together over the border of two files.
        let first = try home.folder.write("a tok_live_5f2a\ntok_li", to: "first")
        let second = try home.folder.write("ve_5f2a\n", to: "second")
        let outcome = try home.hush("redact", first, "-", second, input: .text("<tok_live_5f2a>"))
        #expect(outcome == Outcome(0, output: "a [REDACTED]\ntok_li<[REDACTED]>ve_5f2a\n"))
    }

    @Test func whatIsNoTextPassesByteForByte() throws {
        let home = try home()
        var bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 7) }
        bytes.replaceSubrange(300_000..<300_013, with: Array("tok_live_5f2a".utf8))
        let file = home.folder.path("bytes")
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        let outcome = try home.process([]).runShell(#""$HUSH" redact '\#(file)' >'\#(file).out'; echo $?"#)
        #expect(outcome == Outcome(0, output: "0\n"))
        let expected = bytes[..<300_000] + Array("[REDACTED]".utf8) + bytes[300_013...]
        #expect(try home.folder.bytes(of: "bytes.out") == Array(expected))
    }

    @Test func unreadableFilesAreNamedAndTheOthersAreRead() throws {
        let home = try home()
        let file = try home.folder.write("tok_live_5f2a\n", to: "file")
        let missing = home.folder.path("missing")
        let outcome = try home.hush("redact", missing, home.folder.path, file)
        #expect(
            outcome
                == Outcome(
                    1, output: "[REDACTED]\n",
                    errors: """
                        Error: \(missing) cannot be read (No such file or directory).
                        Error: \(home.folder.path) cannot be read (Is a directory).

                        """))
        let closed = try home.hush("redact", input: .closed)
        #expect(closed == Outcome(1, errors: "Error: standard input cannot be read (Bad file descriptor).\n"))
    }

    @Test func checkSaysWhereAndWritesNothing() throws {
        let home = try home()
        let leak = try home.folder.write("x\ny tok_live_5f2a\n\ntok_live_5f2a correct-horse-9\n", to: "leak.log")
        let clean = try home.folder.write("nothing\n", to: "clean.log")
        let outcome = try home.hush("redact", "--check", clean, leak)
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(
            Set(outcome.errors.split(separator: "\n")) == [
                "\(leak):2: payments/api-key (literal)", "\(leak):4: payments/api-key (literal)",
                "\(leak):4: other/password (literal)",
            ])
        #expect(try home.hush("redact", "--check", clean) == Outcome(0))
        let input = try home.hush("redact", "--check", "-", input: .text("correct-horse-9"))
        #expect(input == Outcome(1, errors: "standard input:1: other/password (literal)\n"))
    }

    @Test func explainNamesSecretsFormsAndLines() throws {
        let home = try home()
        try home.succeed("secrets", "create-scope", "short")
        let note = try home.hush("secrets", "put-secret", "short", "pin", input: .text("123"))
        #expect(note.status == 0)
        let outcome = try home.hush("redact", "--explain", input: .text("a\ntok_live_5f2a\ntok_live_5f2a\n"))
        #expect(
            outcome
                == Outcome(
                    0, output: "a\n[REDACTED]\n[REDACTED]\n",
                    errors: """
                        Not redacted: short/pin has fewer than 4 bytes.
                        Redacted payments/api-key (literal) 2 times in standard input, on lines 2, 3.

                        """))
    }

    // MARK: Whose values

    @Test func readsAreRecordedWithTheirReason() throws {
        let home = try home()
        _ = try home.hush("redact", "--scope", "payments", input: .text("x"))
        let reads = try home.succeed("audit", "events", "--action", "getSecret", "-o", "json").split(separator: "\n")
        #expect(reads.count == 1 && reads.allSatisfy { $0.contains(#""reason":"redact""#) }, "\(reads)")
        let lists = try home.succeed("audit", "events", "--action", "listSecrets", "-o", "json")
        #expect(lists.contains(#""reason":"redact""#))
    }

    @Test func onlyWhatThePrincipalMayReadIsLookedFor() throws {
        let home = try home()
        let outcome = try home.hush(
            "redact", "--as", "ana@example.com", input: .text("tok_live_5f2a correct-horse-9"))
        #expect(outcome == Outcome(0, output: "[REDACTED] correct-horse-9"))
        // A scope that was named and cannot be read is no small thing.
        let named = try home.hush("redact", "--as", "ana@example.com", "--scope", "other", input: .text("x"))
        #expect(named.status == 1 && named.output.isEmpty && named.errors.contains("scope other"))
        let unknown = try home.hush("redact", "--scope", "nowhere", input: .text("x"))
        #expect(unknown.status == 1 && unknown.output.isEmpty && unknown.errors.contains("nowhere"))
    }

    @Test func insideARunTheBrokerIsAsked() throws {
        let home = try home()
        let script = "printf 'tok_live_5f2a correct-horse-9' | \"$0\" redact | tr '[]' '<>'"
        let outcome = try home.process([
            "exec", "--as", "ana@example.com", "--", "sh", "-c", script, HushProcess.executable,
        ]).run()
        #expect(outcome == Outcome(0, output: "<REDACTED> correct-horse-9"))
    }

    /// Refused by their number, before a single one is read.
    @Test func moreValuesThanCanBeRedactedAreRefusedWithTheirCount() async throws {
        let home = try home()
        let pool = SecretPool()
        let workspace = try await Workspace.open(
            home.path, keyProvider: KeyFileProvider(path: home.path + "/root.key", pool: pool), pool: pool)
        let secrets = try workspace.secrets()
        try await secrets.createScope(CreateScopeRequest(scope: "many"))
        try await withThrowingTaskGroup { group in
            for number in 0..<101 {
                let value = SecretBytes(copying: Array("value number \(number)".utf8).span.bytes, in: pool)
                group.addTask {
                    try await secrets.putSecret(
                        PutSecretRequest(scope: "many", key: "k\(number)", stringValue: value))
                }
            }
            try await group.waitForAll()
        }
        let refused = try home.hush("redact", "--scope", "many", "--redact", "strict", input: .text("value number 7"))
        #expect(
            refused
                == Outcome(
                    1,
                    errors: "Error: There are 101 secrets to look for at the level strict, and no more than 100 can be "
                        + "redacted at it. Name fewer scopes with --scope, or redact at a lower level.\n"))
        #expect(try !home.succeed("audit", "events", "--action", "getSecret").contains("many"))
        let literal = try home.hush("redact", "--scope", "many", "--redact", "literal", input: .text("value number 7"))
        #expect(literal == Outcome(0, output: "[REDACTED]"))
        // The scope's own level counts as well.
        try home.succeed("scopes", "set-redaction", "many", "strict")
        #expect(
            try home.hush("redact", "--redact", "literal", input: .text("x")).errors.contains("There are 101 secrets"))
    }

    // MARK: Streams

    /// One line, longer than the memory that the filter may have.
    @Test func aLineOfAnyLengthTakesLittleMemory() throws {
        let home = try home()
        let script = """
            ulimit -v 2000000
            { head -c 2500000000 /dev/zero; printf tok_live_5f2a; head -c 1000 /dev/zero; } \
            | "$HUSH" redact --redact literal | tail -c 1010 | head -c 10; echo " ${PIPESTATUS[*]}"
            """
        let outcome = try home.process([]).runShell(script)
        #expect(outcome.output == "[REDACTED] 0 0 0 0\n" && outcome.errors.isEmpty, "\(outcome)")
    }

    @Test func readerThatGoesAwayEndsItSilently() throws {
        let home = try home()
        let outcome = try home.process([]).runShell(
            #"yes tok_live_5f2a | "$HUSH" redact | head -1; echo ${PIPESTATUS[1]}"#)
        #expect(outcome == Outcome(0, output: "[REDACTED]\n141\n"))
    }

    @Test func whatComesInPiecesGoesOnAtOnce() throws {
        let home = try home()
        // The writer goes on only when the reader has seen the line.
        let script = """
            mkfifo '\(home.folder.path("in"))' '\(home.folder.path("out"))'
            "$HUSH" redact <'\(home.folder.path("in"))' >'\(home.folder.path("out"))' &
            exec 3>'\(home.folder.path("in"))' 4<'\(home.folder.path("out"))'
            echo 'one tok_live_5f2a' >&3; read -r line <&4; echo "$line"
            echo 'two tok_live_5f2a' >&3; read -r line <&4; echo "$line"
            exec 3>&-; wait; echo $?
            """
        #expect(
            try home.process([]).runShell(script) == Outcome(0, output: "one [REDACTED]\ntwo [REDACTED]\n0\n"))
    }

    @Test func fullDiskIsAnError() throws {
        let home = try home()
        let outcome = try home.process([]).runShell(#"echo x | "$HUSH" redact >/dev/full; echo $?"#)
        #expect(outcome.output == "1\n")
        #expect(outcome.errors == "Error: The output could not be written (No space left on device).\n")
    }
}
