import Redaction
import Runs
import SecretMemory
import Synchronization
import Testing

@Suite struct RedactedOutputTests {
    private let pool = SecretPool()

    /// Shows what a child wrote through a redactor that knows `value`; returns both outputs and what had been shown
    /// when the child first fell silent.
    private func show(_ script: String, hiding value: String, onTerminal: Bool = false) async throws -> Shown {
        let redactor = Redactor(pool: pool)
        try redactor.add(SecretBytes(copying: Array(value.utf8).span.bytes, in: pool))
        var command = ChildCommand(
            .file("/bin/sh"),
            arguments: ["sh", "-c", script],
            environment: ChildEnvironment(["PATH": "/usr/bin:/bin"])
        )
        command.hasControlDescriptor = true
        return try await ChildProcess.run(command) { RedactingObserver(redactor, onTerminal: onTerminal) }
    }

    @Test func valueSplitAcrossWritesIsRedacted() async throws {
        let script = "printf 'a tok_l'; printf 'ive_9'; printf 'f3a b'; printf 'tok_live_9f3a' >&2; printf 'tok_' >&2"
        let shown = try await show(script, hiding: "tok_live_9f3a")
        #expect(shown.output == "a [REDACTED] b")
        #expect(shown.error == "[REDACTED]tok_")
    }

    @Test func outputsAreRedactedEachForItself() async throws {
        let shown = try await show("printf tok_live; printf _9f3a >&2", hiding: "tok_live_9f3a")
        #expect(shown.output == "tok_live")
        #expect(shown.error == "_9f3a")
    }

    @Test func promptAppearsOnATerminalAndTheRestOfTheValueStaysHidden() async throws {
        // On the terminal the child goes on only when it has been told that it was silent.
        let script = "echo x >&3; printf 'name? to'; read -r answer <&3; printf 'k_live_9f3a'"
        let terminal = try await show(script, hiding: "tok_live_9f3a", onTerminal: true)
        #expect(terminal.firstIdle == "name? to")
        #expect(terminal.output == "name? to[REDACTED]")
        let file = try await show("printf 'name? to'; printf 'k_live_9f3a'", hiding: "tok_live_9f3a")
        #expect(file.output == "name? [REDACTED]")
    }
}

private struct Shown: Sendable {
    var output = ""
    var error = ""
    var firstIdle: String?
}

private final class RedactingObserver: ChildObserver {
    private final class Box {
        var shown = Shown()
    }

    private let box = Box()
    private let output: RedactedOutput
    private weak var control: (any ChildControl)?
    let watchesIdleness: Bool

    init(_ redactor: Redactor, onTerminal: Bool) {
        self.watchesIdleness = onTerminal
        self.output = RedactedOutput(redactor: redactor, isTerminal: onTerminal) { [box] stream, bytes in
            let text = bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
            switch stream {
            case .standardOutput: box.shown.output += text
            case .standardError: box.shown.error += text
            }
        }
    }

    func received(_ bytes: RawSpan, from stream: StandardStream) {
        output.feed(bytes, from: stream)
    }

    func becameIdle() {
        output.releaseIdle()
        if box.shown.firstIdle == nil { box.shown.firstIdle = box.shown.output }
        control?.send(Array("idle\n".utf8))
    }

    func received(_ bytes: RawSpan, control: any ChildControl) {
        self.control = control
    }

    func ended(_ ending: ChildEnding) -> Shown {
        output.finish()
        return box.shown
    }
}
