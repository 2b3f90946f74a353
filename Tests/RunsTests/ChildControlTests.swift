import Runs
import Testing

@Suite struct ChildControlTests {
    @Test func childTalksOverTheControlDescriptor() async throws {
        let script = "echo hello >&3; read -r answer <&3; echo \"got $answer on $HUSH_CONTROL_DESCRIPTOR\""
        let result = try await runShell(script, answer: Array("there\n".utf8)) { $0.hasControlDescriptor = true }
        #expect(result.controlText == "hello\n")
        #expect(result.text == "got there on 3\n")
    }

    @Test func outputWrittenBeforeAMessageIsDrainedBeforeItsAnswer() async throws {
        let script = "head -c 40000 /dev/zero; echo x >&3; read -r answer <&3; echo after"
        let result = try await runShell(script, answer: Array("go\n".utf8)) { $0.hasControlDescriptor = true }
        #expect(result.outputAtControl?.after == 40000)
        #expect(result.output.count == 40000 + "after\n".utf8.count)
    }

    @Test func messageOfAChildThatDiesAtOnceArrives() async throws {
        let result = try await runShell("echo last words >&3; kill -KILL $$") { $0.hasControlDescriptor = true }
        #expect(result.controlText == "last words\n")
    }

    @Test func childThatClosesTheControlDescriptorRunsOn() async throws {
        let result = try await runShell("exec 3>&-; echo still here") { $0.hasControlDescriptor = true }
        #expect(result.text == "still here\n")
        #expect(result.ending.status == .exited(0))
    }

    @Test func childThatDoesNotReadItsAnswersDoesNotStopUs() async throws {
        let answer = [UInt8](repeating: UInt8(ascii: "x"), count: 1_000_000)
        let result = try await runShell("echo a >&3; echo b >&3; echo done", answer: answer) {
            $0.hasControlDescriptor = true
        }
        #expect(result.text == "done\n")
    }

    @Test func silenceIsNoticedOnceWhenWatched() async throws {
        // The child goes on only when it has been told that it was silent.
        let script = "echo x >&3; printf a; read -r answer <&3; printf $answer"
        let result = try await runShell(script, watchesIdleness: true) { $0.hasControlDescriptor = true }
        #expect(result.text == "aidle")
        let unwatched = try await runShell("printf a; printf b")
        #expect(unwatched.idleCount == 0)
    }
}
