import Glibc
import Testing

@testable import DBUtils

@Suite struct ControlChannelTests {
    // Programs that other tests start meanwhile must not hold an end open.
    private static let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    /// A channel, and the runner's end of it.
    private func makeChannel() throws -> (channel: ControlChannel, runner: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Self.kind, 0, &ends) == 0)
        return (try #require(ControlChannel(descriptor: ends[0])), ends[1])
    }

    private func received(_ descriptor: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1000)
        return Array(bytes[..<max(0, recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)))])
    }

    @Test func widgetIsAskedFor() throws {
        let (channel, runner) = try makeChannel()
        defer { close(runner) }
        // The answers lie ready before the questions.
        let answers: [UInt8] =
            [0x82, 0, 0, 0, 6, 0, 0, 0, 2, 0x68, 0x69]
            + [0x83, 0, 0, 0, 14, 0, 0, 0, 2, 0, 0, 0, 1, 0x62, 0, 0, 0, 1, 0x61]
        try #require(send(runner, answers, answers.count, 0) == answers.count)
        let widgets = WidgetUtilities { channel }
        #expect(try widgets.get("day") == "hi")
        #expect(received(runner) == [0xFB, 0, 0, 0, 7, 0, 0, 0, 3] + Array("day".utf8))
        let error = #expect(throws: DBUtilsError.self) { try widgets.get("x") }
        #expect(
            error?.description
                == "UNKNOWN_WIDGET: no widget is named x; the run has a, b. Pass it with --param x=VALUE."
        )
    }

    @Test func channelWhoseOtherEndIsGoneDoesNothing() throws {
        let (channel, runner) = try makeChannel()
        close(runner)
        #expect(channel.exchange(ControlFrame(.cellEnded)) == nil)
        #expect(throws: DBUtilsError.self) { try WidgetUtilities { channel }.get("x") }
    }

    @Test func garbledAnswerEndsTheChannel() throws {
        let (channel, runner) = try makeChannel()
        defer { close(runner) }
        let garbage: [UInt8] = [0x7F, 0, 0, 0, 0, 0x81, 0, 0, 0, 0]
        try #require(send(runner, garbage, garbage.count, 0) == garbage.count)
        #expect(channel.exchange(ControlFrame(.cellEnded)) == nil)
        _ = received(runner)
        #expect(channel.exchange(ControlFrame(.cellEnded)) == nil)
        #expect(received(runner).isEmpty)
    }

    @Test func fileThatTookTheDescriptorsNumberIsNotWrittenTo() throws {
        let (channel, runner) = try makeChannel()
        defer { close(runner) }
        var others: [Int32] = [-1, -1]
        try #require(socketpair(AF_UNIX, Self.kind, 0, &others) == 0)
        defer { others.forEach { close($0) } }
        dup2(others[0], channel.descriptor)
        #expect(channel.exchange(ControlFrame(.cellEnded)) == nil)
        #expect(received(others[1]).isEmpty)
    }

    @Test func descriptorThatIsNoSocketIsNoChannel() {
        let file = open("/dev/null", O_RDWR)
        defer { close(file) }
        #expect(ControlChannel(descriptor: file) == nil)
        #expect(ControlChannel(descriptor: 9999) == nil)
    }

    @Test func framesHaveTheDocumentedForm() {
        var frame = ControlFrame(.failed)
        frame.append("Boom")
        frame.append(258)
        #expect(frame.bytes == [0xF9, 0, 0, 0, 12, 0, 0, 0, 4, 0x42, 0x6F, 0x6F, 0x6D, 0, 0, 1, 2])
    }

    @Test func textsAndNumbersAreReadBack() {
        var frame = ControlFrame(.text)
        let texts = ["", "a", "ü🔑\0\n", String(repeating: "x", count: 70_000)]
        texts.forEach { frame.append($0) }
        frame.append(0)
        frame.append(Int(UInt32.max))
        var payload = ControlPayload(frame.payload)
        #expect(texts.map { _ in payload.text() } == texts)
        #expect(payload.number() == 0)
        #expect(payload.number() == Int(UInt32.max))
        #expect(payload.number() == nil)
        #expect(payload.text() == nil)
    }

    @Test(arguments: [[], [0, 0, 0], [0, 0, 0, 2, 0x61], [0xFF, 0xFF, 0xFF, 0xFF, 0x61]] as [[UInt8]])
    func payloadThatEndsEarlyHoldsNoText(bytes: [UInt8]) {
        var payload = ControlPayload(bytes)
        #expect(payload.text() == nil)
    }

    @Test(
        arguments: [
            [0x81, 0, 0, 0, 0], [0x82, 0, 0, 0, 0], [0x82, 0, 0, 0, 4, 0, 0, 0, 9], [0xF9, 0, 0, 0, 0],
        ] as [[UInt8]])
    func answerThatIsNoWidgetIsMalformed(answer: [UInt8]) throws {
        let (channel, runner) = try makeChannel()
        defer { close(runner) }
        try #require(send(runner, answer, answer.count, 0) == answer.count)
        let error = #expect(throws: DBUtilsError.self) { try WidgetUtilities { channel }.get("day") }
        #expect(error?.errorCode == "MALFORMED_RESPONSE")
    }

    @Test func widgetOutsideARunSaysWhatToDo() throws {
        let error = #expect(throws: DBUtilsError.self) { try WidgetUtilities { nil }.get("day") }
        #expect(error?.description == "NOT_IN_A_RUN: there is no run to ask. Run this notebook with `hush run`.")
    }

    @Test func runWithoutParametersSaysSo() throws {
        let (channel, runner) = try makeChannel()
        defer { close(runner) }
        let answer: [UInt8] = [0x83, 0, 0, 0, 4, 0, 0, 0, 0]
        try #require(send(runner, answer, answer.count, 0) == answer.count)
        let error = #expect(throws: DBUtilsError.self) { try WidgetUtilities { channel }.get("day") }
        #expect(
            error?.description
                == "UNKNOWN_WIDGET: no widget is named day; the run has none. Pass it with --param day=VALUE."
        )
    }

    /// Frames of several threads come whole, one after the other, and each thread gets the answer to its own.
    @Test func threadsTakeTurns() async throws {
        let (channel, runner) = try makeChannel()
        let echo = EchoingRunner(descriptor: runner)
        startThread { echo.answerUntilClosed() }
        await withTaskGroup { group in
            for thread in 0..<8 {
                group.addTask {
                    let widgets = WidgetUtilities { channel }
                    for round in 0..<50 {
                        // Long enough to be cut by the socket.
                        let name = "\(thread).\(round)." + String(repeating: "x", count: round * 1000)
                        #expect((try? widgets.get(name)) == name)
                    }
                }
            }
        }
        shutdown(channel.descriptor, Int32(SHUT_RDWR))
        close(channel.descriptor)
    }
}

/// A runner's end on which the value of every widget is its name.
private struct EchoingRunner {
    let descriptor: Int32

    func answerUntilClosed() {
        defer { close(descriptor) }
        while let header = receive(5), header[0] == 0xFB {
            let length = header[1...].reduce(0) { $0 << 8 | Int($1) }
            guard let payload = receive(length) else { return }
            let answer = [0x82] + header[1...] + payload
            guard send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else { return }
        }
    }

    private func receive(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        guard recv(descriptor, &bytes, count, Int32(MSG_WAITALL)) == count else { return nil }
        return bytes
    }
}
