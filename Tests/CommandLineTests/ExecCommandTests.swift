import Foundation
import Glibc
import Testing

/// `hush exec` in pipes: what the command finds, what comes out, and how it ends.
@Suite struct ExecCommandTests {
    static let value = "tok_live_5f2a"

    /// Executes a script of the shell as the workspace's administrator.
    private func exec(
        _ script: String,
        _ options: String...,
        in home: Home,
        input: HushProcess.Input = .text(""),
        environment: [String: String] = [:]
    ) throws -> Outcome {
        try home.process(["exec"] + options + ["--", "sh", "-c", script], environment).run(input)
    }

    // MARK: References

    @Test("Row 91: a reference as the whole value is resolved at the start, with the READ of the run's principal")
    func referenceIsResolved() throws {
        let home = try Home.withPayments()
        let outcome = try exec(
            #"printf '%s %s %s' "$KEY" "${#KEY}" "$PLAIN"; printf '%s' "$KEY" >&2"#,
            "--as", "ana@example.com", "--env", "KEY={{secrets/payments/api-key}}", "--env", "PLAIN={{ x }}", in: home)
        #expect(outcome == Outcome(0, output: "[REDACTED] 13 {{ x }}", errors: "[REDACTED]"))
        let readers = try home.succeed("audit", "who-read", "payments", "api-key")
        #expect(readers.contains(/ana@example\.com +1 +0 .* command/), "\(readers)")
    }

    @Test(
        "Row 92: a reference to what is missing or denied stops the start and names scope and key, never a value",
        arguments: [
            ("root@example.com", "{{secrets/payments/nothing}}", "scope payments and key nothing"),
            ("root@example.com", "{{secrets/nowhere/api-key}}", "scope nowhere and key api-key"),
            ("bob@example.com", "{{secrets/payments/api-key}}", "scope payments and key api-key"),
        ])
    func referenceThatCannotBeResolvedStopsTheStart(principal: String, reference: String, named: String) throws {
        let home = try Home.withPayments()
        try home.succeed("users", "create", "bob@example.com")
        let outcome = try exec("echo started", "--as", principal, "--env", "KEY=\(reference)", in: home)
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.hasPrefix("Error: KEY: The reference \(reference) to \(named) cannot be resolved. "))
        #expect(!outcome.errors.contains(Self.value))
    }

    @Test("Row 93: a secret that is updated later keeps its old value until the next start")
    func referenceKeepsItsValueUntilTheNextStart() throws {
        let home = try Home.withPayments()
        let gate = home.folder.path("gate")
        try #require(mkfifo(gate, 0o600) == 0)
        let call = home.process([
            "exec", "--env", "KEY={{secrets/payments/api-key}}", "--", "sh", "-c",
            "echo ready; read -r line < '\(gate)'; [ \"$KEY\" = \(Self.value) ] && echo old; [ \"$KEY\" = $line ] && echo new",
        ])
        let running = try RunningProcess(call)
        try #require(running.read { $0.contains("ready\n") })
        try home.succeed("secrets", "put-secret", "payments", "api-key", input: .text("rotated_9c1e"))
        try Data("rotated_9c1e\n".utf8).write(to: URL(fileURLWithPath: gate))
        #expect(running.read { $0.contains("old\n") || $0.contains("new\n") })
        #expect(running.output == "ready\nold\n")
        _ = HushProcess.wait(for: running.process)
        let next = try exec(
            "[ \"$KEY\" = rotated_9c1e ] && echo new", "--env", "KEY={{secrets/payments/api-key}}", in: home)
        #expect(next.output == "new\n")
    }

    @Test(arguments: [
        ("{{secret/payments/api-key}}", "{{secrets/payments/api-key}}"),
        ("{{ secrets/payments/api-key }}", "{{secrets/payments/api-key}}"),
        ("{{secrets/payments/api-key}", "{{secrets/payments/api-key}}"),
        ("${secrets/payments/api-key}", "{{secrets/payments/api-key}}"),
        ("{{Secrets/payments/api-key}}", "{{secrets/payments/api-key}}"),
        ("postgres://u:{{secrets/payments/api-key}}@h/d", "{{secrets/payments/api-key}}"),
    ])
    func misspeltReferenceStopsTheStart(text: String, meant: String) throws {
        let home = try Home.withPayments()
        let outcome = try exec("echo started", "--env", "KEY=\(text)", in: home)
        #expect(
            outcome
                == Outcome(
                    1,
                    errors: "Error: KEY is not a reference to a secret. Did you mean \(meant), as the whole value?\n"))
    }

    @Test func ambiguousReferenceNamesWhatItMayMean() throws {
        let home = try Home.withPayments()
        try home.succeed("secrets", "create-scope", "payments/eu")
        let outcome = try exec("echo started", "--env", "KEY={{secrets/payments/eu/key}}", in: home)
        #expect(outcome.status == 1 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("scope payments and key eu/key, or scope payments/eu and key key"))
    }

    // MARK: Variables

    @Test func variablesComeFromFilesAndTheCommandLine() throws {
        let home = try Home.withPayments()
        let first = try home.folder.write(
            """
            # a comment

            export A=one
            B = "two words"
            C=a=b # kept
            KEY={{secrets/payments/api-key}}
            """.replacingOccurrences(of: "B = ", with: "B="), to: "first.env")
        let second = try home.folder.write("A='three'\r\nD=\n", to: "second.env")
        let outcome = try exec(
            #"printf '%s|' "$A" "$B" "$C" "$D" "$E" "${#KEY}""#,
            "--env-file", first, "--env-file", second, "--env", "E=x=y", in: home)
        #expect(outcome == Outcome(0, output: "three|two words|a=b # kept||x=y|13|"))
    }

    @Test(arguments: [
        ("A=1\nnonsense\n", "is wrong in line 2: there is no = in it. Write NAME=VALUE."),
        (
            "A=1\n2B=tok_live\n",
            "is wrong in line 2: what stands before the = is no name of a variable. Write NAME=VALUE."
        ),
    ])
    func wrongFileIsNamedWithItsLine(text: String, message: String) throws {
        let home = try Home.withPayments()
        let file = try home.folder.write(text, to: "wrong.env")
        let outcome = try exec("echo started", "--env-file", file, in: home)
        #expect(outcome == Outcome(1, errors: "Error: The file \(file) \(message)\n"))
        let missing = try exec("echo started", "--env-file", "/nowhere/x.env", in: home)
        #expect(
            missing
                == Outcome(1, errors: "Error: The file /nowhere/x.env cannot be read (No such file or directory).\n"))
    }

    @Test func credentialsOfOtherClientsAreTakenOutAndNoneCanBePutIn() throws {
        let home = try Home.withPayments()
        let stray = ["DATABRICKS_CLIENT_ID": "stray", "ARM_CLIENT_SECRET": "stray", "HTTP_PROXY": "http://192.0.2.1:1"]
        let outcome = try exec(
            "env | grep -E '^(DATABRICKS|ARM|HUSH|NO_PROXY|no_proxy|HTTP_PROXY)' | sed 's/=.*//' | sort",
            in: home, environment: stray)
        #expect(
            outcome.output.split(separator: "\n") == [
                "DATABRICKS_AUTH_TYPE", "DATABRICKS_CONFIG_FILE", "DATABRICKS_HOST", "DATABRICKS_TOKEN", "HTTP_PROXY",
                "HUSH_CHILD", "NO_PROXY", "no_proxy",
            ])
        let given = try exec("echo started", "--env", "DATABRICKS_HOST=x", in: home)
        #expect(given.status == 1 && given.output.isEmpty && given.errors.hasPrefix("Error: DATABRICKS_HOST cannot be"))
    }

    // MARK: The broker

    @Test func hushInsideTheRunTalksToTheBroker() throws {
        let home = try Home.withPayments()
        let script = """
            "$0" secrets get-secret payments api-key --raw
            "$0" secrets put-secret payments other --string-value x; echo $?
            "$0" status; echo $?
            "$0" exec -- true; echo $?
            """
        let outcome = try home.process([
            "exec", "--as", "ana@example.com", "--", "sh", "-c", script, HushProcess.executable,
        ]).run()
        #expect(outcome.output == "[REDACTED]1\n1\n1\n")
        let refusals = outcome.errors.split(separator: "\n")
        #expect(refusals.count == 3 && refusals[0].contains("put"), "\(refusals)")
        #expect(refusals.dropFirst().allSatisfy { $0.contains("which a run cannot reach") }, "\(refusals)")
    }

    @Test func writingIsAllowedOnlyWhenAskedFor() throws {
        let home = try Home.withPayments()
        let put = ["--", HushProcess.executable, "secrets", "put-secret", "payments", "new"]
        #expect(try home.process(["exec"] + put).run(.text("first_value")).status == 1)
        #expect(try home.process(["exec", "--allow-write"] + put).run(.text("second_value")) == Outcome(0))
        #expect(try home.succeed("secrets", "get-secret", "payments", "new", "--raw") == "second_value")
    }

    @Test func valueThatWasReadOverTheBrokerIsRedactedFromThenOn() throws {
        let home = try Home.withPayments()
        let script = #"echo tok_live_5f2a; KEY=$("$0" secrets get-secret payments api-key --raw); echo "$KEY$KEY" é"#
        let outcome = try home.process(["exec", "--", "sh", "-c", script, HushProcess.executable]).run()
        #expect(outcome == Outcome(0, output: "tok_live_5f2a\n[REDACTED][REDACTED] é\n"))
        #expect(try tokensAreRevoked(in: home))
    }

    @Test func explainTellsSecretFormCountAndLinesWithoutValues() throws {
        let home = try Home.withPayments()
        let outcome = try exec(
            #"echo; echo "$KEY $KEY"; echo "$KEY"; echo "$KEY" >&2"#,
            "--explain", "--env", "KEY={{secrets/payments/api-key}}", in: home)
        #expect(
            outcome
                == Outcome(
                    0, output: "\n[REDACTED] [REDACTED]\n[REDACTED]\n",
                    errors: """
                        [REDACTED]
                        Redacted payments/api-key (literal) 3 times in standard output, on lines 2, 3.
                        Redacted payments/api-key (literal) once in standard error, on line 1.

                        """))
        #expect(try exec("echo x", "--explain", in: home) == Outcome(0, output: "x\n", errors: "Redacted nothing.\n"))
    }

    // MARK: Streams

    @Test func everyByteOfEveryStreamPasses() throws {
        let home = try Home.withPayments()
        var bytes = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) })
        bytes += [0xFF, 0xC3, 0x28]
        let file = home.folder.path("bytes")
        try bytes.write(to: URL(fileURLWithPath: file))
        let outcome = try home.process([]).runShell(
            """
            "$HUSH" exec -- sh -c 'tee /dev/stderr' <'\(file)' >'\(file).1' 2>'\(file).2'
            cmp '\(file)' '\(file).1' && cmp '\(file)' '\(file).2' && echo same
            """)
        #expect(outcome == Outcome(0, output: "same\n"))
    }

    @Test func standardInputIsTheCommandsAlone() throws {
        let home = try Home.withPayments()
        let outcome = try home.process([]).runShell(
            #"printf 'one\ntwo\n' | { "$HUSH" exec -- sh -c 'read -r line; echo "command: $line"'; echo "rest: $(cat)"; }"#
        )
        #expect(outcome == Outcome(0, output: "command: one\nrest: two\n"))
        #expect(try exec("cat; echo end", in: home, input: .closed) == Outcome(0, output: "end\n"))
    }

    @Test func readerThatGoesAwayEndsACommandThatWritesOn() throws {
        let home = try Home.withPayments()
        let endless = try home.process([]).runShell(#""$HUSH" exec -- yes | head -2; echo ${PIPESTATUS[0]}"#)
        #expect(endless == Outcome(0, output: "y\ny\n141\n"))
        // One that has nothing more to say goes on, as without us.
        let done = home.folder.path("done")
        let silent = try home.process([]).runShell(
            #""$HUSH" exec -- sh -c 'echo x; cat /dev/fd/0 >/dev/null; echo y >"$0"; exit 7' '\#(done)' | true; echo ${PIPESTATUS[0]}"#
        )
        #expect(silent == Outcome(0, output: "7\n"))
        #expect(try home.folder.bytes(of: "done") == Array("y\n".utf8))
        #expect(try tokensAreRevoked(in: home))
    }

    @Test func outputThatNobodyTakesKeepsNobodyFromTheOtherOne() throws {
        let home = try Home.withPayments()
        // More than the pipes hold, to a reader that waits for the end of the other stream.
        let outcome = try home.process([]).runShell(
            """
            mkfifo '\(home.folder.path("out"))' '\(home.folder.path("err"))'
            "$HUSH" exec -- sh -c 'head -c 100000 /dev/zero & head -c 300000 /dev/zero >&2; exec 2>&-; wait' \
                >'\(home.folder.path("out"))' 2>'\(home.folder.path("err"))' &
            exec 3<'\(home.folder.path("out"))' 4<'\(home.folder.path("err"))'
            head -c 300000 <&4 | wc -c; wc -c <&3
            """)
        #expect(outcome == Outcome(0, output: "300000\n100000\n"))
    }

    // MARK: Endings

    @Test(arguments: [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", 137), ("kill -SEGV $$", 139)])
    func exitCodeAndSignalArePassedOn(script: String, status: Int32) throws {
        let home = try Home.withPayments()
        #expect(try exec(script, in: home) == Outcome(status))
        #expect(try tokensAreRevoked(in: home))
    }

    @Test func commandsThatCannotBeExecutedAreToldApart() throws {
        let home = try Home.withPayments()
        let plain = try home.folder.write("echo from a script\n", to: "plain")
        let stray = try home.folder.write("#!/nowhere/interpreter\n", to: "stray")
        #expect(
            try home.hush("exec", "--", "hush-no-such-command")
                == Outcome(
                    127,
                    errors: "Error: The command hush-no-such-command was not found. Check its name and the PATH.\n"))
        #expect(
            try home.hush("exec", "--", "/nowhere/x")
                == Outcome(127, errors: "Error: The command /nowhere/x was not found. Check its path.\n"))
        let refused = "cannot be executed (Permission denied). Check its mode.\n"
        #expect(try home.hush("exec", "--", plain) == Outcome(126, errors: "Error: The command \(plain) \(refused)"))
        #expect(
            try home.hush("exec", "--", "plain", environment: ["PATH": home.folder.path])
                == Outcome(126, errors: "Error: The command plain \(refused)"))
        chmod(plain, 0o700)
        chmod(stray, 0o700)
        #expect(try home.hush("exec", "--", plain) == Outcome(0, output: "from a script\n"))
        #expect(
            try home.hush("exec", "--", stray)
                == Outcome(
                    126,
                    errors: "Error: The command \(stray) cannot be executed: "
                        + "the interpreter that its first line names is missing.\n"))
        #expect(try tokensAreRevoked(in: home))
    }

    @Test func commandThatTakesTooLongExitsWith124() throws {
        let home = try Home.withPayments()
        let outcome = try exec("echo begun; exec sleep 1000", "--timeout", "2", in: home)
        #expect(outcome.status == 124 && outcome.errors == "Error: The time was up. Raise --timeout.\n")
        #expect(try tokensAreRevoked(in: home))
    }

    @Test(arguments: [
        // A command that handles a signal ends as it likes, one that does not ends of it.
        ("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done", SIGTERM, 5),
        ("trap 'exit 6' INT; echo ready; while :; do sleep 0.05; done", SIGINT, 6),
        ("trap 'exit 8' USR1; echo ready; while :; do sleep 0.05; done", SIGUSR1, 8),
        ("echo ready; exec sleep 1000", SIGTERM, 128 + SIGTERM), ("echo ready; exec sleep 1000", SIGHUP, 128 + SIGHUP),
    ])
    func signalsReachTheCommand(script: String, signal: Int32, status: Int32) throws {
        let home = try Home.withPayments()
        let running = try RunningProcess(home.process(["exec", "--", "sh", "-c", script]))
        try #require(running.read { $0.contains("ready\n") })
        #expect(running.end(by: signal) == status)
        #expect(try tokensAreRevoked(in: home))
    }

    /// Where no shell controls jobs, stopping a command and letting it go on is between those two.
    @Test func commandThatIsStoppedAndGoesOnIsLeftAlone() throws {
        let home = try Home.withPayments()
        var call = home.process(["exec", "--", "sh", "-c", "echo $$; kill -STOP $$; echo on; exit 3"])
        call.wrapper = ["setsid"]
        let running = try RunningProcess(call)
        try #require(running.read { $0.hasSuffix("\n") })
        let command = try #require(pid_t(running.output.dropLast()))
        func state() -> String {
            let status = (try? String(contentsOfFile: "/proc/\(command)/stat", encoding: .utf8)) ?? ""
            return status.split(separator: " ").dropFirst(2).first.map(String.init) ?? ""
        }
        while state() != "T" { sched_yield() }
        kill(command, SIGCONT)
        #expect(running.read { $0.hasSuffix("on\n") })
        #expect(HushProcess.wait(for: running.process) == 3)
    }

    @Test func whoeverIgnoresTheEndOfChildrenStillLearnsTheStatus() throws {
        let home = try Home.withPayments()
        // As some programs start theirs.
        let script = """
            import os, signal, sys
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            os.execv(sys.argv[1], sys.argv[1:])
            """
        var call = home.process(["exec", "--", "sh", "-c", "exit 9"])
        call.wrapper = ["python3", "-c", script]
        #expect(try call.run() == Outcome(9))
    }

    @Test func whatTheCommandLeavesBehindEndsWithIt() throws {
        let home = try Home.withPayments()
        // In a session of its own, and without the environment that it was given.
        let script = """
            sleep 1000 & echo $!
            setsid env -i /bin/sh -c 'echo $$ >"$0"; exec sleep 1000' "$0" >/dev/null 2>&1 &
            while [ ! -s "$0" ]; do sleep 0.02; done; cat "$0"
            """
        let outcome = try home.process(["exec", "--", "sh", "-c", script, home.folder.path("pid")]).run()
        let processes = outcome.output.split(separator: "\n").compactMap { pid_t($0) }
        #expect(outcome.status == 0 && processes.count == 2, "\(outcome)")
        for process in processes { #expect(kill(process, 0) != 0 && errno == ESRCH) }
    }

    // MARK: Usage

    @Test(arguments: [
        ([], "exec wants a command behind --. Write for example hush exec -- python3 job.py"),
        (["--env", "novalue", "--", "true"], "--env wants NAME=VALUE. Write for example --env REGION=eu"),
        (["--env", "1A=x", "--", "true"], "--env wants NAME=VALUE. Write for example --env REGION=eu"),
        (
            ["--timeout", "0", "--", "true"],
            "--timeout wants a number of seconds greater than 0, such as --timeout 60"
        ),
    ])
    func wrongUsageExitsWith64(arguments: [String], message: String) throws {
        let home = try Home(isInitialized: false)
        let outcome = try home.process(["exec"] + arguments).run()
        #expect(outcome == Outcome(64, errors: "Error: \(message)\n"))
    }

    @Test func valuesOfVariablesVanishFromTheArguments() throws {
        let home = try Home.withPayments()
        let running = try RunningProcess(
            home.process(["exec", "--env", "A=tok_other_77", "--", "sh", "-c", "echo ready; exec sleep 1000"]))
        try #require(running.read { $0.contains("ready\n") })
        let arguments = try Data(contentsOf: URL(fileURLWithPath: "/proc/\(running.process)/cmdline"))
        #expect(arguments.firstRange(of: Data("exec".utf8)) != nil)
        #expect(arguments.firstRange(of: Data("tok_other_77".utf8)) == nil)
        #expect(running.end(by: SIGTERM) == 128 + SIGTERM)
    }

    /// Every token that was made for a run was revoked at its end.
    private func tokensAreRevoked(in home: Home) throws -> Bool {
        let rows = try home.succeed("audit", "events", "-o", "json").split(separator: "\n")
        let made = rows.filter { $0.contains(#""actionName":"createToken""#) }.count
        return made > 0 && rows.filter { $0.contains(#""actionName":"revokeToken""#) }.count == made
    }
}
