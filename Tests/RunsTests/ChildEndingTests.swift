import Glibc
import Runs
import Testing

@Suite struct ChildEndingTests {
    @Test func childThatOutlivesItsTimeoutIsAskedToEnd() async throws {
        let result = try await runShell("exec sleep 1000") { $0.timeout = .milliseconds(50) }
        #expect(result.ending == ChildEnding(status: .signaled(SIGTERM), cause: .timeout))
    }

    @Test func cancellationAsksTheChildToEnd() async throws {
        let result = try await runShellUntilItWrites("echo started; exec sleep 1000", grace: .seconds(60))
        #expect(result.ending == ChildEnding(status: .signaled(SIGTERM), cause: .cancellation))
        #expect(result.text == "started\n")
    }

    @Test func childThatDoesNotEndWhenAskedIsKilled() async throws {
        let script = "trap '' TERM; echo started; while :; do sleep 1000; done"
        let result = try await runShellUntilItWrites(script, grace: .milliseconds(50))
        #expect(result.ending == ChildEnding(status: .signaled(SIGKILL), cause: .cancellation))
    }

    @Test func childThatHandlesItsEndEndsAsItLikes() async throws {
        let script = "trap 'echo bye; exit 3' TERM; echo started; while :; do sleep 0.01; done"
        let result = try await runShellUntilItWrites(script, grace: .seconds(60))
        #expect(result.ending == ChildEnding(status: .exited(3), cause: .cancellation))
        #expect(result.text == "started\nbye\n")
    }

    @Test func childThatIsStoppedEndsToo() async throws {
        let result = try await runShellUntilItWrites("echo started; kill -STOP $$", grace: .seconds(60))
        #expect(result.ending == ChildEnding(status: .signaled(SIGTERM), cause: .cancellation))
    }

    @Test(arguments: [
        // In its group, willing or not.
        "sleep 1000 & echo $!",
        "(trap '' TERM; while :; do sleep 1000; done) & echo $!",
        // In a session of its own, and one below another.
        "echo $(setsid sh -c 'echo $$; exec sleep 1000 >/dev/null' &)",
        "echo $(setsid sh -c 'setsid sleep 1000 >/dev/null & echo $$ $!; exec sleep 1000 >/dev/null' &)",
    ])
    func nothingOutlivesTheChild(script: String) async throws {
        let result = try await runShell(script)
        #expect(result.ending == ChildEnding(status: .exited(0), cause: .program))
        let pids = result.text.split(whereSeparator: \.isWhitespace).compactMap { pid_t($0) }
        #expect(!pids.isEmpty)
        for pid in pids {
            #expect(kill(pid, 0) == -1 && errno == ESRCH, "process \(pid) is still there")
        }
    }

    @Test func otherChildrenOfThisProcessAreLeftAlone() async throws {
        let (output, continuation) = AsyncStream<Void>.makeStream()
        let other = Task {
            let command = ChildCommand(
                .file("/bin/sh"),
                arguments: ["sh", "-c", "echo started; exec setsid -w sleep 1000"],
                environment: ChildEnvironment(["PATH": "/usr/bin:/bin"])
            )
            return try await ChildProcess.run(command) { ChildCollector(onOutput: { continuation.yield() }) }
        }
        for await _ in output { break }
        _ = try await runShell("setsid sleep 1000 & true")
        other.cancel()
        let ending = try await other.value.ending
        // Had the end of the first run reached it, it would have been killed, and not been asked to end.
        #expect(ending == ChildEnding(status: .signaled(SIGTERM), cause: .cancellation))
    }

    @Test func outputThatADescendantHoldsOpenDoesNotDelayTheEnd() async throws {
        let result = try await runShell("setsid sleep 1000 & echo done")
        #expect(result.text == "done\n")
    }
}
