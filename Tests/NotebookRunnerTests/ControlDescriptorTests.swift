import RepeatableRandomness
import Testing

@testable import NotebookRunner

@Suite struct ControlDescriptorTests {
    @Test(arguments: [
        "for descriptor in 3..<100 { close(Int32(descriptor)) }",
        "var other: [Int32] = [0, 0]\nsocketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &other)\ndup2(other[0], 3)",
        "shutdown(3, Int32(SHUT_RDWR))",
    ])
    func programThatClosesItsControlDescriptorRunsOn(code: String) async throws {
        let observed = try await Laboratory().run(
            "import Glibc\nprint(\"one\")", "print(\"two\")\n\(code)\nprint(\"closed\")", "print(\"three\")",
            "display(4)\nprint(\"end\")"
        )
        let failure = try #require(observed.failure)
        #expect(failure.cell == 2)
        #expect(failure.message.contains("closed the descriptor"))
        #expect(observed.output(1) == "one\n")
        // Nobody says any more where a cell ends; nothing is lost, and nothing hangs.
        #expect(observed.output(2).hasPrefix("two\nclosed\nthree\n"))
        #expect(observed.output(2).hasSuffix("end\n"))
        #expect(observed.begun == [1, 2])
    }

    @Test(arguments: [
        "Array(\"text\".utf8)", "[0x7F, 0, 0, 0, 0]", "[0xF6, 0, 0, 0, 4, 0, 0, 0, 9]", "[0xF6, 0, 0, 0, 2, 0, 0]",
        "[0xF7, 0xFF, 0xFF, 0xFF, 0xFF]", "[0xF8, 0, 0, 0, 12, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]",
        "[0xF7, 0, 0, 0, 5, 0, 0, 0, 1, 65] + [0x02]", "Array(repeating: 0xEE, count: 100_000)",
    ])
    func programThatGarblesItsControlDescriptorRunsOn(bytes: String) async throws {
        let observed = try await Laboratory().run(
            "import Glibc\nprint(\"one\")",
            "let junk: [UInt8] = Array(\(bytes))\nprint(\"two\")\n_ = send(3, junk, junk.count, Int32(MSG_NOSIGNAL))",
            "print(\"three\")"
        )
        let failure = try #require(observed.failure)
        #expect(failure.cell == 2)
        #expect(failure.message.contains("descriptor by which hush follows it"))
        #expect((observed.output(2) + observed.output(3)).contains("three\n"))
        #expect(observed.begun == [1, 2])
    }

    @Test func programThatForgesTheEndOfACellCannotRunAheadOfIt() async throws {
        // The forged mark is taken for the cell's end; the real one is then garbled.
        let observed = try await Laboratory().run(
            "import Glibc\nlet mark: [UInt8] = [0xF6, 0, 0, 0, 4, 0, 0, 0, 1]\n_ = send(3, mark, mark.count, 0)",
            "print(\"two\")"
        )
        #expect(observed.failure != nil)
        #expect(observed.report.exitCode == 1)
    }

    @Test func programsThatTheNotebookStartsDoNotInheritTheDescriptor() async throws {
        let observed = try await Laboratory().run(
            """
            import Foundation
            let shell = Process()
            shell.executableURL = URL(fileURLWithPath: "/bin/sh")
            shell.arguments = ["-c", "[ -e /proc/$$/fd/3 ] && echo open; echo \\"<$HUSH_CONTROL_DESCRIPTOR>\\""]
            try shell.run()
            shell.waitUntilExit()
            """
        )
        #expect(observed.output(1) == "<>\n")
    }

    @Test func threadsThatWriteWhileACellEndsDoNotDelayIt() async throws {
        let observed = try await Laboratory().run(
            "import Foundation\nlet writer = Thread { while true { print(\"noise\") } }\nwriter.start()",
            "display(\"done\")"
        )
        #expect(observed.report.outcome == .succeeded)
        #expect(observed.displayed(2) == ["done"])
    }

    // MARK: The decoder

    private func frame(_ kind: UInt8, _ payload: [UInt8]) -> [UInt8] {
        [kind] + number(payload.count) + payload
    }

    private func number(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(value).bigEndian) { Array($0) }
    }

    private func text(_ text: String) -> [UInt8] {
        number(text.utf8.count) + text.utf8
    }

    @Test func messagesAreDecodedHoweverTheyAreCut() throws {
        let table = DisplayedTable(columns: ["a", "b"], rows: [["1", "ü"], ["", "3"]], rowsLeftOut: 7)
        let bytes =
            frame(0xF5, number(1)) + frame(0xF6, number(12)) + frame(0xF7, text("hi\n")) + frame(0xF7, text(""))
            + frame(
                0xF8,
                number(7) + number(2) + text("a") + text("b") + number(2) + text("1") + text("ü") + text("") + text("3")
            )
            + frame(0xF9, text("Boom") + text("why")) + frame(0xFA, text("value")) + frame(0xFB, text("day"))
            + frame(0xFC, number(11) + number(1) + [0, 0, 0, 0, 0, 0, 1, 2])
        let expected: [ControlMessage] = [
            .started(version: 1), .cellEnded(12), .text("hi\n"), .text(""), .table(table),
            .failed(type: "Boom", description: "why"), .exited("value"), .widget("day"),
            .crashed(signal: 11, addresses: [258]),
        ]
        for size in [1, 2, 3, 7, 64, bytes.count] {
            var decoder = ControlDecoder()
            var messages: [ControlMessage] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                decoder.append(Array(bytes[start..<min(start + size, bytes.count)]).span.bytes)
                while let message = try decoder.next() { messages.append(message) }
            }
            #expect(messages == expected)
        }
    }

    /// Whatever bytes come, the decoder ends with a failure or waits for more; it never traps.
    @Test func randomBytesNeverTrapTheDecoder() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        for round in 0..<20_000 {
            var decoder = ControlDecoder()
            var payload = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                // Mostly small numbers, which get further than others.
                UInt8.random(in: 0...(Bool.random(using: &generator) ? 3 : 255), using: &generator)
            }
            if round % 2 == 0 { payload = frame(UInt8.random(in: 0xF4...0xFD, using: &generator), payload) }
            decoder.append(payload.span.bytes)
            while let message = try? decoder.next() {
                if case .text(let text) = message { #expect(text.utf8.count <= 120, "seed \(seed)") }
            }
        }
    }
}
